"""Opened files written to raw, all of them or none, and what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from interactions.sources import raw
from interactions.sources.archives import Piece
from interactions.sources.batches import Content
from interactions.sources.mapping import TableMapping
from workspace.erasure_records import people_erased
from workspace.errors import RapportError, SourceError
from workspace.folder import Workspace
from workspace.progress import Progress


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
class Opened:
    """A file that was read so far as to know that it can be collected; `given` is the path it was given by."""

    given: Path
    piece: Piece
    source: str
    mapping: TableMapping
    content: Content
    matched: dict[str, str]
    name: str


def refuse(failed: Sequence[RapportError], files: int) -> None:
    """One error as it is; several under one heading, each on a line of its own."""
    if len(failed) == 1:
        raise failed[0]
    if failed:
        listed = "".join(f"\n  {error}" for error in failed)
        raise SourceError(f"{len(failed)} of {files} files can't be collected, so that none was:{listed}")


def write(
    workspace: Workspace,
    opened: Sequence[Opened],
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
        refuse(failed, len(opened))
    except BaseException:
        _take_back(workspace, opened, table, temporary)
        raise
    for one in opened:
        raw.keep_mapping(workspace.raw, one.source, one.mapping)
    for path in temporary:
        raw.finish(path)
    _remove_superseded(workspace, opened, table)


def _write_one(workspace: Workspace, one: Opened, table: str, moment: datetime) -> tuple[Path, int]:
    folder = raw.folder_of(workspace.raw, one.source, table)
    path, rows = raw.write_temporary(folder, one.content, one.source, one.piece.name, moment, one.name)
    if rows == 0:
        path.unlink()
        raise SourceError(f"{one.piece.label} has column names but no rows. Give a file with rows.")
    leave_out_erased(workspace, path, one.mapping)
    return path, rows


def leave_out_erased(workspace: Workspace, path: Path, mapping: TableMapping) -> None:
    """Take rows of customers who were erased out of a file that is about to go into raw; it says how many they were."""
    with closing(workspace.state()) as state:
        if not people_erased(state):
            return
    from interactions.cleaning.erased_rows import leave_out  # cleaning brings in Ibis, a second that collect spares

    leave_out(workspace, path, mapping)


def _take_back(workspace: Workspace, opened: Sequence[Opened], table: str, temporary: Sequence[Path]) -> None:
    """Remove what was written, and folders made for a source of which nothing was received after all."""
    for path in temporary:
        path.unlink(missing_ok=True)
    for one in opened:
        folder = raw.folder_of(workspace.raw, one.source, table)
        with suppress(OSError):
            folder.rmdir()
            folder.parent.rmdir()


def _remove_superseded(workspace: Workspace, opened: Sequence[Opened], table: str) -> None:
    """The same bytes read by another delimiter or encoding before: what was misread gives way."""
    for one in opened:
        if one.content.found["format"] not in ("text", "json", "jsonl"):
            continue
        for earlier in raw.raw_files(workspace.raw, one.source, table):
            if earlier.path.stem != one.name and same_bytes(earlier.path.stem, one):
                earlier.path.unlink()


def same_bytes(stem: str, one: Opened) -> bool:
    return one.content.found["format"] in ("text", "json", "jsonl") and stem.split("-")[0] == one.name.split("-")[0]
