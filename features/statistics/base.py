"""The rows that statistics are computed from: the latest version of each, with who the customer is."""

from __future__ import annotations

from collections.abc import Mapping

import ibis

from features.business_hours import business_us
from features.clock import micros
from features.contact import by_person
from features.versions import latest
from workspace.tables import TABLES

CUSTOMER_COLUMNS = ("owner", "region", "city", "country")


def interactions_base(tables: Mapping[str, ibis.Table], days: ibis.Table | None = None) -> ibis.Table:
    """All columns of interactions, with owner, region, city, country, segment_id; in no order. Beside them
    sentiment (of its message); is_first_contact (a customer's first ever, by a person), previous_us and
    previous_in_channel_us (the moment of the customer's contact before it, microseconds since 1970; null for machines);
    response_business_us and resolution_business_us (from the contact to its answer and resolution, in business hours).

    segment_id is null here: publish fills it in.
    Needs the tables interactions, customers and message_signals; `days` of features/business_hours.py, covering the
    interactions' moments (None: always open). Unidentified callers are among the rows.
    """
    signals = latest(tables["message_signals"], TABLES["message_signals"].key).select("interaction_id", "sentiment")
    rows = _with_customers(tables, "interactions").left_join(signals, "interaction_id").drop("interaction_id_right")
    return _with_segment(_with_business_hours(_with_previous(rows), days))


def orders_base(tables: Mapping[str, ibis.Table]) -> ibis.Table:
    """All columns of orders and the customer's; in no order."""
    return _with_segment(_with_customers(tables, "orders"))


def surveys_base(tables: Mapping[str, ibis.Table]) -> ibis.Table:
    """All columns of surveys and the customer's; in no order."""
    return _with_segment(_with_customers(tables, "surveys"))


def _with_customers(tables: Mapping[str, ibis.Table], name: str) -> ibis.Table:
    rows = latest(tables[name], TABLES[name].key)
    people = latest(tables["customers"], TABLES["customers"].key).select("customer_id", *CUSTOMER_COLUMNS)
    return rows.left_join(people, "customer_id").drop("customer_id_right")


def _with_segment(rows: ibis.Table) -> ibis.Table:
    return rows.mutate(segment_id=ibis.null("string"))


def _with_previous(rows: ibis.Table) -> ibis.Table:
    """Each contact with its customer's one before it; contacts of nobody known, and machines', have none."""
    counted = by_person(rows) & rows.customer_id.notnull()
    order = [rows.occurred_at, rows.interaction_id]

    def before(*within: ibis.Value) -> ibis.Value:
        lag = micros(rows.occurred_at).lag().over(group_by=[rows.customer_id, counted, *within], order_by=order)
        return counted.ifelse(lag, None)

    previous = before()
    return rows.mutate(
        is_first_contact=counted & previous.isnull(), previous_us=previous, previous_in_channel_us=before(rows.channel)
    )


def _with_business_hours(rows: ibis.Table, days: ibis.Table | None) -> ibis.Table:
    moments = {"_began_us": "occurred_at", "_response_us": "responded_at", "_resolution_us": "resolved_at"}
    rows = rows.mutate(**{name: micros(rows[column]) for name, column in moments.items()})
    for name in ("response", "resolution"):
        rows = business_us(rows, days, "_began_us", f"_{name}_us").rename({f"{name}_business_us": "business_us"})
    return rows.drop(*moments)
