"""Which typed rows are new: not refused, not repeated within their file, not in the lake already.

Same key and same content twice in one file is a duplicate. A key that the lake has is `known` when its content is what
the lake holds: for a key that comes once in its file, the last version of the same source (of any, when that source
never gave the key); for a key that comes in several versions, any of them. Other content under a known key is a later
version and kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import ibis

from interactions.cleaning.rows import EXCLUDED, REASONS, REPAIR
from workspace.tables import PROVENANCE, TABLES

if TYPE_CHECKING:
    import ibis.expr.types as ir

STATE = "state"
FIRST = "is first version"


@dataclass(frozen=True)
class Origin:
    """Where the rows being judged come from."""

    source: str
    collected_at: datetime


def judged(typed: ir.Table, earlier: ir.Table | None, table: str, origin: Origin) -> ir.Table:
    """The typed rows with `state` (excluded, quarantined, duplicate, known or kept) and whether a kept row is the first
    version of its key. `earlier` holds the lake's rows of the table; None when there are none."""
    key = list(TABLES[table].key)
    candidate = ~typed[EXCLUDED] & (typed[REASONS] == "")
    rows = typed.mutate(candidate=candidate, fingerprint=_fingerprint(typed, table))
    copies = ibis.window(group_by=["candidate", *key, "fingerprint"], order_by="source_row")
    rows = rows.mutate(copy=ibis.row_number().over(copies))
    per_key = ibis.window(group_by=["candidate", *key])
    unique = (rows.copy == 0).cast("int64")
    rows = rows.mutate(
        versions=unique.sum().over(per_key),
        place=ibis.row_number().over(ibis.window(group_by=["candidate", *key], order_by="source_row")),
    )
    rows = _with_earlier(rows, earlier, table, origin)
    state = ibis.cases(
        (rows[EXCLUDED], "excluded"),
        (rows[REASONS] != "", "quarantined"),
        (rows.copy > 0, "duplicate"),
        (rows["is known"], "known"),
        else_="kept",
    )
    first = (rows.place == 0) & ~rows["has earlier"]
    return rows.mutate(**{STATE: state, FIRST: first}).select(*typed.columns, STATE, FIRST)


def _with_earlier(rows: ir.Table, earlier: ir.Table | None, table: str, origin: Origin) -> ir.Table:
    """Whether the lake has each row's key, and whether it has its content."""
    if earlier is None:
        return rows.mutate(**{"is known": ibis.literal(False), "has earlier": ibis.literal(False)})
    key = list(TABLES[table].key)
    met = earlier.semi_join(rows, key)
    met = met.select(*key, "source", "collected_at", "source_row", fingerprint=_fingerprint(met, table))
    met = met.mutate(
        age=ibis.row_number().over(group_by=key, order_by=["collected_at", "source_row"]),
        mine=met.source == origin.source,
    )
    last = met.group_by(key).agg(
        last=met.fingerprint.argmax(met.age), mine=met.fingerprint.argmax(met.age, where=met.mine)
    )
    last = last.select(*key, expected=ibis.coalesce(last.mine, last.last), **{"has earlier": ibis.literal(True)})
    contents = met.select(*key, "fingerprint").distinct().mutate(**{"any version": ibis.literal(True)})
    joined = rows.left_join(last, key, rname="{name}_last").left_join(
        contents, [*key, "fingerprint"], rname="{name}_same"
    )
    alone = (joined.versions == 1) & (joined.fingerprint == joined.expected)
    several = (joined.versions > 1) & joined["any version"]
    return joined.mutate(
        **{
            "is known": (alone | several).fill_null(False),
            "has earlier": joined["has earlier"].fill_null(False),
        }
    )


def _fingerprint(rows: ir.Table, table: str) -> Any:
    """A hash of all a row says; compared under one key only and never stored."""
    given = {column.name for column in PROVENANCE}
    names = [name for name in TABLES[table].column_names if name not in given]
    return ibis.struct({name: rows[name] for name in names}).hash()


def repairs_of(typed: ir.Table) -> list[str]:
    """The names of the repairs that the typed rows are flagged with."""
    return [name for name in typed.columns if name.startswith(REPAIR)]
