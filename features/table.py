"""The customer feature table: every concept of features/customer, one row a customer, as known at a cutoff."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

import ibis
import pyarrow as pa
import pyarrow.compute as pc

from features.apart import read_apart
from features.customer import (
    cadence,
    channel_mix,
    lifecycle,
    responsiveness,
    rfm,
    satisfaction,
    season,
    surveys,
    text,
    value,
)
from features.events import events
from features.fills import Fills, declared, measured
from features.history import HISTORY_TABLES, History, known, with_cutoff
from features.identity import with_links
from features.named import concerning
from features.order import whole_orders
from features.windows import Event, Window
from workspace.engine import connect_by, held
from workspace.errors import NotEnoughHistoryError
from workspace.folder import Workspace
from workspace.tables import CUSTOMER_FEATURES, TABLES

# Nothing happened, so nothing was counted: 0 where no row was joined.
_COUNTS = ("active_days_count", "channels_used", "outbound_count", "rating_count", "low_ratings_90", "complaints_90")


def expression(tables: Mapping[str, ibis.Table], window: Window, fills: Fills = ()) -> ibis.Table:
    """The feature table over the clean tables named in HISTORY_TABLES: columns of CUSTOMER_FEATURES, by customer_id.

    One row for everybody with an event (windows.Event) before the cutoff who may be profiled. `fills`: as measured.
    """
    return _joined(_parts(known(tables, window, fills), window), window)


def customer_features(
    tables: Mapping[str, ibis.Table],
    window: Window,
    fills: Fills = (),
    customers: Sequence[str] | None = None,
) -> pa.Table:
    """The feature table in the exact schema of CUSTOMER_FEATURES; no row when no event precedes the cutoff.

    `fills` as declared: they are measured at the window's cutoff, over everybody. `customers`: only their rows, the
    very same as among all.
    """
    put_in = measured(known(tables, window, fills), fills) if fills else ()
    backend = tables["interactions"].get_backend()
    with held(backend) as hold:
        if customers is not None:
            found = expression(concerning(tables, customers, hold), window, put_in).to_pyarrow()
            return found.cast(CUSTOMER_FEATURES.schema).filter(
                pc.field("customer_id").isin(pa.array(customers, pa.string()))
            )
        # One after the other: together they need the memory of all at once, and an engine that is short of it is slow.
        parts = [hold(part.to_pyarrow()) for part in _parts(known(tables, window, put_in), window)]
        found = backend.to_pyarrow(_joined(parts, window))
    return found.cast(CUSTOMER_FEATURES.schema)


def features_as_of(workspace: Workspace, cutoff: datetime) -> pa.Table:
    """The feature table of a workspace's customers, from its lake, as known before `cutoff` (aware).

    Raises NotEnoughHistoryError when no event precedes the cutoff, saying where the data starts.
    """
    window = Window.from_settings(workspace.settings, cutoff)
    backend = connect_by(workspace.settings, str(workspace.temp))
    try:
        tables = with_links(backend, workspace.lake, HISTORY_TABLES)
        rows = customer_features(tables, window, declared(workspace.raw))
        if rows.num_rows == 0:
            raise NotEnoughHistoryError(_too_early(tables, workspace, cutoff))
        return rows
    finally:
        backend.disconnect()


def fills_at(workspace: Workspace, cutoff: datetime) -> Fills:
    """The fills that a workspace's mappings declare, with the values that features at `cutoff` (aware) have them by."""
    fills = declared(workspace.raw)
    if not fills:
        return ()
    backend = connect_by(workspace.settings, str(workspace.temp))
    try:
        tables = with_links(backend, workspace.lake, HISTORY_TABLES)
        return measured(known(tables, Window.from_settings(workspace.settings, cutoff), fills), fills)
    finally:
        backend.disconnect()


@cache
def compiled_sql(
    observation_days: int = 365,
    active_days: int = 90,
    event: Event = "interactions",
    fills: Fills = (),
    of_each: bool = False,
) -> str:
    """DuckDB SQL that gives the very same rows from tables named as HISTORY_TABLES and the one-row table `window`.

    `window` has the column `cutoff` (timestamp in UTC); with `of_each` a row for each customer, and `customer_id`, and
    of each key the tables hold the version alone that counts. The session's TimeZone must be UTC. The values of
    `fills` are written in: those of the cutoff they were measured at.
    """
    tables = {name: ibis.table(ibis.Schema.from_pyarrow(TABLES[name].schema), name=name) for name in HISTORY_TABLES}
    window = Window(None, observation_days, active_days, event, of_each)
    return str(ibis.to_sql(expression(tables, window, fills), dialect="duckdb"))


def _parts(history: History, window: Window) -> list[ibis.Table]:
    """The features in tables of their own: a row for everybody with an event, then what there is about some of them.

    Concepts that read the same rows are computed in one pass over them.
    """
    again = replace(history, interactions=read_apart(history.interactions))
    bought = whole_orders(history.orders)
    timeline = _beside([_alive(history, window), _paced(again, window), _by_customer(bought, value.measures(bought))])
    return [
        timeline,
        _contacts(history),
        surveys.surveys(history, window),
        history.customers.select("customer_id", "income"),
    ]


def _joined(parts: Sequence[ibis.Table], window: Window) -> ibis.Table:
    rows = _at_cutoff(_beside(parts), window)
    counted = {name: rows[name].fill_null(0) for name in _COUNTS}
    figures = {**counted, **value.without_orders(rows)}
    return rows.select(
        figures[name].name(name) if name in figures else rows[name] for name in CUSTOMER_FEATURES.column_names
    ).order_by("customer_id")


def _beside(parts: Sequence[ibis.Table]) -> ibis.Table:
    """The first part's rows with the other parts' columns."""
    rows, *others = parts
    for number, part in enumerate(others):
        joined = rows.left_join(part, "customer_id", rname=f"{{name}}_{number}")
        rows = joined.select(*rows.columns, *(name for name in part.columns if name != "customer_id"))
    return rows


def _by_customer(rows: ibis.Table, figures: Mapping[str, ibis.Value]) -> ibis.Table:
    return rows.group_by("customer_id").aggregate(**figures)


def _alive(history: History, window: Window) -> ibis.Table:
    rows = events(history, window.event)
    return _by_customer(rows, {**rfm.measures(rows), **lifecycle.measures(rows, window), **season.measures(rows)})


def _paced(history: History, window: Window) -> ibis.Table:
    rows = cadence.paced(events(history, window.event))
    return _by_customer(rows, cadence.measures(rows))


def _contacts(history: History) -> ibis.Table:
    rows = text.with_signals(history)
    concepts = (channel_mix, responsiveness, satisfaction, text)
    return _by_customer(rows, {name: one for concept in concepts for name, one in concept.measures(rows).items()})


def _at_cutoff(rows: ibis.Table, window: Window) -> ibis.Table:
    if window.cutoff is None:
        return with_cutoff(rows, window)
    return rows.mutate(cutoff=ibis.literal(window.cutoff, type="timestamp('UTC', 6)"))


def _too_early(tables: Mapping[str, ibis.Table], workspace: Workspace, cutoff: datetime) -> str:
    settings = workspace.settings
    by_orders = settings.churn.event == "orders"
    what = "order" if by_orders else "interaction"
    firsts = [tables["orders"].ordered_at.min().to_pyarrow().as_py()]
    if not by_orders:
        firsts.append(tables["interactions"].occurred_at.min().to_pyarrow().as_py())
    starts = [first for first in firsts if first is not None]
    zone = settings.company.zone
    if not starts:
        return f"No {what} in {workspace.folder}. Run `rapport collect` and `rapport clean` first."
    days = settings.windows.active_days
    first = min(starts).astimezone(zone).date()
    return (
        f"No {what} before the cutoff {cutoff.astimezone(zone).date()}; the data starts on {first}. "
        f"Choose a cutoff after {first + timedelta(days=days)} ({days} observation days)."
    )
