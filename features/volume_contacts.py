"""Contacts the customers began, counted per quarter of an hour: one expression for both engines."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, get_args

import ibis

from features.clock import micros
from features.contact import from_customer
from features.history import VERSION_ORDER, latest
from features.identity import by_person, one_row_each, persons
from features.windows import Window, micros_of
from workspace.tables import TABLES

By = Literal["channel", "region", "owner", "kind"]

DIMENSIONS: tuple[str, ...] = get_args(By)
# Where a contact's customer is, and whose, the customer's own row says.
BY_CUSTOMER = ("region", "owner")
ALL = "all"
UNKNOWN = "unknown"
QUARTER_US = 900_000_000


def contacts(tables: Mapping[str, ibis.Table], until: datetime | None = None, by: By = "channel") -> ibis.Table:
    """Contacts the customers began: quarter (900 s since 1970, UTC), what `by` names, count; sorted by both.

    Unidentified callers count, machines don't. Of several versions of a row the latest known before `until` counts,
    and only if it happened before it, too.

    channel, kind: the contact's own; a channel that isn't known is "other". region, owner: the customer's, as known
    before `until` (not at the contact: who has moved takes the contacts along); of customers who are one person, by the
    links known before `until`, the last one known. A kind, region or owner that isn't known, an unidentified caller's
    among them, is "unknown"; one that is itself called all is '"all"', in quotation marks, apart from the total.
    """
    rows = latest(known_before(tables["interactions"], until), TABLES["interactions"].key)
    if until is not None:
        rows = rows.filter(micros(rows.occurred_at) < micros_of(until))
    rows = rows.filter(from_customer(rows))
    if by in BY_CUSTOMER:
        rows = _with_customers(rows, tables, until, by)
    counted = rows.select(quarter=micros(rows.occurred_at) // QUARTER_US, **{by: _group(rows, by)})
    counted = counted.group_by("quarter", by).aggregate(count=lambda row: row.count())
    return counted.order_by("quarter", by)


def known_before(rows: ibis.Table, until: datetime | None) -> ibis.Table:
    """The versions known before `until`; all of them without one."""
    return rows if until is None else rows.filter(micros(rows.known_at) < micros_of(until))


def _with_customers(rows: ibis.Table, tables: Mapping[str, ibis.Table], until: datetime | None, by: str) -> ibis.Table:
    """Rows with the region or owner of their customer."""
    people = persons(tables, None if until is None else Window(until))
    customers = latest(known_before(tables["customers"], until), TABLES["customers"].key)
    if people is not None:
        customers = one_row_each(customers, people, by, VERSION_ORDER)
        rows = by_person(rows, people)
    described = customers.select(by, whose="customer_id")
    return rows.left_join(described, rows.customer_id == described.whose)


def _group(rows: ibis.Table, by: str) -> ibis.Value:
    """What a contact is counted under."""
    if by == "channel":
        return rows.channel.fill_null("other")
    known = rows[by].fill_null(UNKNOWN)
    return (known == ALL).ifelse(f'"{ALL}"', known)
