"""What happened since a version was published: a few small tables over its own, replaced as one by the writer.

`live/CURRENT` names a folder of Arrow files. They can be made anew from the journal at any time, so nothing of them
needs to survive a crash of the machine.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from serving.arrow_files import mapped, write_table
from serving.positions import run_of

# Readers map the files at once and need their names no longer: this is for one that was just about to.
_LEFT_SECONDS = 10.0
# The order of a customer's rows in published tables.
_ORDER = {"interactions": ("occurred_at", "interaction_id")}


@dataclass(frozen=True)
class Overlay:
    """Tables over those of the published `version`, up to the journal's `position`; `until`: after the last event.

    interactions: new rows, and those whose contents changed, in the place of rows of the same key; replaced: what
    these were. customers: those that no table named before. customer_scores and customer_features: of everybody with
    an event since the version's cutoff. All have the columns of the published tables and are sorted by customer.
    """

    version: str
    position: int
    until: datetime
    tables: Mapping[str, pa.Table]

    def rows(self, table: str, customer_id: str) -> pa.Table:
        """The rows of one customer."""
        first, last = run_of(self.tables[table].column("customer_id"), customer_id)
        return self.tables[table].slice(first, last - first)

    def merged(self, table: str, customer_id: str, published: pa.Table) -> pa.Table:
        """One customer's published rows of a table with what came since, in the table's order."""
        if table not in self.tables:
            return published
        since = self.rows(table, customer_id)
        if not len(since):
            return published
        if table not in _ORDER:
            return since
        key = pc.field("interaction_id").isin(since["interaction_id"].combine_chunks())
        together = pa.concat_tables([published.filter(~key), since])
        return together.sort_by([(name, "ascending") for name in _ORDER[table]])


def over(table: pa.Table, since: pa.Table) -> pa.Table:
    """A published table sorted by customer with one row each, those of `since` in their customers' places.

    Nothing of the published one is copied: the result is pieces of both in turn.
    """
    pieces = []
    begin = 0
    for number, customer_id in enumerate(since["customer_id"].to_pylist()):
        first, last = run_of(table.column("customer_id"), customer_id)
        pieces += [table.slice(begin, first - begin), since.slice(number, 1)]
        begin = last
    return pa.concat_tables([*pieces, table.slice(begin)])


def write(folder: Path, overlay: Overlay) -> None:
    """Put an overlay in the place of the one before it; `folder` is the workspace's `live`."""
    folder.mkdir(mode=0o700, exist_ok=True)
    name = f"{overlay.version}-{overlay.position}-{time.time_ns()}"
    (folder / name).mkdir(mode=0o700)
    for table, rows in overlay.tables.items():
        write_table(folder / name / f"{table}.arrow", rows, durably=False)
    facts = {"version": overlay.version, "position": overlay.position, "until": overlay.until.isoformat()}
    (folder / name / "overlay.json").write_text(json.dumps(facts), encoding="utf-8")
    staging = folder / ".current"
    staging.write_text(name, encoding="utf-8")
    staging.rename(folder / "CURRENT")
    _sweep(folder, name)


def current(folder: Path) -> str | None:
    """The name of the overlay in force; None where there is none."""
    try:
        return (folder / "CURRENT").read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def read(folder: Path, name: str) -> Overlay | None:
    """Map an overlay; None where it has just been replaced."""
    try:
        facts = json.loads((folder / name / "overlay.json").read_text(encoding="utf-8"))
        files = sorted((folder / name).glob("*.arrow"))
        tables = {file.stem: mapped(file) for file in files}
    except FileNotFoundError:
        return None
    return Overlay(facts["version"], facts["position"], datetime.fromisoformat(facts["until"]), tables)


def sweep(folder: Path) -> int:
    """Remove the overlays that nobody reads any more, the last of an earlier version among them; the bytes freed."""
    name = current(folder)
    return 0 if name is None else _sweep(folder, name)


def _sweep(folder: Path, kept: str) -> int:
    freed = 0
    for path in folder.iterdir():
        if path.is_dir() and path.name != kept and time.time() - path.stat().st_mtime > _LEFT_SECONDS:
            freed += sum(file.stat().st_size for file in path.glob("*"))
            shutil.rmtree(path, ignore_errors=True)
    return freed
