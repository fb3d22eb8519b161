"""A lake put in order: few large files instead of many small ones, old scorings gone, and files that nobody needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from workspace.folder import Workspace
from workspace.progress import Progress, silent
from workspace.tables import TABLES

# The tables with a row a customer and scoring.
_KEPT = ("customer_features", "customer_scores")


@dataclass(frozen=True)
class Compacted:
    """What became of one table: its files before and after, rows of old scorings taken out, bytes freed and held.

    Held are the files that a reader may still have; they are free once the lease is over.
    """

    files_before: int
    files_after: int
    rows_removed: int
    bytes_freed: int
    bytes_held: int


def compact(workspace: Workspace, progress: Progress = silent) -> dict[str, Compacted]:
    """Compact every table of the lake that exists, and free what no reader can hold. The caller holds the lock.

    The live writer may go on. `customer_features` keeps the last two scorings and the last of every month,
    `customer_scores` those of the last `keep.scores_days` before the newest.
    """
    names = [name for name in TABLES if workspace.lake.version(name) >= 0]
    found = {}
    for number, name in enumerate(names):
        progress(name, number / len(names))
        found[name] = _compacted(workspace, name, workspace.settings.keep.lease_seconds)
    return found


def _compacted(workspace: Workspace, name: str, lease: float) -> Compacted:
    lake = workspace.lake
    files, rows = lake.file_count(name), lake.count(name)
    lake.remove_cutoffs(name, _old(workspace, name))
    removed = rows - lake.count(name) if name in _KEPT else 0
    lake.compact(name)
    freed = lake.free(name, lease)
    held = sum(path.stat().st_size for path in lake.unneeded(name, 0.0))
    return Compacted(files, lake.file_count(name), removed, freed, held)


def _old(workspace: Workspace, name: str) -> list[datetime]:
    """The cutoffs whose rows are kept no longer."""
    if name not in _KEPT:
        return []
    cutoffs = workspace.lake.read(name, ["cutoff"])["cutoff"].unique().to_pylist()
    settings = workspace.settings
    if name == "customer_features":
        kept = kept_features(cutoffs, settings.company.zone)
    else:
        kept = kept_scores(cutoffs, settings.keep.scores_days)
    return sorted(set(cutoffs) - kept)


def kept_features(cutoffs: Iterable[datetime], zone: ZoneInfo) -> set[datetime]:
    """The last two cutoffs, and the last one of every month of the company's calendar."""
    ordered = sorted(cutoffs)
    months = {(local.year, local.month): one for one in ordered for local in (one.astimezone(zone),)}
    return {*ordered[-2:], *months.values()}


def kept_scores(cutoffs: Iterable[datetime], days: int) -> set[datetime]:
    """The newest cutoff, and those of the `days` before it."""
    listed = list(cutoffs)
    return {one for one in listed if one >= max(listed) - timedelta(days=days)}
