"""What was exported, in state.db: a row an export, and a row for each customer who was sent or held out."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from workspace.state import State

METADATA = sa.MetaData()

EXPORTS = sa.Table(
    "exports",
    METADATA,
    sa.Column("export_id", sa.Text, primary_key=True),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    # The rep whose customers alone it holds; null for an export of the whole company.
    sa.Column("only_owner", sa.Text),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("cutoff", sa.Text, nullable=False),
    sa.Column("filters", sa.Text, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("campaign", sa.Text, nullable=False),
    sa.Column("holdout", sa.Float, nullable=False),
    sa.Column("matching", sa.Integer, nullable=False),
    sa.Column("left_out_without_consent", sa.Integer, nullable=False),
    sa.Column("sent", sa.Integer, nullable=False),
    sa.Column("held_out", sa.Integer, nullable=False),
    sa.Column("format", sa.Text, nullable=False),
    sa.Column("file_sha256", sa.Text, nullable=False),
    sa.Column("file_bytes", sa.Integer, nullable=False),
)

EXPORTED_CUSTOMERS = sa.Table(
    "exported_customers",
    METADATA,
    sa.Column("export_id", sa.Text, primary_key=True),
    sa.Column("customer_id", sa.Text, primary_key=True),
    sa.Column("is_sent", sa.Boolean, nullable=False),
    sqlite_with_rowid=False,
)

# So many rows go into one statement.
_AT_ONCE = 10_000


def record(
    connection: sa.Connection, export: Mapping[str, Any], sent: Collection[str], held_out: Collection[str]
) -> None:
    """Keep an export, with who was sent and who held out, in the caller's transaction.

    export: a value for each column of EXPORTS, `filters` a dictionary.
    """
    connection.execute(sa.insert(EXPORTS), {**export, "filters": json.dumps(export["filters"], ensure_ascii=False)})
    rows = [(export["export_id"], customer, True) for customer in sent]
    rows += [(export["export_id"], customer, False) for customer in held_out]
    named = [
        {"export_id": export_id, "customer_id": customer, "is_sent": is_sent} for export_id, customer, is_sent in rows
    ]
    for start in range(0, len(named), _AT_ONCE):
        connection.execute(sa.insert(EXPORTED_CUSTOMERS), named[start : start + _AT_ONCE])


def recorded(state: State, export_id: str) -> dict[str, Any] | None:
    """One export as it was recorded, `filters` a dictionary; None where there is none of this id."""
    with state.begin() as connection:
        row = connection.execute(sa.select(EXPORTS).where(EXPORTS.c.export_id == export_id)).mappings().first()
    return None if row is None else {**row, "filters": json.loads(row["filters"])}


def known_ids(state: State) -> set[str]:
    """The ids of every export."""
    with state.begin() as connection:
        return set(connection.execute(sa.select(EXPORTS.c.export_id)).scalars())


def exported(state: State, export_id: str) -> tuple[list[str], list[str]]:
    """Who was sent and who was held out, each in order of their keys."""
    rows = EXPORTED_CUSTOMERS
    wanted = sa.select(rows.c.customer_id, rows.c.is_sent).where(rows.c.export_id == export_id)
    with state.begin() as connection:
        found = connection.execute(wanted.order_by(rows.c.customer_id)).all()
    return [row.customer_id for row in found if row.is_sent], [row.customer_id for row in found if not row.is_sent]


def exports_with(state: State, customer_ids: Iterable[str]) -> list[tuple[str, str]]:
    """(export_id, format) of the exports whose files name any of the customers."""
    rows = EXPORTED_CUSTOMERS
    wanted = (
        sa.select(EXPORTS.c.export_id, EXPORTS.c.format)
        .join(rows, rows.c.export_id == EXPORTS.c.export_id)
        .where(rows.c.customer_id.in_(list(customer_ids)), rows.c.is_sent)
        .distinct()
        .order_by(EXPORTS.c.export_id)
    )
    with state.begin() as connection:
        return [(row.export_id, row.format) for row in connection.execute(wanted)]


def forget(state: State, customer_ids: Iterable[str]) -> int:
    """Take customers out of every export's list of people; how many rows that were. Counts of exports stay."""
    with state.begin() as connection:
        rows = EXPORTED_CUSTOMERS
        return connection.execute(sa.delete(rows).where(rows.c.customer_id.in_(list(customer_ids)))).rowcount
