"""Collect: files into raw, exactly as received; the same content a second time adds nothing."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from interactions.sources import names, raw
from interactions.sources.archives import Piece, pieces
from interactions.sources.batches import Content
from interactions.sources.files import content_hash, read_file
from interactions.sources.mapping import TableMapping, load, resolve
from interactions.sources.paths import files_of
from interactions.sources.received import Opened, Received, refuse, same_bytes, write
from interactions.sources.seen import Seen, stamp
from workspace.collected import COLLECTED
from workspace.errors import MappingError, RapportError, SourceError
from workspace.folder import Workspace
from workspace.progress import Progress, silent
from workspace.tables import TABLES, TIMESTAMP

if TYPE_CHECKING:
    from interactions.cleaning.preview import Preview

__all__ = ["Received", "collect", "default_source", "laid_on", "preview"]

_SPOOL = "collect-"


def collect(
    workspace: Workspace,
    paths: Sequence[Path],
    table: str,
    mapping: Path | None = None,
    source: str | None = None,
    progress: Progress = silent,
    collected_at: datetime | None = None,
) -> list[Received]:
    """Receive the rows of files for `table`; nothing is written unless all of them can be.

    `paths` may be patterns, folders (their files) and zip archives (the files in them). A file that looks as it did
    when it was last collected by the same mapping is not read again. Without `mapping` the one in force for that source
    goes on, else the columns are matched by name. `source` is the folder and name of each file unless given. A mapping
    other than the one in force for that source and table takes its place, and the next clean rebuilds what came from
    it. `collected_at` is now unless given (a rebuilt workspace keeps its times). Not locked here: the caller holds the
    workspace.

    Raises SourceError for files that are missing, empty or can't be read, MappingError for a mapping that doesn't fit;
    one message names them all.
    """
    given = _given(table, mapping)
    seen = Seen(workspace.raw)
    files = files_of(paths)
    looked = {path: stamp(path) for path in files}
    received: dict[Path, list[Received]] = {}
    _remove_left_over(workspace.temp)
    with tempfile.TemporaryDirectory(prefix=_SPOOL, dir=workspace.temp) as temp:
        opened: list[Opened] = []
        failed: list[RapportError] = []
        for number, path in enumerate(files):
            progress(path.name, number / max(2 * len(files), 1))
            unchanged = _unchanged(workspace, seen, path, table, given, source)
            if unchanged is not None:
                received[path] = unchanged
                continue
            try:
                for one in _open(workspace, path, table, given, source, Path(temp)):
                    _check_against_earlier(workspace, one)
                    opened.append(one)
            except RapportError as error:
                failed.append(error)
        refuse(failed, len(files))
        write(workspace, opened, table, collected_at, progress, received)
    for path in {one.given: None for one in opened}:
        of_path = [one for one in opened if one.given == path]
        rows = [one.rows for one in received[path]]
        seen.note(path, table, source, looked[path], [_noted(*pair) for pair in zip(of_path, rows, strict=True)])
    if opened:
        seen.keep()
    return [one for path in files for one in received[path]]


def preview(workspace: Workspace, paths: Sequence[Path], table: str, mapping: Path | None = None) -> Preview:
    """What collecting the first file would give: how it is written, which columns match, its first rows before and
    after cleaning, and what would be refused. Writes nothing that stays."""
    from interactions.cleaning.preview import preview_rows  # cleaning brings in Ibis, a second that collect spares

    if not paths:
        raise SourceError("No file was given. Name at least one.")
    with tempfile.TemporaryDirectory(prefix="preview-", dir=workspace.temp) as temp:
        opened = next(_open(workspace, files_of(paths)[0], table, _given(table, mapping), None, Path(temp)))
        laid = laid_on(opened.mapping, opened.content.columns, opened.piece.name)
        return preview_rows(workspace.settings, opened.piece.name, opened.content, laid)


def default_source(path: Path) -> str:
    """A name that is the same each time the same file is collected: its folder and name."""
    full = path.resolve()
    return f"{full.parent.name}/{full.name}" if full.parent.name else full.name


def _given(table: str, path: Path | None) -> TableMapping | None:
    if table not in COLLECTED:
        raise SourceError(f"There is no table `{table}` to collect into; there are {', '.join(COLLECTED)}.")
    return load(path, table) if path is not None else None


def laid_on(mapping: TableMapping, columns: Sequence[str], file: str) -> TableMapping:
    """The mapping for a file of these columns: as given, or as their names suggest.

    Raises MappingError where it doesn't fit them, or leaves out what no row can be without.
    """
    found = names.fitted(mapping, columns, file)
    resolve(found, columns, file)
    _check_required(found, file)
    return found


def _check_required(mapping: TableMapping, file: str) -> None:
    missing = [needed for needed in names.REQUIRED[mapping.table] if needed not in mapping.columns]
    if missing:
        raise MappingError(
            f"The mapping says nothing about {mapping.table}.{missing[0]}, without which no row of {file} can be kept. "
            f"Add it under [{mapping.table}.columns]."
        )


def _open(
    workspace: Workspace, path: Path, table: str, given: TableMapping | None, source: str | None, temp: Path
) -> Iterator[Opened]:
    """The file at a path, or each file of the archive there."""
    for piece in pieces(path, temp):
        name = source or _source_of(path, piece)
        mapping = given or raw.mapping_or_names(workspace.raw, name, table)
        content = read_file(piece, mapping.reading, table, temp)
        laid = laid_on(mapping, content.columns, piece.name)
        if content.found.get("format") == "excel":
            _check_dates(content, laid, piece.name)
        matched = {ours: rule.wanted[0][0] for ours, rule in laid.columns.items()} if mapping.by_name else {}
        yield Opened(path, piece, name, mapping, content, matched, content_hash(piece.path, content))


def _check_dates(content: Content, mapping: TableMapping, file: str) -> None:
    from interactions.sources.excel import check_dates

    reads = resolve(mapping, content.columns, file).reads
    types = {column.name: column.type for column in TABLES[mapping.table].columns}
    times = [name for target, names in reads.items() if types.get(target, TIMESTAMP) == TIMESTAMP for name in names]
    check_dates(content, times, file)


def _source_of(path: Path, piece: Piece) -> str:
    return default_source(path) + piece.name.removeprefix(path.name)


def _unchanged(
    workspace: Workspace, seen: Seen, path: Path, table: str, given: TableMapping | None, source: str | None
) -> list[Received] | None:
    """What was received from a file that looks as it did, by the same mapping; None when it has to be read."""
    found = []
    for noted in seen.unchanged(path, table, source) or ():
        in_force = raw.mapping_of(workspace.raw, noted["source"], table)
        stored = raw.folder_of(workspace.raw, noted["source"], table) / f"{noted['name']}.parquet"
        if in_force is None or (given or in_force) != in_force or in_force.digest() != noted["mapping"]:
            return None
        if not stored.is_file():
            return None
        found.append(
            Received(noted["file"], noted["source"], table, noted["rows"], False, noted["found"], noted["matched"])
        )
    return found or None


def _noted(one: Opened, rows: int) -> dict[str, Any]:
    return {
        "file": one.piece.label,
        "source": one.source,
        "name": one.name,
        "rows": rows,
        "mapping": one.mapping.digest(),
        "found": dict(one.content.found),
        "matched": one.matched,
    }


def _remove_left_over(temp: Path) -> None:
    """What a killed run spooled. Only one run collects at a time, so that no other one's is met."""
    for folder in temp.glob(f"{_SPOOL}*"):
        shutil.rmtree(folder, ignore_errors=True)


def _check_against_earlier(workspace: Workspace, one: Opened) -> None:
    """A changed mapping must fit what was received before, for that is cleaned by it as well."""
    mapping = one.mapping
    if raw.mapping_of(workspace.raw, one.source, mapping.table) in (None, mapping):
        return
    for earlier in raw.raw_files(workspace.raw, one.source, mapping.table):
        if same_bytes(earlier.path.stem, one):
            continue
        found = names.fitted(mapping, earlier.columns, earlier.file)
        resolve(found, earlier.columns, f"{earlier.file} (collected before as {one.source})")
