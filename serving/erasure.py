"""Erasures brought to their end: rows taken out everywhere, and old files removed once no reader can hold them.

    python -m serving.erasure WORKSPACE

One process does so at a time (`run/erasure.lock`), beside the service or as `rapport erase`. What it does is recorded
in state.db first, holds the workspace like any stage, and is done again from its beginning where it was killed: nothing
is removed before what finds it.
"""

from __future__ import annotations

import fcntl
import logging
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from serving import erasure_files, exports
from serving.current import current_version
from serving.erasure_request import told
from serving.erasure_tables import BY_CUSTOMER, RawRows, count_rows, first_known, linked, raw_rows, take_out_rows
from serving.logs import log_as_json
from serving.publish import publish
from training.bundle import store
from workspace import audit_log, erasure_records, lake_erase
from workspace.erasure_records import CLEANED, COMPLETE, HIDDEN, SWEPT, Erasure
from workspace.errors import BundleError, PublishedError, RapportError, WorkspaceError
from workspace.folder import Workspace, open_workspace
from workspace.progress import Progress, silent
from workspace.readers import alone
from workspace.secret import secret
from workspace.state import OUTCOMES, PROMOTIONS, State, now
from workspace.tables import TABLES

AGAIN_SECONDS = 1.0
# Whoever started the process starts it again when a longer wait is over.
_PATIENCE_SECONDS = 5.0
_log = logging.getLogger("rapport.erasure")


class Eraser:
    """Brings the erasures of one workspace to their end, a step at a time."""

    def __init__(self, workspace: Workspace, lease_seconds: float | None = None, progress: Progress = silent) -> None:
        self.workspace = workspace
        self.lease_seconds = workspace.settings.keep.lease_seconds if lease_seconds is None else lease_seconds
        self.progress = progress
        self.secret = secret(workspace.folder)
        self.state: State = workspace.state()

    def close(self) -> None:
        self.state.close()

    def step(self) -> float | None:
        """Do what can be done now; seconds until there is more to do, None when all is done.

        Raises WorkspaceError while another stage holds the workspace.
        """
        open_ = erasure_records.unfinished(self.state)
        hidden = [one for one in open_ if one.stage == HIDDEN]
        if hidden:
            with self.workspace.lock("erase"):
                self._clean(hidden)
            return 0.0
        waits = [self._wait(one) for one in open_ if one.stage == CLEANED]
        due = [one for one, wait in zip((o for o in open_ if o.stage == CLEANED), waits, strict=True) if wait <= 0]
        if due:
            with self.workspace.lock("erase"):
                self._sweep(due)
            return 0.0
        swept = [one for one in open_ if one.stage == SWEPT]
        if swept:
            self._complete(swept)
            return 0.0
        return min(waits, default=None)

    def _wait(self, erasure: Erasure) -> float:
        if erasure.cleaned_at is None or alone(self.workspace.folder):
            return 0.0
        since = datetime.fromisoformat(now()) - datetime.fromisoformat(erasure.cleaned_at)
        return self.lease_seconds - since.total_seconds()

    def _clean(self, erasures: Sequence[Erasure]) -> None:
        """Rows out of everything that is read from now on; a new version in the place of those that have them."""
        self.progress("linked customers", 0.0)
        for one in erasures:
            erasure_records.extend(self.state, self.secret, one.erasure_id, linked(self.workspace, one.customer_ids))
        asked = [one for one in erasure_records.unfinished(self.state) if one.stage == HIDDEN]
        ids = sorted({name for one in asked for name in one.customer_ids})
        self.progress("rows", 0.1)
        found = raw_rows(self.workspace, ids)
        receipts = self._receipts(asked, ids, found)
        take_out_rows(self.workspace, ids, found)
        with self.state.begin() as connection:
            connection.execute(sa.delete(OUTCOMES).where(OUTCOMES.c.customer_id.in_(ids)))
        exports.forget(self.state, exports.folder_of(self.workspace.folder), ids)
        erasure_files.forget_cursors(self.workspace, ids)
        self.progress("publish", 0.5)
        current = self._published()
        leaving = self._leaving(ids, current)
        at = now()
        for one in asked:
            erasure_records.progressed(self.state, one.erasure_id, CLEANED, receipts[one.erasure_id], leaving, at)

    def _receipts(self, asked: Sequence[Erasure], ids: Collection[str], found: RawRows) -> dict[str, dict[str, Any]]:
        """What will have been removed, and the models trained on data that had the person: kept before it goes.

        Begun again after a kill there is less to find, so that the larger count is the right one.
        """
        tally = _Tally(asked)
        count_rows(self.workspace, ids, found, {position for one in asked for position in one.positions}, tally.count)
        wanted = sa.select(OUTCOMES.c.customer_id).where(OUTCOMES.c.customer_id.in_(list(ids)))
        with self.state.begin() as connection:
            tally.count("outcomes", connection.execute(wanted).scalars().all())
        receipts = {}
        for one in asked:
            removed = Counter(one.receipt["removed"]) | (tally.of(one) + Counter({"live events": len(one.positions)}))
            receipt = {**one.receipt, "removed": dict(removed), "models": self._trained_on(one)}
            erasure_records.progressed(self.state, one.erasure_id, HIDDEN, receipt, {}, None)
            receipts[one.erasure_id] = receipt
        return receipts

    def _trained_on(self, erasure: Erasure) -> list[dict[str, Any]]:
        models = list(erasure.receipt["models"])
        first = first_known(self.workspace, erasure.customer_ids)
        if first is not None:
            known = {one["bundle"] for one in models}
            models += [one for one in self._models(first) if one["bundle"] not in known]
        return models

    def _models(self, first: datetime) -> Iterator[dict[str, Any]]:
        chosen = sa.select(PROMOTIONS.c.model, PROMOTIONS.c.bundle).order_by(PROMOTIONS.c.number)
        with self.state.begin() as connection:
            champions = set({row.model: row.bundle for row in connection.execute(chosen)}.values())
        folder = self.workspace.bundles
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            try:
                bundle = store.read(folder, path.name)
            except BundleError:
                continue
            cutoff = bundle.manifest.get("cutoff")
            if isinstance(cutoff, str) and datetime.fromisoformat(cutoff) > first:
                yield {
                    "kind": bundle.kind,
                    "bundle": bundle.hash,
                    "cutoff": cutoff,
                    "champion": bundle.hash in champions,
                }

    def _published(self) -> str | None:
        """Publish the lake as it is now, where anything is published; the name of the version in force."""
        try:
            current_version(self.workspace.published)
        except PublishedError:
            return None
        if self.workspace.lake.count("customer_scores"):
            return publish(self.workspace)
        # Nobody who is scored is left: nothing is served rather than who was erased.
        (self.workspace.published / "CURRENT").unlink(missing_ok=True)
        return None

    def _leaving(self, ids: Collection[str], current: str | None) -> dict[str, Any]:
        """What readers may still hold."""
        lake = self.workspace.lake
        versions = {name: lake_erase.checkpointed(lake, name) for name in TABLES}
        return {
            "lake": {
                name: {"files": lake_erase.unreferenced(lake, name), "before": before}
                for name, before in versions.items()
                if before is not None
            },
            "versions": erasure_files.versions_with(self.workspace, ids, current),
            "overlays": erasure_files.overlays_with(self.workspace, ids),
        }

    def _sweep(self, erasures: Sequence[Erasure]) -> None:
        """Remove what no reader holds any more, after one more look for rows that came while it was cleaned."""
        ids = sorted({name for one in erasures for name in one.customer_ids})
        if self._is_back(ids):
            for one in erasures:
                erasure_records.progressed(self.state, one.erasure_id, HIDDEN, one.receipt, {}, None)
            return
        self.progress("old files", 0.8)
        for one in erasures:
            for name, old in one.leaving["lake"].items():
                lake_erase.sweep(self.workspace.lake, name, old["files"], old["before"])
            overlays = {*one.leaving["overlays"], *erasure_files.overlays_with(self.workspace, ids)}
            erasure_files.remove_folders(self.workspace, one.leaving["versions"], overlays)
        erasure_files.remove_leftovers(self.workspace, self._left_for())
        with self.state.begin() as connection:
            audit_log.forget(connection, self.secret, ids)
        for one in erasures:
            erasure_records.progressed(self.state, one.erasure_id, SWEPT, one.receipt, {}, one.cleaned_at)

    def _left_for(self) -> float:
        return 0.0 if alone(self.workspace.folder) else self.lease_seconds

    def _is_back(self, ids: Collection[str]) -> bool:
        """Whether the writer, when the person was hidden, had an event of theirs in hand and has put it down since."""
        lake = self.workspace.lake
        return any(lake_erase.look(lake, name, lake_erase.among(BY_CUSTOMER[name], ids)) for name in BY_CUSTOMER)

    def _complete(self, erasures: Sequence[Erasure]) -> None:
        """Databases without the pages of what was deleted; then it is said that all is gone."""
        self.progress("databases", 0.9)
        for database in (self.workspace.folder / "state.db", self.workspace.mlruns / "mlflow.db"):
            erasure_files.clear_free_pages(database)
        for one in erasures:
            receipt = {**one.receipt, "completed_at": now()}
            erasure_records.progressed(self.state, one.erasure_id, COMPLETE, receipt, {}, one.cleaned_at)
            told(self.state, self.secret, "completed", str(receipt["requested_by"]), one.erasure_id)
        self.progress("done", 1.0)


class _Tally:
    """How many rows of what were removed, by erasure."""

    def __init__(self, erasures: Sequence[Erasure]) -> None:
        self._of = {name: one.erasure_id for one in erasures for name in one.customer_ids}
        self._counts: dict[str, Counter[str]] = {one.erasure_id: Counter() for one in erasures}

    def count(self, what: str, customers: Iterable[str | None]) -> None:
        """Count rows by the customer each was of. What can't be told apart counts to the only one, or to the first."""
        first = next(iter(self._counts))
        for customer in customers:
            self._counts[self._of.get(customer or "", first)][what] += 1

    def of(self, erasure: Erasure) -> Counter[str]:
        return self._counts[erasure.erasure_id]


@contextmanager
def only_one(workspace: Workspace) -> Iterator[bool]:
    """Whether this process is the one that erases."""
    with (workspace.run / "erasure.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def run(
    workspace: Workspace,
    lease_seconds: float | None = None,
    progress: Progress = silent,
    is_over: Callable[[], bool] = lambda: False,
    patience: float = float("inf"),
) -> None:
    """Work until every erasure is complete, or `is_over`, or readers are to be waited for longer than `patience`.

    Another stage at work is waited for. progress: called with what is being done.
    """
    eraser = Eraser(workspace, lease_seconds, progress)
    try:
        while not is_over():
            with only_one(workspace) as is_ours:
                wait = _stepped(eraser) if is_ours else AGAIN_SECONDS
            if wait is None or wait > patience:
                return
            if is_ours and wait > AGAIN_SECONDS:
                progress("waiting until no reader holds what was replaced, ten minutes at most", 0.7)
            time.sleep(min(wait, AGAIN_SECONDS))
    finally:
        eraser.close()


def _stepped(eraser: Eraser) -> float | None:
    try:
        return eraser.step()
    except WorkspaceError:
        # Another stage is at work, or a database is busy: the person is hidden meanwhile.
        eraser.progress("waiting for another stage", 0.0)
        return AGAIN_SECONDS


def main(arguments: Sequence[str]) -> int:
    """Work until all is done, or until whoever started it has gone."""
    log_as_json()
    starter = os.getppid()
    try:
        run(open_workspace(Path(arguments[0])), is_over=lambda: os.getppid() != starter, patience=_PATIENCE_SECONDS)
    except RapportError as error:
        _log.error("erasure failed", extra={"reason": str(error)})
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
