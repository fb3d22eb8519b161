"""What the data is enough for, before training: what there is, what each model needs, the grade to expect."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from features.events import events
from features.fills import declared
from features.history import HISTORY_TABLES, known
from features.identity import with_links
from features.volume import volume
from features.windows import DAY_US, Window, micros_of
from interactions.cleaning.overview import overview
from training.cutoffs import default_cutoff, moment
from training.expected_grade import Expected, expected_grade
from training.labels import churned
from training.needs import Need, needs
from training.observed import Observed, observe
from workspace.engine import connect
from workspace.errors import NotEnoughHistoryError
from workspace.folder import Workspace
from workspace.progress import Progress, silent

if TYPE_CHECKING:
    import ibis
    from ibis.backends.duckdb import Backend

DAYS_A_MONTH = 365.25 / 12
YEAR_DAYS = 365
# What features look at beside ids and times; their missing share is what models go without.
LOOKED_AT: Mapping[str, tuple[str, ...]] = {
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
    """What the workspace holds as of a cutoff; `as_of` and the span are None where nothing tells of a customer.

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
        return self.days / DAYS_A_MONTH

    @property
    def covers_a_year(self) -> bool:
        """Whether the season can be learned from."""
        return self.days >= YEAR_DAYS


@dataclass(frozen=True)
class Readiness:
    """`found`, what each model `needs` beside it, and the grade to expect; `no_grade` says why there is none."""

    found: Found
    needs: tuple[Need, ...]
    expected: Expected | None
    no_grade: str
    seconds: float

    @property
    def summary(self) -> str:
        """One line: "430 active customers, 61 churned, 7 of 12 months; expected grade C"."""
        found = self.found
        if not found.customers:
            return "No customer's contact or order yet."
        last = found.horizons[-1] if found.horizons else None
        gone = f", {last.churned:,} of {last.active:,} churned in {last.horizon_days} days" if last else ""
        span = "a year and more" if found.covers_a_year else f"{found.months:.0f} of 12 months"
        if self.expected is None:
            grade = "no grade yet"
        elif self.expected.grade is None:
            grade = f"too little for a model: the rule {self.expected.rule} would be served"
        else:
            grade = f"expected grade {self.expected.grade}"
        return f"{found.active:,} active customers{gone}, {span}; {grade}."

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        found = self.found
        return {
            "summary": self.summary,
            "as_of": found.as_of and found.as_of.isoformat(),
            "customers": found.customers,
            "active_customers": found.active,
            "interactions": found.interactions,
            "orders": found.orders,
            "first_event": found.first and found.first.isoformat(),
            "days": round(found.days, 1),
            "months": round(found.months, 1),
            "covers_a_year": found.covers_a_year,
            "without_customer": found.without_customer,
            "missing": {table: dict(shares) for table, shares in found.missing.items()},
            "churn": [{**asdict(one), "cutoff": one.cutoff.isoformat()} for one in found.horizons],
            "contacts_per_month": dict(found.contacts_per_month),
            "volume_months": round(found.volume_months, 1),
            "rated_texts": found.rated_texts,
            "models": {need.model: asdict(need) for need in self.needs},
            "expected_grade": self.expected.to_dict() if self.expected is not None else None,
            "no_grade": self.no_grade or None,
            "seconds": round(self.seconds, 1),
        }


def readiness(workspace: Workspace, as_of: datetime | None = None, progress: Progress = silent) -> Readiness:
    """Look at what was cleaned, as of a cutoff (default: that after the last event); nothing is written.

    Never raises for want of data: what is missing is what it reports.
    """
    begun = time.monotonic()
    progress("counting", 0.0)
    cutoff = as_of or _default_cutoff(workspace)
    backend = connect(workspace.settings.limits, str(workspace.temp))
    try:
        tables = with_links(backend, workspace.lake, HISTORY_TABLES)
        found = _without_people(workspace, cutoff, tables)
        expected, no_grade = (
            None,
            "No customer's contact or order yet: `rapport collect` and `rapport clean` come first.",
        )
        if cutoff is not None:
            window = Window.from_settings(workspace.settings, cutoff)
            try:
                observed = observe(tables, window, declared(workspace.raw))
                progress("churners", 0.3)
                found = _with_people(found, observed, tables, window, workspace.settings.windows.horizon_days)
                progress("a trial fit", 0.5)
                expected = _expected(workspace, found, observed, tables, window, backend, progress)
                no_grade = ""
            except NotEnoughHistoryError as error:
                no_grade = str(error)
    finally:
        backend.disconnect()
    listed = needs(found, workspace.settings.windows, expected, no_grade)
    return Readiness(found, listed, expected, no_grade, time.monotonic() - begun)


def _expected(
    workspace: Workspace,
    found: Found,
    observed: Observed,
    tables: Mapping[str, ibis.Table],
    window: Window,
    backend: Backend,
    progress: Progress,
) -> Expected:
    judged = found.horizons[-1].active if found.horizons else 0
    days = workspace.settings.windows.horizon_days
    return expected_grade(
        observed,
        judged,
        tables,
        window,
        backend,
        days,
        lambda text, done: progress(text, 0.5 + done / 2),
        fills=declared(workspace.raw),
    )


def _default_cutoff(workspace: Workspace) -> datetime | None:
    try:
        return default_cutoff(workspace)
    except NotEnoughHistoryError:
        return None


def _without_people(workspace: Workspace, cutoff: datetime | None, tables: Mapping[str, ibis.Table]) -> Found:
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
            for name, columns in LOOKED_AT.items()
            if name in contents
        },
        contacts_per_month=counts,
        volume_months=months,
        rated_texts=int(rated[0]["all"]),
        low_rated_texts=int(rated[0]["low"]),
    )


def _with_people(
    found: Found, observed: Observed, tables: Mapping[str, ibis.Table], window: Window, horizon_days: tuple[int, ...]
) -> Found:
    """The same with customers, and churners at the latest cutoff whose horizon is over."""
    happened = observed.events
    horizons = []
    for days in horizon_days:
        cutoff = observed.as_of - timedelta(days=days)
        if moment(happened.first) < cutoff:
            who = active(tables, Window(cutoff, window.observation_days, window.active_days, window.event))
            gone = int(churned(happened, who, cutoff, days).sum()) if len(who) else 0
            horizons.append(Horizon(days, cutoff, len(who), gone))
    since = observed.as_of - timedelta(days=window.observation_days)
    seen = np.bincount(happened.code[happened.at >= micros_of(since)], minlength=len(happened.customers))
    return replace(
        found,
        first=moment(happened.first),
        customers=len(happened.customers),
        active=len(active(tables, window)),
        repeated=int((seen > 1).sum()),
        horizons=tuple(horizons),
    )


def active(tables: Mapping[str, ibis.Table], window: Window) -> pa.ChunkedArray:
    """Ids of customers with an event in the active days before the window's cutoff, as known then."""
    happened = events(known(tables, window), window.event)
    recent = happened.filter(happened.age_us <= window.active_days * DAY_US)
    return recent.select("customer_id").distinct().to_pyarrow()["customer_id"]


def _per_month(workspace: Workspace, cutoff: datetime | None) -> tuple[dict[str, float], float]:
    """Mean contacts a month by channel ("all" their sum), and how many months there are."""
    try:
        days = volume(workspace, cutoff, "day")
    except NotEnoughHistoryError:
        return {}, 0.0
    local = days["period_local"].to_numpy().astype("datetime64[D]")
    months = (int((local.max() - local.min()).astype(int)) + 1) / DAYS_A_MONTH
    summed = days.group_by("channel").aggregate([("count", "sum")]).to_pylist()
    counts = {row["channel"]: round(row["count_sum"] / months, 1) for row in summed}
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))), months
