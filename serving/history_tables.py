"""The tables that features are computed from, of histories that came in by request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from serving.histories import MILLISECONDS, Described, History, Interaction, Order, Survey, milliseconds
from workspace.tables import TABLES, TEXT, TIMESTAMP

# The source of rows that name none; features/fills.py calls it so, too.
REQUEST = "request"
WINDOW = pa.schema([("customer_id", TEXT), ("cutoff", TIMESTAMP)])

_SIGNALS = frozenset(("language", "sentiment", "words", "questions", "masked"))

# Signs of the key of a history, with which the keys of its rows begin.
_ROW_KEY = 8
# Of each kind of entry the columns that hold keys, its own first, and when it happened.
_KEYS = {
    "interactions": ("interaction_id",),
    "orders": ("order_line_id", "order_id"),
    "surveys": ("response_id",),
}
_HAPPENED = {"interactions": "occurred_at", "orders": "ordered_at", "surveys": "answered_at"}

_Entry: TypeAlias = Interaction | Order | Survey
_NOT_DESCRIBED = Described.model_validate({})

Column: TypeAlias = list[Any] | pa.Array
Signals = Callable[[Sequence[str | None]], Iterable[Any]]


def tables(histories: Sequence[History], moments: Sequence[datetime], signals: Signals) -> dict[str, pa.Table]:
    """The tables of features.history.HISTORY_TABLES and `window`, in the schemas of tables.py.

    `moments`: the cutoff of each history. Customers are called by their position (see row_key), so that two histories
    never mix, whatever their names. `signals` computes what a text says, as cleaning does. Of rows that come several
    times only the version that counts is there.
    """
    cutoff_of = {row_key(number): cutoff for number, cutoff in enumerate(moments)}
    told = {name: _told(name, histories) for name in _KEYS}
    told["message_signals"] = signals_of(told["interactions"], signals)
    return {
        "customers": _customers(histories, cutoff_of),
        **{name: _that_count(rows, TABLES[name].key[0], cutoff_of) for name, rows in told.items()},
        "window": cutoffs(cutoff_of),
    }


def cutoffs(of_each: Mapping[str, datetime]) -> pa.Table:
    """The table `window` of compiled features: the cutoff of each customer."""
    return pa.table([list(of_each), pa.array(of_each.values(), TIMESTAMP)], WINDOW)


def row_key(number: int) -> str:
    """The key a history's customer has while it is scored; keys sort as their numbers."""
    return f"{number:0{_ROW_KEY}d}"


def _customers(histories: Sequence[History], cutoff_of: Mapping[str, datetime]) -> pa.Table:
    described = [history.customer or _NOT_DESCRIBED for history in histories]
    # What a caller tells about a customer is known when the score is wanted.
    known = [cutoff - timedelta(microseconds=1) for cutoff in cutoff_of.values()]
    columns = {"customer_id": list(cutoff_of), "income": [one.income for one in described]}
    return _table("customers", {**columns, **_provenance([1] * len(known), known, [one.source for one in described])})


def _told(name: str, histories: Sequence[History]) -> pa.Table:
    """What all histories tell of interactions, orders or surveys."""
    given: list[Sequence[_Entry]] = [getattr(history, name) for history in histories]
    rows = [entry for entries in given for entry in entries]
    if not rows:
        return TABLES[name].schema.empty_table()
    said = {one.name for one in fields(rows[0])}
    keys = [row_key(place) for place, entries in enumerate(given) for _ in entries]
    numbers = [number for entries in given for number in range(1, len(entries) + 1)]
    happened = _column(rows, _HAPPENED[name])
    known = [row.known_at or at for row, at in zip(rows, happened, strict=True)]
    columns: dict[str, Column] = {
        **{field: _column(rows, field) for field in TABLES[name].schema.names if field in said},
        **{ms: [*map(milliseconds, _column(rows, told))] for ms, told in MILLISECONDS.items() if told in said},
        "customer_id": keys,
        **_provenance(numbers, known, [row.source for row in rows]),
    }
    for field in _KEYS[name]:
        own_keys = zip(keys, numbers, columns[field], strict=True)
        columns[field] = [_id(key, number, own) for key, number, own in own_keys]
    columns["is_revision"] = _come_again(columns[_KEYS[name][0]])
    return _table(name, columns)


def _column(rows: Sequence[_Entry], field: str) -> list[Any]:
    return list(map(attrgetter(field), rows))


def _provenance(numbers: list[int], known: list[datetime], sources: Sequence[str | None]) -> dict[str, Column]:
    known_at = pa.array(known, TIMESTAMP)
    return {
        "source": [one or REQUEST for one in sources],
        "source_row": numbers,
        # What a request tells is collected when it is known.
        "collected_at": known_at,
        "known_at": known_at,
        "is_revision": [False] * len(known),
    }


def _come_again(keys: Column) -> list[bool]:
    """Which keys came before: only these keys' versions need to be held against one another."""
    if len(set(keys)) == len(keys):
        return [False] * len(keys)
    seen: set[str] = set()
    again = []
    for key in keys:
        again.append(key in seen)
        seen.add(key)
    return again


def _that_count(rows: pa.Table, key: str, cutoff_of: Mapping[str, datetime]) -> pa.Table:
    """Of each key the last version known before its history's cutoff, as features.versions.latest has it.

    Here, for a handful of rows, and not in the query: there it would take a fifth of the time of every one.
    """
    if not pc.any(rows["is_revision"]).as_py():
        return rows
    last: dict[str, tuple[datetime, str, int, int]] = {}
    versions = zip(*(rows[name].to_pylist() for name in (key, "known_at", "source", "source_row")), strict=True)
    for place, (own, known_at, source, number) in enumerate(versions):
        version = (known_at, source, number, place)
        if known_at < cutoff_of[own[:_ROW_KEY]] and (own not in last or last[own] < version):
            last[own] = version
    return rows.take(pa.array(sorted(version[-1] for version in last.values()), pa.int64()))


def _table(name: str, columns: Mapping[str, Column]) -> pa.Table:
    """The table of these columns, null in all others."""
    schema, rows = TABLES[name].schema, len(columns["customer_id"])
    arrays = [
        _array(columns[field.name], field.type) if field.name in columns else pa.nulls(rows, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def _array(values: Column, kind: pa.DataType) -> pa.Array:
    return values if isinstance(values, pa.Array) else pa.array(values, kind)


def signals_of(interactions: pa.Table, signals: Signals) -> pa.Table:
    """The rows of message_signals of those interactions that have a text; `signals` as of `tables`."""
    written = interactions.filter(pc.is_valid(interactions["content"]))
    said = list(signals(written["content"].to_pylist())) if len(written) else []
    schema = TABLES["message_signals"].schema
    columns = [
        pa.array([getattr(one, field.name) for one in said], field.type)
        if field.name in _SIGNALS
        else written[field.name]
        for field in schema
    ]
    return pa.table(columns, schema)


def _id(key: str, number: int, given: str | None) -> str:
    """Keys of rows are a caller's own: the history's key before them keeps two histories apart."""
    return f"{key}/{given}" if given is not None else f"{key}#{number:08d}"
