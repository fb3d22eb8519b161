"""What a workspace holds that models could learn from: rows and their gaps, customers and churners, rated texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from features.events import events
from features.history import known
from features.volume import volume
from features.windows import DAY_US, Window, micros_of
from interactions.cleaning.overview import overview
from training.cutoffs import moment
from training.labels import Events, churned, still_there
from training.observed import Observed
from workspace.errors import NotEnoughHistoryError
from workspace.folder import Workspace

if TYPE_CHECKING:
    import ibis

_DAYS_A_MONTH = 365.25 / 12
_YEAR_DAYS = 365
# What features look at beside ids and times; their missing share is what models go without.
_LOOKED_AT: Mapping[str, tuple[str, ...]] = {
    "interactions": (
        *("customer_id", "direction", "kind", "content", "wait_ms", "outcome", "responded_at", "resolved_at"),
        *("satisfaction",),
    ),
    "orders": ("customer_id", "amount"),
    "customers": ("income",),
    "surveys": ("customer_id", "importance", "satisfaction"),
}


@dataclass(frozen=True)
class Horizon:
    """Of the `active` customers at the latest `cutoff` whose labels are complete, how many had `churned` by its end."""

    horizon_days: int
    cutoff: datetime
    active: int
    churned: int


@dataclass(frozen=True)
class Found:
    """What the workspace holds; `as_of` and the span are None where nothing tells of a customer.

    Customers, churners and contacts a month are those known at `as_of`, rows, gaps and rated texts those of all tables.
    `contacts_per_month` by channel over `volume_months` (older totals included); `missing` by table and column;
    `rated_texts`, `low_rated_texts`: messages with a rating, and of these with one of 1 or 2.
    """

    as_of: datetime | None
    interactions: int
    orders: int
    without_customer: float | None
    missing: Mapping[str, Mapping[str, float]]
    contacts_per_month: Mapping[str, float]
    volume_months: float
    rated_texts: int
    low_rated_texts: int
    first: datetime | None = None
    customers: int = 0
    active: int = 0
    repeated: int = 0
    horizons: tuple[Horizon, ...] = ()

    @property
    def days(self) -> float:
        """Days from the first event to the cutoff."""
        return 0.0 if self.as_of is None or self.first is None else (self.as_of - self.first) / timedelta(days=1)

    @property
    def months(self) -> float:
        return self.days / _DAYS_A_MONTH

    @property
    def covers_a_year(self) -> bool:
        """Whether the season can be learned from."""
        return self.days >= _YEAR_DAYS


def without_people(workspace: Workspace, cutoff: datetime | None, tables: Mapping[str, ibis.Table]) -> Found:
    """What is there whether or not customers are known: rows, gaps, volume, rated texts."""
    contents = {one.table: one for one in overview(workspace).tables}
    counts, months = _per_month(workspace, cutoff)
    interactions, orders = (contents[name].rows if name in contents else 0 for name in ("interactions", "orders"))
    texts = tables["interactions"].filter(lambda row: row.content.notnull() & row.satisfaction.notnull())
    rated = (
        texts.aggregate(all=texts.count(), low=(texts.satisfaction <= 2).sum().fill_null(0)).to_pyarrow().to_pylist()
    )
    return Found(
        as_of=cutoff,
        interactions=interactions,
        orders=orders,
        without_customer=contents["interactions"].missing["customer_id"] if interactions else None,
        missing={
            name: {column: contents[name].missing[column] for column in columns}
            for name, columns in _LOOKED_AT.items()
            if name in contents
        },
        contacts_per_month=counts,
        volume_months=months,
        rated_texts=int(rated[0]["all"]),
        low_rated_texts=int(rated[0]["low"]),
    )


def with_people(
    found: Found, observed: Observed, tables: Mapping[str, ibis.Table], window: Window, horizon_days: tuple[int, ...]
) -> Found:
    """The same with customers, and churners at the latest cutoff whose horizon is over."""
    happened = observed.events
    horizons = []
    for days in horizon_days:
        cutoff = observed.as_of - timedelta(days=days)
        if moment(happened.first) < cutoff:
            who = _active(tables, Window(cutoff, window.observation_days, window.active_days, window.event), happened)
            gone = int(churned(happened, who, cutoff, days, window.event).sum()) if len(who) else 0
            horizons.append(Horizon(days, cutoff, len(who), gone))
    since = observed.as_of - timedelta(days=window.observation_days)
    seen = np.bincount(happened.code[happened.at >= micros_of(since)], minlength=len(happened.customers))
    return replace(
        found,
        first=moment(happened.first),
        customers=len(happened.customers),
        active=len(_active(tables, window, happened)),
        repeated=int((seen > 1).sum()),
        horizons=tuple(horizons),
    )


def _active(tables: Mapping[str, ibis.Table], window: Window, all_events: Events) -> pa.ChunkedArray:
    """Ids of customers with an event in the active days before the window's cutoff, as known then.

    By date without those known then to have left.
    """
    if window.cutoff is None:
        raise ValueError("who is active is asked at a cutoff")
    happened = events(known(tables, window), window.event)
    recent = happened.filter(happened.age_us <= window.active_days * DAY_US)
    who = recent.select("customer_id").distinct().to_pyarrow()["customer_id"]
    return who.filter(pa.array(still_there(all_events, who, window.cutoff))) if window.event == "left_at" else who


def _per_month(workspace: Workspace, cutoff: datetime | None) -> tuple[dict[str, float], float]:
    """Mean contacts a month by channel ("all" their sum), and how many months there are."""
    try:
        days = volume(workspace, cutoff, "day")
    except NotEnoughHistoryError:
        return {}, 0.0
    local = days["period_local"].to_numpy().astype("datetime64[D]")
    months = (int((local.max() - local.min()).astype(int)) + 1) / _DAYS_A_MONTH
    summed = days.group_by("channel").aggregate([("count", "sum")]).to_pylist()
    counts = {row["channel"]: round(row["count_sum"] / months, 1) for row in summed}
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))), months
