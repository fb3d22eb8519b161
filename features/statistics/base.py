"""The rows that statistics are computed from: the latest version of each, with who the customer is."""

from __future__ import annotations

from collections.abc import Mapping

import ibis

from features.history import latest
from workspace.tables import TABLES

_CUSTOMER_COLUMNS = ("owner", "region", "city", "country")


def interactions_base(tables: Mapping[str, ibis.Table]) -> ibis.Table:
    """All columns of interactions, with owner, region, city, country, segment_id; by occurred_at and key.

    segment_id is null here: publish fills it in.
    Needs the tables interactions and customers. Unidentified callers are among the rows.
    """
    return _base(tables, "interactions")


def orders_base(tables: Mapping[str, ibis.Table]) -> ibis.Table:
    """The same for order lines: all columns of orders and the customer's; by ordered_at and key."""
    return _base(tables, "orders")


def _base(tables: Mapping[str, ibis.Table], name: str) -> ibis.Table:
    table = TABLES[name]
    rows = latest(tables[name], table.key)
    people = latest(tables["customers"], TABLES["customers"].key).select("customer_id", *_CUSTOMER_COLUMNS)
    joined = rows.left_join(people, "customer_id").drop("customer_id_right")
    return joined.mutate(segment_id=ibis.null("string")).order_by(table.event_time, *table.key)
