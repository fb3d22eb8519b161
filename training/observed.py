"""What a churn model learns from: feature tables at any cutoff, and the events that label them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pyarrow as pa

from features.events import events
from features.fills import Fills, declared
from features.history import HISTORY_TABLES, known
from features.identity import with_links
from features.leaving import leavings
from features.table import customer_features
from features.windows import Event, Window
from training.kept_features import KeptFeatures
from training.labels import Events
from workspace.engine import connect
from workspace.errors import NotEnoughHistoryError
from workspace.folder import Workspace

if TYPE_CHECKING:
    import ibis


@dataclass(frozen=True)
class Observed:
    """`features_at(cutoff)` gives a customer_features table; `events` are those known and past at `as_of`."""

    as_of: datetime
    events: Events
    features_at: Callable[[datetime], pa.Table]
    observation_days: int
    active_days: int
    event: Event


def observe(
    tables: Mapping[str, ibis.Table], window: Window, fills: Fills = (), kept: KeptFeatures | None = None
) -> Observed:
    """Read the clean tables as known at the window's cutoff; feature tables are computed once a cutoff.

    `fills`, as declared, are measured anew at each cutoff. `kept`: where feature tables are kept; in memory without.

    Raises NotEnoughHistoryError when no event precedes the cutoff.
    """
    if window.cutoff is None:
        raise ValueError("a training needs a cutoff")
    history = known(tables, window)
    happened = events(history, window.event).select("customer_id", "at_us").to_pyarrow()
    if not happened.num_rows:
        what = "order" if window.event == "orders" else "contact or order"
        raise NotEnoughHistoryError(
            f"Training needs a customer's {what} before {window.cutoff.date()}; found none. "
            "Collect data with customer ids, or choose a later --as-of."
        )
    in_memory: dict[datetime, pa.Table] = {}

    def features_at(cutoff: datetime) -> pa.Table:
        at = Window(cutoff, window.observation_days, window.active_days, window.event)
        if kept is not None:
            return kept.at(at, lambda: customer_features(tables, at, fills))
        if cutoff not in in_memory:
            in_memory[cutoff] = customer_features(tables, at, fills)
        return in_memory[cutoff]

    return Observed(
        window.cutoff,
        Events.of(happened, leavings(tables, window)),
        features_at,
        window.observation_days,
        window.active_days,
        window.event,
    )


@contextmanager
def observed_workspace(workspace: Workspace, window: Window, kept: KeptFeatures | None = None) -> Iterator[Observed]:
    """`observe` over a workspace's lake; the connection, and files without `kept`, live as long as the block."""
    with TemporaryDirectory(prefix="features-", dir=workspace.temp) as folder:
        backend = connect(workspace.settings.limits, str(workspace.temp))
        try:
            tables = with_links(backend, workspace.lake, HISTORY_TABLES)
            yield observe(tables, window, declared(workspace.raw), kept or KeptFeatures(Path(folder)))
        finally:
            backend.disconnect()
