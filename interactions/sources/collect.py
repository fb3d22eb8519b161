"""Collect: files into raw, exactly as received; the same content a second time adds nothing."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from interactions.sources import names, raw
from interactions.sources.archives import Piece, pieces
from interactions.sources.batches import Content
from interactions.sources.files import content_hash, read_file
from interactions.sources.mapping import TableMapping, load, resolve
from interactions.sources.paths import files_of
from interactions.sources.seen import Seen, stamp
from workspace.errors import MappingError, RapportError, SourceError
from workspace.folder import Workspace
from workspace.progress import Progress, silent
from workspace.tables import COLLECTED

if TYPE_CHECKING:
    from interactions.cleaning.preview import Preview

_SPOOL = "collect-"


@dataclass(frozen=True)
class Received:
    """What became of one file: `new` rows written to raw, or none because the same content was there already."""

    file: str
    source: str
    table: str
    rows: int
    new: bool
    found: dict[str, str]
    matched: dict[str, str]

    def as_text(self) -> str:
        """One plain line."""
        how = ", ".join(_said(name, value) for name, value in self.found.items())
        if not self.new:
            return f"{self.file}: nothing new, its {self.rows:,} rows were collected before."
        return f"{self.file}: {self.rows:,} rows of {self.table} received as {self.source} ({how})." + self._matches()

    def to_dict(self) -> dict[str, object]:
        return {
            "file": self.file,
            "source": self.source,
            "table": self.table,
            "rows": self.rows,
            "new": self.new,
            "found": self.found,
            "matched": self.matched,
        }

    def _matches(self) -> str:
        if not self.matched:
            return ""
        return " Matched by name: " + ", ".join(f"{ours} = {theirs}" for ours, theirs in self.matched.items()) + "."


def _said(name: str, value: str) -> str:
    if name == "delimiter":
        return f"delimiter {value!r}"
    return f"{name}: {value}" if " " in name or name == "dates" else value


@dataclass(frozen=True)
class _Opened:
    """A file that was read so far as to know that it can be collected; `given` is the path it was given by."""

    given: Path
    piece: Piece
    source: str
    mapping: TableMapping
    content: Content
    matched: dict[str, str]
    name: str


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
        opened: list[_Opened] = []
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
        _refuse(failed, len(files))
        _write(workspace, opened, table, collected_at, progress, received)
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
) -> Iterator[_Opened]:
    """The file at a path, or each file of the archive there."""
    for piece in pieces(path, temp):
        name = source or _source_of(path, piece)
        in_force = raw.mapping_of(workspace.raw, name, table)
        mapping = given or in_force or TableMapping(table=table, by_name=True)
        content = read_file(piece, mapping.reading, table, temp)
        laid = laid_on(mapping, content.columns, piece.name)
        matched = {ours: rule.wanted[0][0] for ours, rule in laid.columns.items()} if mapping.by_name else {}
        yield _Opened(path, piece, name, mapping, content, matched, content_hash(piece.path, content))


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


def _noted(one: _Opened, rows: int) -> dict[str, Any]:
    return {
        "file": one.piece.label,
        "source": one.source,
        "name": one.name,
        "rows": rows,
        "mapping": one.mapping.digest(),
        "found": dict(one.content.found),
        "matched": one.matched,
    }


def _refuse(failed: Sequence[RapportError], files: int) -> None:
    """One error as it is; several under one heading, each on a line of its own."""
    if len(failed) == 1:
        raise failed[0]
    if failed:
        listed = "".join(f"\n  {error}" for error in failed)
        raise SourceError(f"{len(failed)} of {files} files can't be collected, so that none was:{listed}")


def _remove_left_over(temp: Path) -> None:
    """What a killed run spooled. Only one run collects at a time, so that no other one's is met."""
    for folder in temp.glob(f"{_SPOOL}*"):
        shutil.rmtree(folder, ignore_errors=True)


def _check_against_earlier(workspace: Workspace, one: _Opened) -> None:
    """A changed mapping must fit what was received before, for that is cleaned by it as well."""
    mapping = one.mapping
    if raw.mapping_of(workspace.raw, one.source, mapping.table) in (None, mapping):
        return
    for earlier in raw.raw_files(workspace.raw, one.source, mapping.table):
        if _same_bytes(earlier.path.stem, one):
            continue
        found = names.fitted(mapping, earlier.columns, earlier.file)
        resolve(found, earlier.columns, f"{earlier.file} (collected before as {one.source})")


def _write(
    workspace: Workspace,
    opened: Sequence[_Opened],
    table: str,
    collected_at: datetime | None,
    progress: Progress,
    received: dict[Path, list[Received]],
) -> None:
    """Every file under a temporary name, then each in its place; `received` is told of each."""
    earlier = raw.raw_files(workspace.raw, table=table)
    known = {(one.source, one.path.stem): one.rows for one in earlier}
    moment = max([collected_at or datetime.now(UTC), *(one.collected_at for one in earlier)])
    temporary: list[Path] = []
    failed: list[RapportError] = []
    try:
        for number, one in enumerate(opened):
            new = (one.source, one.name) not in known
            if new:
                # Each file of a table has a moment of its own, so that its rows can be told from others'.
                moment += timedelta(microseconds=1)
                try:
                    path, rows = _write_one(workspace, one, table, moment)
                except RapportError as error:
                    failed.append(error)
                    continue
                temporary.append(path)
                known[one.source, one.name] = rows
            rows = known[one.source, one.name]
            found = dict(one.content.found)
            received.setdefault(one.given, []).append(
                Received(one.piece.label, one.source, table, rows, new, found, one.matched)
            )
            progress(f"{one.piece.name}: {rows:,} rows", 0.5 + (number + 1) / (2 * len(opened)))
        _refuse(failed, len(opened))
    except BaseException:
        for path in temporary:
            path.unlink(missing_ok=True)
        _remove_empty(workspace, opened, table)
        raise
    for one in opened:
        raw.keep_mapping(workspace.raw, one.source, one.mapping)
    for path in temporary:
        raw.finish(path)
    _remove_superseded(workspace, opened, table)


def _write_one(workspace: Workspace, one: _Opened, table: str, moment: datetime) -> tuple[Path, int]:
    folder = raw.folder_of(workspace.raw, one.source, table)
    path, rows = raw.write_temporary(folder, one.content, one.source, one.piece.name, moment, one.name)
    if rows == 0:
        path.unlink()
        raise SourceError(f"{one.piece.label} has column names but no rows. Give a file with rows.")
    return path, rows


def _remove_empty(workspace: Workspace, opened: Sequence[_Opened], table: str) -> None:
    """Folders made for a source of which nothing was received after all."""
    for one in opened:
        folder = raw.folder_of(workspace.raw, one.source, table)
        with suppress(OSError):
            folder.rmdir()
            folder.parent.rmdir()


def _remove_superseded(workspace: Workspace, opened: Sequence[_Opened], table: str) -> None:
    """The same bytes read by another delimiter or encoding before: what was misread gives way."""
    for one in opened:
        if one.content.found["format"] not in ("text", "json", "jsonl"):
            continue
        for earlier in raw.raw_files(workspace.raw, one.source, table):
            if earlier.path.stem != one.name and _same_bytes(earlier.path.stem, one):
                earlier.path.unlink()


def _same_bytes(stem: str, one: _Opened) -> bool:
    return one.content.found["format"] in ("text", "json", "jsonl") and stem.split("-")[0] == one.name.split("-")[0]
