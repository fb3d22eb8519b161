"""When customers left, as their source says: every version of it, with the moment from which it was known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from features.clock import micros
from features.identity import by_person, persons
from features.versions import VERSION_ORDER
from features.windows import Window

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa


def leavings(tables: Mapping[str, ibis.Table], window: Window) -> pa.Table:
    """customer_id (the person's), member_id, left_us (null: there still), known_us; a row a version, the oldest first.

    Of persons of whom any customer ever had a left_at, versions known before the window's cutoff. `left_us` and
    `known_us` are microseconds since 1970. A version is known from its known_at on; where a customer's first row has no
    such moment but that of its collection, the leaving is known when it happens, as any event that tells of itself.
    """
    rows = tables["customers"]
    told = rows.filter(rows.left_at.notnull()).select("customer_id").distinct()
    people = persons(tables, window)
    rows = rows.mutate(member_id=rows.customer_id, own_time=_own_time(rows))
    named = by_person(rows, people)
    of_whom = by_person(told, people).distinct()
    found = named.semi_join(of_whom, "customer_id").filter(named.own_time < window.cutoff)
    return (
        found.order_by("member_id", *VERSION_ORDER)
        .select("customer_id", "member_id", left_us=micros(found.left_at), known_us=micros(found.own_time))
        .to_pyarrow()
    )


def _own_time(rows: ibis.Table) -> ibis.Value:
    """known_at, but for a first row that is known from its collection alone: then when the customer left."""
    first = ~rows.is_revision.fill_null(True)
    untold = first & (rows.known_at == rows.collected_at) & rows.left_at.notnull()
    earlier = (rows.left_at < rows.known_at).ifelse(rows.left_at, rows.known_at)
    return untold.ifelse(earlier, rows.known_at)
