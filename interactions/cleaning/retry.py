"""Clean again what came from a source, once its mapping or a setting is mended; and what that did to refused rows."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from interactions.cleaning.clean import clean
from interactions.cleaning.report import COUNTS, OUTCOMES, accounts_to_report
from interactions.sources import raw
from interactions.sources.collect import laid_on
from interactions.sources.mapping import Reading, TableMapping, load
from interactions.sources.raw import RawFile
from workspace.errors import MappingError, SourceError
from workspace.folder import Workspace
from workspace.progress import Progress, silent
from workspace.tables import TABLES

_PLACE = ("collected_at", "source_row")
_REWRITTEN = ("message_signals", "quarantine", "accounts")


@dataclass(frozen=True)
class Retried:
    """What became of one source's refused rows.

    `changed`: whether anything was cleaned again; `before`, `after`: the account; `reasons`: refused rows by reason,
    (before, after); `kept_now`, `still_refused`, `left_out_now` (a duplicate, known or excluded): of those refused
    before; `newly_refused`: rows that were not.
    """

    source: str
    table: str
    preview: bool
    changed: bool
    before: Mapping[str, int]
    after: Mapping[str, int]
    reasons: Mapping[str, tuple[int, int]]
    kept_now: int
    still_refused: int
    left_out_now: int
    newly_refused: int

    def to_dict(self) -> dict[str, Any]:
        reasons = {reason: {"before": was, "after": now} for reason, (was, now) in self.reasons.items()}
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "reasons"}
        return {**plain, "before": dict(self.before), "after": dict(self.after), "reasons": reasons}

    def as_text(self) -> str:
        """Plain lines for a terminal."""
        place = f"{self.table} from {self.source}"
        if not self.changed:
            return (
                f"Nothing has changed for {place}: its {self.before['received']:,} rows were cleaned by this mapping, "
                f"time zone, currency and rates, and {self.before['quarantined']:,} stay refused. Mend the mapping "
                "file and give it with --mapping, or mend the setting in rapport.toml."
            )
        begin = f"Nothing was written. Of {place}" if self.preview else f"Of {place}"
        would = "would be" if self.preview else "are"
        lines = [
            f"{begin}, {self.before['quarantined']:,} rows were refused: {self.kept_now:,} {would} kept now, "
            f"{self.still_refused:,} {would} refused still."
        ]
        if self.left_out_now:
            lines.append(f"  {self.left_out_now:,} {would} left out as duplicate, known or excluded.")
        if self.newly_refused:
            lines.append(f"  {self.newly_refused:,} rows that were not refused before {would} so now.")
        lines += [f"  {reason}: {was:,} -> {now:,}" for reason, (was, now) in self.reasons.items()]
        counts = ", ".join(f"{name} {self.after[name]:,}" for name in OUTCOMES)
        lines.append(f"Account: received {self.after['received']:,} = {counts}.")
        return "\n".join(lines)


def retry(
    workspace: Workspace,
    source: str,
    table: str,
    mapping: Path | None = None,
    preview: bool = False,
    progress: Progress = silent,
) -> Retried:
    """Put the mapping in force for a source and table, and clean again what came from it if that changes anything.

    Without `mapping`, the file that rapport.toml names for the source, else the one in force: a mended setting (time
    zone, currency, rates) may be what counts. `preview` does the same to a copy and writes nothing. Not locked here.

    Raises SourceError where nothing was received under that name, MappingError where the mapping fits not every file.
    """
    files = raw.raw_files(workspace.raw, source, table)
    if not files:
        raise SourceError(_unknown(workspace, source, table))
    wanted = _wanted(workspace, source, table, mapping)
    _check_fits(wanted, files, raw.mapping_of(workspace.raw, source, table))
    if preview:
        with _copy(workspace, table) as copy:
            return _retried(copy, files, wanted, preview, progress)
    return _retried(workspace, files, wanted, preview, progress)


def _retried(
    workspace: Workspace, files: Sequence[RawFile], wanted: TableMapping, preview: bool, progress: Progress
) -> Retried:
    source, table = files[0].source, files[0].table
    was = _State.of(workspace, source, table)
    raw.keep_mapping(workspace.raw, source, wanted)
    cleaned = clean(workspace, progress).cleaned
    now = _State.of(workspace, source, table)
    gone = was.refused.keys() - now.refused.keys()
    kept = gone & _kept_places(workspace, source, table)
    reasons = {reason: (was.reasons[reason], now.reasons[reason]) for reason in sorted({*was.reasons, *now.reasons})}
    return Retried(
        source,
        table,
        preview,
        any(file.name in cleaned for file in files),
        was.account,
        now.account,
        reasons,
        kept_now=len(kept),
        still_refused=len(was.refused.keys() & now.refused.keys()),
        left_out_now=len(gone - kept),
        newly_refused=len(now.refused.keys() - was.refused.keys()),
    )


@dataclass(frozen=True)
class _State:
    """One source's account, and its refused rows with their reasons by (collected_at, source_row)."""

    account: Mapping[str, int]
    refused: Mapping[tuple[Any, int], str]

    @property
    def reasons(self) -> Counter[str]:
        return Counter(self.refused.values())

    @classmethod
    def of(cls, workspace: Workspace, source: str, table: str) -> _State:
        accounts = _of_source(workspace.lake.read("accounts"), source, table)
        rows = accounts_to_report(accounts, ()).rows
        counts = {name: getattr(rows[0], name) if rows else 0 for name in COUNTS}
        refused = _of_source(workspace.lake.read("quarantine", ["source", "table", *_PLACE, "reasons"]), source, table)
        places = zip(*(refused[name].to_pylist() for name in _PLACE), strict=True)
        return cls(counts, dict(zip(places, refused["reasons"].to_pylist(), strict=True)))


def _of_source(rows: pa.Table, source: str, table: str) -> pa.Table:
    ours = pc.and_(pc.equal(rows["source"], pa.scalar(source)), pc.equal(rows["table"], pa.scalar(table)))
    return rows.filter(ours)


def _kept_places(workspace: Workspace, source: str, table: str) -> set[tuple[Any, int]]:
    rows = workspace.lake.read(table, ["source", *_PLACE])
    rows = rows.filter(pc.equal(rows["source"], pa.scalar(source)))
    return set(zip(*(rows[name].to_pylist() for name in _PLACE), strict=True))


def _wanted(workspace: Workspace, source: str, table: str, given: Path | None) -> TableMapping:
    """The mapping to clean by: given, else named in rapport.toml, else in force, else by the columns' names."""
    named = workspace.settings.sources.get(source)
    if given is None and named is not None and named.mapping is not None:
        given = workspace.folder / named.mapping
    if given is not None:
        return load(given, table)
    return raw.mapping_or_names(workspace.raw, source, table)


def _check_fits(wanted: TableMapping, files: Sequence[RawFile], in_force: TableMapping | None) -> None:
    """The mapping must fit every received file, and can't say how they should have been read: they have been."""
    for file in files:
        laid_on(wanted, file.columns, f"{file.file} (collected as {file.source})")
    before = in_force.reading if in_force is not None else Reading()
    for name in Reading.model_fields:
        now = getattr(wanted, name)
        read = {getattr(before, name), *(file.found.get(name) for file in files)}
        if now is not None and now not in read:
            raise MappingError(
                f"The mapping sets `{name}`, which decides how the file is read, and the rows of {files[0].source} "
                f"were read otherwise. Collect the file again with this mapping: rapport collect {files[0].file} "
                f"--table {files[0].table} --mapping FILE."
            )


def _unknown(workspace: Workspace, source: str, table: str) -> str:
    known = sorted({one.source for one in raw.raw_files(workspace.raw, table=table)})
    return (
        f"No rows of {table} were received from `{source}`; they came from {', '.join(known) or 'no source yet'}. "
        "`rapport quarantine list` names the sources with refused rows."
    )


@contextmanager
def _copy(workspace: Workspace, table: str) -> Iterator[Workspace]:
    """The workspace's raw files and lake tables of one table, linked into a folder that is removed afterwards.

    What is linked is never written to: cleaning adds files, it doesn't change any.
    """
    with TemporaryDirectory(dir=workspace.temp, prefix="retry-") as folder:
        # What is tried in the copy is nobody else's business: it has no store.
        copy = Workspace(Path(folder), workspace.settings, has_store=False)
        for one in raw.raw_files(workspace.raw, table=table):
            _link(one.path, copy.raw / one.path.relative_to(workspace.raw))
            mapping = one.path.with_name("mapping.json")
            if mapping.is_file():
                shutil.copyfile(mapping, copy.raw / mapping.relative_to(workspace.raw))
        for name in (table, *_REWRITTEN):
            _link_tree(workspace.lake.folder / TABLES[name].name, copy.lake.folder / TABLES[name].name)
        yield copy


def _link_tree(folder: Path, target: Path) -> None:
    """Data files linked, the log copied."""
    for path in folder.rglob("*"):
        if not path.is_file():
            continue
        place = target / path.relative_to(folder)
        if path.suffix == ".parquet" and "_delta_log" not in path.parts:
            _link(path, place)
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place)


def _link(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(path, target)
    except OSError:
        # Some file systems have no links.
        shutil.copyfile(path, target)
