"""The rows that statistics are computed from: the latest version of each, with who the customer is."""

from __future__ import annotations

from collections.abc import Mapping

import ibis

from features.history import latest
from features.local_time import local
from workspace.tables import TABLES

_CUSTOMER_COLUMNS = ("owner", "region", "city", "country")


def interactions_base(tables: Mapping[str, ibis.Table], timezone: str) -> ibis.Table:
    """All columns of interactions, with owner, region, city, country, segment_id and local_at; by occurred_at and key.

    local_at: the moment on the company's clock, without a zone. segment_id is null here: publish fills it in.
    Needs the tables interactions and customers. Unidentified callers are among the rows.
    """
    return _base(tables, "interactions", timezone)


def orders_base(tables: Mapping[str, ibis.Table], timezone: str) -> ibis.Table:
    """The same for order lines: all columns of orders, the customer's and local_at; by ordered_at and key."""
    return _base(tables, "orders", timezone)


def _base(tables: Mapping[str, ibis.Table], name: str, timezone: str) -> ibis.Table:
    table = TABLES[name]
    rows = latest(tables[name], table.key)
    people = latest(tables["customers"], TABLES["customers"].key).select("customer_id", *_CUSTOMER_COLUMNS)
    joined = rows.left_join(people, "customer_id").drop("customer_id_right")
    return joined.mutate(
        segment_id=ibis.null("string"),
        local_at=local(joined[table.event_time], timezone),
    ).order_by(table.event_time, *table.key)
