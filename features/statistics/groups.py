"""The groups of one range in SQL: a period, the dimensions, value and count. Names come from the catalogue, not from a
caller; values are bound.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from features.statistics.catalogue import Statistic
from features.statistics.cube import Cube, Range
from features.statistics.dimensions import condition, key
from features.statistics.once import ONCE, is_once
from features.statistics.periods import local, period
from features.statistics.query import Query
from features.windows import micros_of

_EVENT_TIME = {"interactions": "occurred_at", "orders": "ordered_at", "surveys": "answered_at"}


@dataclass(frozen=True)
class Source:
    """Where rows come from: a table, the microseconds of a row's moment, and how its expressions are named."""

    table: str
    moment: str
    prefix: str


def source_of(statistic: Statistic, cube: Cube | None) -> Source:
    """The cube, or else the base of the statistic."""
    if cube is not None:
        return Source(cube.name, '"at_us"', f"{statistic.name}.cube.")
    return Source(statistic.table, f'epoch_us("{_EVENT_TIME[statistic.table]}")', f"{statistic.name}.")


def groups(sql: Mapping[str, str], source: Source, query: Query, range_: Range) -> tuple[str, list[Any]]:
    """SQL for the groups of one range, and the values bound in it."""
    clock = local(source.moment, sql["timezone"], *range_)
    keys = _keys(sql, source.moment, query, clock)
    where, values = _where(source.moment, query, *range_, clock)
    first = is_once(query, source.moment, *range_, sql["timezone"], sql["week_start"])
    if f"{query.metric}.within" in sql:
        return _of_groups(sql, source, query.metric, keys, clock, where, first), values
    aggregates = {part: sql[f"{source.prefix}{part}"] for part in ("value", "count")}
    if first is not None and f"{query.metric}.once" in sql:
        aggregates["value"] = sql[f"{query.metric}.once"].replace(f'"{ONCE}"', first)
    return _select(keys, _typed(aggregates), f'"{source.table}" WHERE {where}'), values


def some_groups(
    sql: Mapping[str, str], source: Source, known: Cube | None, query: Query, range_: Range
) -> tuple[str, list[Any]]:
    """The same for a figure of rows of one condition: only these are grouped. The cube `known` tells which groups there
    are besides theirs; without one all rows do.
    """
    clock = local(source.moment, sql["timezone"], *range_)
    keys = _keys(sql, source.moment, query, clock)
    if known is None and keys:
        return groups(sql, source, query, range_)
    where, values = _where(source.moment, query, *range_, clock)
    figures = _typed({part: sql[f"{query.metric}.only.{part}"] for part in ("value", "count")})
    rows = f'"{source.table}" WHERE {where} AND ({sql[f"{query.metric}.only.where"]})'
    found = _select(keys, figures, rows)
    if known is None or not keys:
        return found, values
    every, bound = _present(sql, known, query, range_)
    columns = ", ".join(f'every."{name}"' for name in keys)
    same = " AND ".join(f'every."{name}" IS NOT DISTINCT FROM found."{name}"' for name in keys)
    text = f"SELECT {columns}, found.value, COALESCE(found.count, 0) AS count FROM ({every}) AS every"
    return f"{text} LEFT JOIN ({found}) AS found ON {same}", [*bound, *values]


def _present(sql: Mapping[str, str], cube: Cube, query: Query, range_: Range) -> tuple[str, list[Any]]:
    """The groups that have a row."""
    moment = '"at_us"'
    clock = local(moment, sql["timezone"], *range_)
    where, values = _where(moment, query, *range_, clock)
    return _select(_keys(sql, moment, query, clock), {}, f'"{cube.name}" WHERE {where}'), values


def _keys(sql: Mapping[str, str], moment: str, query: Query, clock: str) -> dict[str, str]:
    """What the rows are grouped by."""
    keys = {name: key(name, clock) for name in query.by}
    if query.grain is None:
        return keys
    return {"period": period(query.grain, moment, clock, sql["week_start"]), **keys}


def _of_groups(
    sql: Mapping[str, str],
    source: Source,
    metric: str,
    keys: Mapping[str, str],
    clock: str,
    where: str,
    first: str | None,
) -> str:
    """A figure in two steps: the parts of each group within, then the figure over them. Where `first` tells a
    customer's first row in a group, that row stands for the customer, and nothing is grouped within."""
    within = {f"within_{name}": _within(name, clock) for name in sql[f"{metric}.within"].split(" ")}
    rows = f'"{source.table}" WHERE {where}'
    once = _named(sql, f"{metric}.each.")
    if first is not None and once:
        found = _select({}, {**keys, **within, **once}, f"{rows} AND {first}")
    else:
        found = _select({**keys, **within}, _named(sql, f"{source.prefix}part."), rows)
    table = f"({found}) AS parts"
    beside = sql.get(f"{metric}.beside")
    if beside is not None:
        columns = {name: name.removeprefix("within_") for name in within}
        same = " AND ".join(f'parts."{name}" = beside."{column}"' for name, column in columns.items())
        table += f' LEFT JOIN "{beside}" AS beside ON {same}'
    figures = {part: sql[f"{metric}.{part}"] for part in ("value", "count")}
    return _select({name: f'parts."{name}"' for name in keys}, _typed(figures), table)


def _named(sql: Mapping[str, str], start: str) -> dict[str, str]:
    return {name.removeprefix(start): text for name, text in sql.items() if name.startswith(start)}


def _within(name: str, clock: str) -> str:
    return f"date_trunc('month', {clock})" if name == "month" else f'"{name}"'


def _typed(figures: Mapping[str, str]) -> dict[str, str]:
    types = {"value": "DOUBLE", "count": "BIGINT"}
    return {part: f"CAST({text} AS {types[part]})" for part, text in figures.items()}


def _select(keys: Mapping[str, str], aggregates: Mapping[str, str], table: str) -> str:
    columns = ", ".join(f'{text} AS "{name}"' for name, text in {**keys, **aggregates}.items())
    grouped = ", ".join(str(place) for place in range(1, len(keys) + 1))
    ending = f" GROUP BY {grouped}" if keys else ""
    return f"SELECT {columns} FROM {table}{ending}"


def _where(moment: str, query: Query, start: datetime, end: datetime, clock: str) -> tuple[str, list[Any]]:
    conditions, values = [f"{moment} >= ?", f"{moment} < ?"], [micros_of(start), micros_of(end)]
    for name, allowed in query.where.items():
        text, bound = condition(name, allowed, clock)
        conditions.append(text)
        values += bound
    return " AND ".join(conditions), values
