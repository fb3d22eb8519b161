"""Which typed rows are new: not refused, not repeated within their file, not in the lake already.

Same key and same content twice in one file is a duplicate. A key that the lake has is `known` when its content is what
the lake holds: for a key that comes once in its file, the last version of the same source (of any, when that source
never gave the key); for a key that comes in several versions, any of them. Other content under a known key is a later
version and kept.

Nearly all keys come once. They are told by counting hashes of keys; only rows of the others are compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import ibis

from interactions.cleaning.layers import Layers
from interactions.cleaning.rows import EXCLUDED, REASONS
from workspace.tables import PROVENANCE, TABLES

if TYPE_CHECKING:
    import ibis.expr.types as ir

STATE = "state"
FIRST = "is first version"
# Whether the key comes in one version alone, here and in the lake.
SINGLE = "is the only version"
_HASH = "hash of the key"


@dataclass(frozen=True)
class Origin:
    """Where the rows being judged come from."""

    source: str
    collected_at: datetime


def is_candidate(typed: ir.Table) -> Any:
    """Whether a row is neither left out nor refused."""
    return ~typed[EXCLUDED] & (typed[REASONS] == "")


def met_again(layers: Layers, keys: ir.Table, earlier: ir.Table | None, table: str, unique: bool) -> ir.Table | None:
    """`source_row` of rows whose key comes again, in the file or in the lake's rows `earlier`; None: there are none.

    `keys`: source_row and key of every row; `unique`: no key can come twice among them.
    """
    # Two numbers a row, held because they are gone through twice.
    keyed = layers.computed("keyed", keys.select("source_row", **{_HASH: _key_hash(keys, table)}))
    again = [] if unique else [_repeated(keyed)]
    again += [earlier.select(**{_HASH: _key_hash(earlier, table)}).distinct()] if earlier is not None else []
    if not again:
        return None
    hashes = layers.computed("keys met again", again[0] if len(again) == 1 else again[0].union(again[1], distinct=True))
    if not _count(hashes):
        return None
    places = layers.computed("places", keyed.semi_join(hashes, _HASH).select("source_row"))
    return places if _count(places) else None


def judged(candidates: ir.Table, earlier: ir.Table | None, table: str, origin: Origin) -> ir.Table:
    """All candidates of some keys compared, with each other and with the lake's rows `earlier`: source_row, STATE
    (duplicate, known or kept), FIRST and SINGLE."""
    key = list(TABLES[table].key)
    rows = candidates.select("source_row", *key, fingerprint=_fingerprint(candidates, table))
    copies = ibis.window(group_by=[*key, "fingerprint"], order_by="source_row")
    rows = rows.mutate(copy=ibis.row_number().over(copies))
    per_key = ibis.window(group_by=key)
    unique = (rows.copy == 0).cast("int64")
    rows = rows.mutate(
        versions=unique.sum().over(per_key),
        place=ibis.row_number().over(ibis.window(group_by=key, order_by="source_row")),
    )
    rows = _with_earlier(rows, earlier, table, origin)
    state = ibis.cases((rows.copy > 0, "duplicate"), (rows["is known"], "known"), else_="kept")
    return rows.select(
        "source_row",
        **{
            STATE: state,
            FIRST: (rows.place == 0) & ~rows["has earlier"],
            SINGLE: (rows.versions == 1) & ~rows["has earlier"],
        },
    )


def _repeated(keyed: ir.Table) -> ir.Table:
    counted = keyed.group_by(_HASH).agg(rows=keyed.count())
    return counted.filter(counted.rows > 1).select(_HASH)


def _key_hash(rows: ir.Table, table: str) -> Any:
    key = TABLES[table].key
    return rows[key[0]].hash() if len(key) == 1 else ibis.struct({name: rows[name] for name in key}).hash()


def _count(rows: ir.Table) -> int:
    counted: Any = rows.count()
    return int(counted.to_pyarrow().as_py())


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
