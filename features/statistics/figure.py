"""Any statistic, any period, split, filtered and compared: one function behind card, table, chart, export and API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from features.local_time import offsets
from features.statistics.catalogue import CATALOGUE, COMPARISONS, GRAINS, Statistic
from features.windows import micros_of
from workspace.errors import QueryError
from workspace.settings import WEEKDAYS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_EVENT_TIME = {"interactions": "occurred_at", "orders": "ordered_at"}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_DAYS = {"day": 1, "week": 7}
# A year back from a week is the 52nd week before: the same date lies in the middle of another one.
_YEAR_OF_WEEKS = 364
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Query:
    """What is asked: a metric of the catalogue over `[start, end)` (aware moments).

    by: dimensions to split by. grain: one row a period of the company's calendar. where: values allowed of a dimension;
    None stands for unknown. compare: "previous", the period of the same length before (with a grain: each period's
    predecessor), or "last_year", the same dates a year before (weeks: 52 weeks).
    """

    metric: str
    start: datetime
    end: datetime
    by: tuple[str, ...] = ()
    grain: str | None = None
    compare: str | None = None
    where: Mapping[str, Sequence[str | None]] = field(default_factory=lambda: MappingProxyType({}))


def figure(connection: DuckDBPyConnection, sql: Mapping[str, str], query: Query) -> pa.Table:
    """The statistic, one row a period and combination of `by`: period_start (UTC, only with a grain), the dimensions,
    value (float64), count (rows it rests on) and with `compare` compare_value and growth (value / compare_value - 1).

    connection: DuckDB with the bases registered as `interactions` and `orders`, its TimeZone UTC. sql: of `compiled`.
    Periods and combinations without a row are left out; a first or last period that the query cuts is compared with
    the same part of its predecessor. growth is null unless compare_value is above 0. Sorted by period and dimensions.

    Raises QueryError for what doesn't exist, naming what does.
    """
    statistic = _checked(query)
    zone = ZoneInfo(sql["timezone"])
    ranges = [(query.start, query.end)]
    if query.compare is not None:
        ranges.append(_compared_range(query, zone))
    selects = [_select(sql, statistic, query, start, end) for start, end in ranges]
    text = _joined([select for select, _ in selects], query, sql["timezone"])
    parameters = [value for _, values in selects for value in values]
    return connection.sql(text, params=parameters).to_arrow_table()


def _checked(query: Query) -> Statistic:
    if query.metric not in CATALOGUE:
        raise QueryError(f"There is no statistic {query.metric!r}; choose one of {', '.join(CATALOGUE)}.")
    statistic = CATALOGUE[query.metric]
    for name in (*query.by, *query.where):
        if name not in statistic.dimensions:
            raise QueryError(
                f"{query.metric} has no dimension {name!r}; choose from {', '.join(statistic.dimensions)}."
            )
    if len(set(query.by)) != len(query.by):
        raise QueryError(f"A dimension can be named once; found {', '.join(query.by)}.")
    if query.grain is not None and query.grain not in GRAINS:
        raise QueryError(f"There is no grain {query.grain!r}; choose one of {', '.join(GRAINS)}.")
    if query.compare is not None and query.compare not in COMPARISONS:
        raise QueryError(f"There is no comparison {query.compare!r}; choose one of {', '.join(COMPARISONS)}.")
    if query.start.utcoffset() is None or query.end.utcoffset() is None:
        raise QueryError("The start and end of a statistic need a time zone.")
    if query.start >= query.end:
        raise QueryError(
            f"The period is empty: it starts at {query.start} and ends at {query.end}. Choose a later end."
        )
    return statistic


def _select(
    sql: Mapping[str, str], statistic: Statistic, query: Query, start: datetime, end: datetime
) -> tuple[str, list[Any]]:
    """SQL for the groups of one range and the values bound in it; names come from the catalogue, not from a caller."""
    moment = f'epoch_us("{_EVENT_TIME[statistic.table]}")'
    conditions, values = [f"{moment} >= ?", f"{moment} < ?"], [micros_of(start), micros_of(end)]
    for name, allowed in query.where.items():
        condition, bound = _condition(name, allowed)
        conditions.append(condition)
        values += bound
    keys = [f'"{name}"' for name in query.by]
    period = []
    if query.grain is not None:
        local = _local(moment, sql["timezone"], start, end)
        period = [f"{_period(query.grain, moment, local, sql['week_start'])} AS period"]
    columns = [
        *period,
        *keys,
        f"CAST({sql[f'{statistic.name}.value']} AS DOUBLE) AS value",
        f"CAST({sql[f'{statistic.name}.count']} AS BIGINT) AS count",
    ]
    text = f'SELECT {", ".join(columns)} FROM "{statistic.table}" WHERE {" AND ".join(conditions)}'
    groups = [*(["period"] if period else []), *keys]
    return text + (f" GROUP BY {', '.join(groups)}" if groups else ""), values


def _condition(name: str, allowed: Sequence[str | None]) -> tuple[str, list[Any]]:
    known = [value for value in allowed if value is not None]
    parts = [f'"{name}" IN ({", ".join("?" * len(known))})'] if known else []
    if None in allowed:
        parts.append(f'"{name}" IS NULL')
    return f"({' OR '.join(parts) or 'FALSE'})", known


def _local(moment: str, timezone: str, start: datetime, end: datetime) -> str:
    """The company's clock at a row's moment, by the zone's offsets in the range (no calendar)."""
    changes = [(micros_of(since), offset // _MICROSECOND) for since, offset in offsets(timezone, start, end)]
    cases = "".join(f" WHEN {moment} >= {since} THEN {offset}" for since, offset in reversed(changes[1:]))
    offset = f"CASE{cases} ELSE {changes[0][1]} END" if cases else str(changes[0][1])
    return f"make_timestamp({moment} + {offset})"


def _period(grain: str, moment: str, local: str, week_start: str) -> str:
    """The start of a row's period on the company's clock; of an hour in UTC, as one hour a year comes twice locally."""
    if grain == "hour":
        return f"make_timestamp({moment} - (epoch_us({local}) - epoch_us(date_trunc('hour', {local}))))"
    if grain == "week":
        shift = f"INTERVAL {WEEKDAYS.index(week_start)} DAY"
        return f"date_trunc('week', {local} - {shift}) + {shift}"
    return f"date_trunc('{grain}', {local})"


def _joined(selects: list[str], query: Query, timezone: str) -> str:
    """The groups of the range, beside them those of the compared one."""
    columns = [f'now."{name}"' for name in query.by]
    order = [f"{column} NULLS LAST" for column in columns]
    if query.grain is not None:
        columns.insert(0, f"{_start(query.grain, 'now.period', timezone)} AS period_start")
        order.insert(0, "now.period")
    columns += ["now.value", "now.count"]
    tables = f"({selects[0]}) AS now"
    if query.compare is not None:
        columns += [
            "before.value AS compare_value",
            "CASE WHEN before.value > 0 THEN now.value / before.value - 1 END AS growth",
        ]
        matches = [f'now."{name}" IS NOT DISTINCT FROM before."{name}"' for name in query.by]
        if query.grain is not None:
            matches.append(f"before.period = {_compared_period(query.grain, query.compare, timezone)}")
        tables += f" LEFT JOIN ({selects[1]}) AS before ON {' AND '.join(matches) or 'TRUE'}"
    ending = f" ORDER BY {', '.join(order)}" if order else ""
    return f"SELECT {', '.join(columns)} FROM {tables}{ending}"


def _start(grain: str, period: str, timezone: str) -> str:
    return f"timezone('{'UTC' if grain == 'hour' else timezone}', {period})"


def _compared_period(grain: str, compare: str, timezone: str) -> str:
    """Which earlier period a period is compared with."""
    if compare == "previous":
        step = f"{_MONTHS[grain]} MONTH" if grain in _MONTHS else f"{_DAYS.get(grain, 0)} DAY"
        return f"now.period - INTERVAL {'1 HOUR' if grain == 'hour' else step}"
    if grain == "week":
        return f"now.period - INTERVAL {_YEAR_OF_WEEKS} DAY"
    if grain == "hour":
        there = f"timezone('{timezone}', timezone('UTC', now.period)) - INTERVAL 12 MONTH"
        return f"timezone('UTC', timezone('{timezone}', {there}))"
    return "now.period - INTERVAL 12 MONTH"


def _compared_range(query: Query, zone: ZoneInfo) -> tuple[datetime, datetime]:
    if query.compare == "last_year":
        days = _YEAR_OF_WEEKS if query.grain == "week" else 0
        months = 0 if days else 12
        return _back(query.start, zone, months, days), _back(query.end, zone, months, days)
    if query.grain == "hour":
        return query.start - timedelta(hours=1), query.end - timedelta(hours=1)
    if query.grain is not None:
        months, days = _MONTHS.get(query.grain, 0), _DAYS.get(query.grain, 0)
        return _back(query.start, zone, months, days), _back(query.end, zone, months, days)
    return _range_before(query.start, query.end, zone), query.start


def _range_before(start: datetime, end: datetime, zone: ZoneInfo) -> datetime:
    """Where the range of the same length before begins: whole months and days by the calendar, else to the second."""
    first, last = start.astimezone(zone), end.astimezone(zone)
    if not (_is_midnight(first) and _is_midnight(last)):
        return start - (end - start)
    if first.day == 1 and last.day == 1:
        return _back(start, zone, (last.year - first.year) * 12 + last.month - first.month, 0)
    return _back(start, zone, 0, (last.date() - first.date()).days)


def _is_midnight(moment: datetime) -> bool:
    return (moment.hour, moment.minute, moment.second, moment.microsecond) == (0, 0, 0, 0)


def _back(moment: datetime, zone: ZoneInfo, months: int, days: int) -> datetime:
    """The same clock time so many months and days before; a day that the month hasn't becomes its last."""
    there = moment.astimezone(zone)
    month = there.year * 12 + there.month - 1 - months
    first = there.replace(year=month // 12, month=month % 12 + 1, day=1)
    following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    length = (following.date() - first.date()).days
    return first.replace(day=min(there.day, length)) - timedelta(days=days)
