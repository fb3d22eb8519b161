"""What was known about customers before a cutoff: the only door from the clean tables to features.

A row counts when its event happened before the cutoff and its content was known before it; of several versions of
a row the latest known one counts. An answer, a resolution or a rating that came at or after the cutoff is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import ibis

from features.clock import micros
from features.contact import from_customer
from features.fills import Fills, beside, filled
from features.identity import by_person, one_row_each, persons, refused_people
from features.versions import VERSION_ORDER, latest
from features.windows import DAY_US, Window
from workspace.tables import TABLES

HISTORY_TABLES = ("customers", "interactions", "message_signals", "orders", "surveys")

# What features read; texts and what only describes a row are left behind early, which keeps compiled SQL short.
COLUMNS = {
    "customers": ("customer_id", "income"),
    "interactions": (
        *("interaction_id", "customer_id", "occurred_at", "channel", "direction", "kind", "wait_ms"),
        *("outcome", "responded_at", "resolved_at", "reopened", "satisfaction", "rated_at", "is_automated"),
    ),
    "message_signals": ("interaction_id", "language", "sentiment", "words", "questions"),
    "orders": ("order_line_id", "order_id", "customer_id", "ordered_at", "amount"),
    "surveys": ("response_id", "customer_id", "answered_at", "importance", "satisfaction"),
}
_RECENT_DAYS = 90


@dataclass(frozen=True)
class History:
    """The tables as known at a cutoff: what features read of the columns of tables.py, and these beside them.

    interactions, orders, surveys: at_us, the event's moment in microseconds since 1970; age_us, microseconds from the
    event to the cutoff, at least 1; is_observed, in the observation window; is_recent, in its last 90 days.
    interactions: is_contact, begun by the customer; response_us from contact to answer; is_resolved; rated_age_us from
    the rating to the cutoff. Rows without a customer, and customers who must not be profiled, are in none of them.
    """

    customers: ibis.Table
    interactions: ibis.Table
    message_signals: ibis.Table
    orders: ibis.Table
    surveys: ibis.Table

    @property
    def observed_interactions(self) -> ibis.Table:
        """The interactions of the observation window."""
        return self.interactions.filter(self.interactions.is_observed)


def known(tables: Mapping[str, ibis.Table], window: Window, fills: Fills = ()) -> History:
    """History before the window's cutoff from the clean tables named in HISTORY_TABLES, and identity_links if given:
    then customer_id is the person's, by the links known at the cutoff (features/identity.py).

    `do_not_profile` is read from the latest version of all, not from that known at the cutoff: it is a wish to be
    honoured from now on, in every training set, and never tells a model anything. `fills`: see features/fills.py.
    """

    def dated(name: str, rows: ibis.Table) -> ibis.Table:
        return filled(_profiled(by_person(rows, people), refused), name, ("at_us", *TABLES[name].key), fills)

    people = persons(tables, window)
    refused = refused_people(_refused(tables["customers"], window), tables, window)
    return History(
        customers=_profiled(_customers(tables, window, people, fills), refused),
        interactions=dated("interactions", _interactions(tables, window, fills)),
        message_signals=_signals(tables, window),
        orders=dated("orders", _dated(tables, "orders", window, fills)),
        surveys=dated("surveys", _dated(tables, "surveys", window, fills)),
    )


def with_cutoff(rows: ibis.Table, window: Window) -> ibis.Table:
    """Rows with the column `cutoff` of compiled SQL's table `window`: its one row's, or that of the row's customer."""
    cutoff = {"cutoff": "timestamp('UTC', 6)"}
    if not window.of_each:
        return rows.cross_join(ibis.table(cutoff, name="window"))
    joined = rows.inner_join(ibis.table({"customer_id": "string", **cutoff}, name="window"), "customer_id")
    return joined.select(*rows.columns, "cutoff")


def _signals(tables: Mapping[str, ibis.Table], window: Window) -> ibis.Table:
    """Message signals as known; where each customer has a cutoff, that of whoever the message came from."""
    if window.of_each:
        signals, contacts = tables["message_signals"], tables["interactions"]
        whose = contacts.select("interaction_id", "customer_id").distinct()
        tables = {**tables, "message_signals": signals.inner_join(whose, "interaction_id")}
    return _known_rows(tables, "message_signals", window).select(COLUMNS["message_signals"])


def _customers(tables: Mapping[str, ibis.Table], window: Window, people: ibis.Table | None, fills: Fills) -> ibis.Table:
    versions = filled(_known_versions(tables, "customers", window), "customers", VERSION_ORDER, fills)
    rows = _that_count(versions, "customers", window)
    if people is not None:
        given = "income_given" if "income_given" in rows.columns else "income"
        rows = one_row_each(rows, people, given, VERSION_ORDER)
    return rows.select(*COLUMNS["customers"], *beside(fills, "customers", given=True))


def _known_rows(tables: Mapping[str, ibis.Table], name: str, window: Window) -> ibis.Table:
    """The latest version known at the cutoff; with `cutoff_us` where that is still to be given."""
    return _that_count(_known_versions(tables, name, window), name, window)


def _that_count(versions: ibis.Table, name: str, window: Window) -> ibis.Table:
    """Of known versions the latest ones: where each customer has a cutoff of their own, no others are handed over."""
    return versions if window.of_each else latest(versions, TABLES[name].key)


def _known_versions(tables: Mapping[str, ibis.Table], name: str, window: Window) -> ibis.Table:
    whose = ("customer_id",) if window.of_each and "customer_id" not in COLUMNS[name] else ()
    rows = tables[name].select(*COLUMNS[name], *whose, *VERSION_ORDER, "is_revision")
    if window.cutoff_us is None:
        rows = with_cutoff(rows, window)
        rows = rows.mutate(cutoff_us=micros(rows.cutoff)).drop("cutoff")
    return rows.filter(_is_before(rows.known_at, rows, window))


def _is_before(moment: ibis.Value, rows: ibis.Table, window: Window, days: int = 0) -> ibis.Value:
    """Whether a moment of rows lies before the window's cutoff, or more than so many days before it.

    Moments are compared with a moment: only by that are rows skipped while they are read.
    """
    if window.cutoff is None:
        return micros(moment) < rows.cutoff_us - days * DAY_US
    return moment < ibis.literal(window.cutoff - timedelta(days=days), type="timestamp('UTC', 6)")


def _dated(tables: Mapping[str, ibis.Table], name: str, window: Window, fills: Fills) -> ibis.Table:
    """Of known rows those that happened before the cutoff, with their age."""
    rows = _known_rows(tables, name, window)
    moment = rows[TABLES[name].event_time]
    at_us = micros(moment)
    cutoff_us = rows.cutoff_us if window.cutoff_us is None else window.cutoff_us
    return rows.filter(_is_before(moment, rows, window)).select(
        *COLUMNS[name],
        *beside(fills, name),
        at_us=at_us,
        age_us=cutoff_us - at_us,
        is_observed=~_is_before(moment, rows, window, window.observation_days),
        is_recent=~_is_before(moment, rows, window, min(window.observation_days, _RECENT_DAYS)),
    )


def _interactions(tables: Mapping[str, ibis.Table], window: Window, fills: Fills) -> ibis.Table:
    rows = _dated(tables, "interactions", window, fills)
    responded_us, resolved_us = micros(rows.responded_at), micros(rows.resolved_at)
    rated_us = micros(ibis.coalesce(rows.rated_at, rows.responded_at, rows.occurred_at))
    cutoff_us = rows.at_us + rows.age_us
    resolved = (resolved_us < cutoff_us).fill_null(False)
    rated = (rated_us < cutoff_us) & rows.satisfaction.notnull()
    return rows.mutate(
        is_contact=from_customer(rows),
        response_us=(responded_us < cutoff_us).ifelse(responded_us - rows.at_us, None),
        is_resolved=resolved,
        # It carries no time of its own: it is known with the resolution it speaks of.
        reopened=resolved & rows.reopened.fill_null(False),
        satisfaction=rated.ifelse(rows.satisfaction, None),
        rated_age_us=rated.ifelse(cutoff_us - rated_us, None),
    ).drop("responded_at", "resolved_at", "rated_at")


def _refused(customers: ibis.Table, window: Window) -> ibis.Table:
    rows = customers.select("customer_id", "do_not_profile", *VERSION_ORDER, "is_revision")
    now = _that_count(rows, "customers", window)
    return now.filter(now.do_not_profile).select("customer_id")


def _profiled(rows: ibis.Table, refused: ibis.Table) -> ibis.Table:
    return rows.filter(rows.customer_id.notnull()).anti_join(refused, "customer_id")
