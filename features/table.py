"""The customer feature table: every concept of features/customer, one row a customer, as known at a cutoff."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

import ibis
import pyarrow as pa

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
from features.history import HISTORY_TABLES, History, cutoff_table, known
from features.identity import with_links
from features.order import whole_orders
from features.windows import Event, Window
from workspace.engine import connect_by
from workspace.errors import NotEnoughHistoryError
from workspace.folder import Workspace
from workspace.tables import CUSTOMER_FEATURES, TABLES

# Nothing happened, so nothing was counted: 0 where no row was joined.
_COUNTS = ("active_days_count", "channels_used", "outbound_count", "rating_count", "low_ratings_90", "complaints_90")


def expression(
    tables: Mapping[str, ibis.Table], window: Window, fills: Fills = (), wanted: ibis.Table | None = None
) -> ibis.Table:
    """The feature table over the clean tables named in HISTORY_TABLES: columns of CUSTOMER_FEATURES, by customer_id.

    One row for everybody with an event (windows.Event) before the cutoff who may be profiled.
    Concepts that read the same rows are computed in one pass over them. `fills` have been measured. `wanted`: a table
    with the customer_id of those who are wanted; None for everybody.
    """
    history = known(tables, window, fills, wanted)
    rows = _alive(history, window)
    parts = (
        _paced(_apart(history, window), window),
        _contacts(_apart(history, window)),
        _orders(history),
        surveys.surveys(history, window),
        _people(history),
    )
    for number, part in enumerate(parts):
        rows = rows.left_join(part, "customer_id", rname=f"{{name}}_{number}")
    rows = _at_cutoff(rows, window)
    counted = {name: rows[name].fill_null(0) for name in _COUNTS}
    figures = {**counted, **value.without_orders(rows)}
    return rows.select(
        figures[name].name(name) if name in figures else rows[name] for name in CUSTOMER_FEATURES.column_names
    ).order_by("customer_id")


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
    wanted = (
        ibis.memtable(pa.table({"customer_id": pa.array(customers, pa.string())})) if customers is not None else None
    )
    return expression(tables, window, put_in, wanted).to_pyarrow().cast(CUSTOMER_FEATURES.schema)


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
    observation_days: int = 365, active_days: int = 90, event: Event = "interactions", fills: Fills = ()
) -> str:
    """DuckDB SQL that gives the very same rows from tables named as HISTORY_TABLES and the one-row table `window`.

    `window` has the column `cutoff` (timestamp in UTC). The session's TimeZone must be UTC. The values of `fills` are
    written into it: those of the cutoff they were measured at.
    """
    tables = {name: ibis.table(ibis.Schema.from_pyarrow(TABLES[name].schema), name=name) for name in HISTORY_TABLES}
    window = Window(None, observation_days, active_days, event)
    return str(ibis.to_sql(expression(tables, window, fills), dialect="duckdb"))


def _apart(history: History, window: Window) -> History:
    """The same history, its interactions read anew for one part; shared where they are few and in memory."""
    return history if window.cutoff is None else replace(history, interactions=read_apart(history.interactions))


def _alive(history: History, window: Window) -> ibis.Table:
    rows = events(history, window.event)
    figures = {**rfm.measures(rows), **lifecycle.measures(rows, window), **season.measures(rows)}
    return rows.group_by("customer_id").aggregate(**figures)


def _paced(history: History, window: Window) -> ibis.Table:
    rows = cadence.paced(events(history, window.event))
    return rows.group_by("customer_id").aggregate(**cadence.measures(rows))


def _contacts(history: History) -> ibis.Table:
    rows = text.with_signals(history)
    concepts = (channel_mix, responsiveness, satisfaction, text)
    figures = {name: figure for concept in concepts for name, figure in concept.measures(rows).items()}
    return rows.group_by("customer_id").aggregate(**figures)


def _orders(history: History) -> ibis.Table:
    rows = whole_orders(history.orders)
    return rows.group_by("customer_id").aggregate(**value.measures(rows))


def _people(history: History) -> ibis.Table:
    return history.customers.select("customer_id", "income")


def _at_cutoff(rows: ibis.Table, window: Window) -> ibis.Table:
    if window.cutoff is None:
        return rows.cross_join(cutoff_table())
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
