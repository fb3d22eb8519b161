"""Collect: files into raw, exactly as received; the same content a second time adds nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from interactions.sources import names, raw
from interactions.sources.batches import Content
from interactions.sources.files import content_hash, read_file
from interactions.sources.mapping import TableMapping, load, resolve
from workspace.errors import MappingError, SourceError
from workspace.folder import Workspace
from workspace.progress import Progress, silent
from workspace.tables import COLLECTED

if TYPE_CHECKING:
    from interactions.cleaning.preview import Preview


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
        how = ", ".join(f"{name} {value!r}" if name == "delimiter" else value for name, value in self.found.items())
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


@dataclass(frozen=True)
class _Opened:
    """A file that was read so far as to know that it can be collected."""

    path: Path
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

    Without `mapping` the one in force for that source goes on, else the columns are matched by name. `source` is the
    folder and name of each file unless given. A mapping other than the one in force for that source and table takes its
    place, and the next clean rebuilds what came from it. `collected_at` is now unless given (a rebuilt workspace keeps
    its times). Not locked here: the caller holds the workspace.

    Raises SourceError for a file that is missing, empty or can't be read, MappingError for a mapping that doesn't fit.
    """
    given = _given(table, mapping)
    opened = []
    for number, path in enumerate(paths):
        progress(path.name, number / max(2 * len(paths), 1))
        opened.append(_open(workspace, path, table, given, source))
    for one in opened:
        _check_against_earlier(workspace, one)
    return _write(workspace, opened, table, collected_at, progress)


def preview(workspace: Workspace, paths: Sequence[Path], table: str, mapping: Path | None = None) -> Preview:
    """What collecting the first file would give: how it is written, which columns match, its first rows before and
    after cleaning, and what would be refused. Writes nothing."""
    from interactions.cleaning.preview import preview_rows  # cleaning brings in Ibis, a second that collect spares

    if not paths:
        raise SourceError("No file was given. Name at least one.")
    opened = _open(workspace, paths[0], table, _given(table, mapping), None)
    laid = laid_on(opened.mapping, opened.content.columns, opened.path.name)
    return preview_rows(workspace.settings, opened.path.name, opened.content, laid)


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
    found = names.match(columns, mapping.table, file) if mapping.by_name else mapping
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


def _open(workspace: Workspace, path: Path, table: str, given: TableMapping | None, source: str | None) -> _Opened:
    name = source or default_source(path)
    in_force = raw.mapping_of(workspace.raw, name, table)
    mapping = given or in_force or TableMapping(table=table, by_name=True)
    content = read_file(path, mapping.reading, table)
    laid = laid_on(mapping, content.columns, path.name)
    matched = {ours: rule.wanted[0][0] for ours, rule in laid.columns.items()} if mapping.by_name else {}
    return _Opened(path, name, mapping, content, matched, content_hash(path, content))


def _check_against_earlier(workspace: Workspace, one: _Opened) -> None:
    """A changed mapping must fit what was received before, for that is cleaned by it as well."""
    mapping = one.mapping
    if raw.mapping_of(workspace.raw, one.source, mapping.table) in (None, mapping):
        return
    for earlier in raw.raw_files(workspace.raw, one.source, mapping.table):
        if _same_bytes(earlier.path.stem, one):
            continue
        found = names.match(earlier.columns, mapping.table, earlier.file) if mapping.by_name else mapping
        resolve(found, earlier.columns, f"{earlier.file} (collected before as {one.source})")


def _write(
    workspace: Workspace, opened: Sequence[_Opened], table: str, collected_at: datetime | None, progress: Progress
) -> list[Received]:
    earlier = raw.raw_files(workspace.raw, table=table)
    known = {(one.source, one.path.stem): one.rows for one in earlier}
    moment = max([collected_at or datetime.now(UTC), *(one.collected_at for one in earlier)])
    received: list[Received] = []
    temporary: list[Path] = []
    try:
        for number, one in enumerate(opened):
            new = (one.source, one.name) not in known
            if new:
                folder = raw.folder_of(workspace.raw, one.source, table)
                # Each file of a table has a moment of its own, so that its rows can be told from others'.
                moment += timedelta(microseconds=1)
                path, rows = raw.write_temporary(folder, one.content, one.source, one.path.name, moment, one.name)
                temporary.append(path)
                if rows == 0:
                    raise SourceError(f"{one.path} has column names but no rows. Give a file with rows.")
                known[one.source, one.name] = rows
            rows = known[one.source, one.name]
            received.append(Received(str(one.path), one.source, table, rows, new, dict(one.content.found), one.matched))
            progress(f"{one.path.name}: {rows:,} rows", 0.5 + (number + 1) / (2 * len(opened)))
    except BaseException:
        for path in temporary:
            path.unlink(missing_ok=True)
        raise
    for one in opened:
        raw.keep_mapping(workspace.raw, one.source, one.mapping)
    for path in temporary:
        raw.finish(path)
    _remove_superseded(workspace, opened, table)
    return received


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
