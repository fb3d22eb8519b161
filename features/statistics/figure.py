"""Any statistic, any period, split, filtered and compared: one function behind card, table, chart, export and API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pyarrow as pa

from features.statistics.cube import Cube, answering
from features.statistics.dimensions import shown
from features.statistics.groups import groups, some_groups, source_of
from features.statistics.periods import compared_period, compared_range, start_of
from features.statistics.query import Query as Query
from features.statistics.query import checked

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def figure(
    connection: DuckDBPyConnection, sql: Mapping[str, str], query: Query, cubes: Sequence[Cube] = ()
) -> pa.Table:
    """The statistic, one row a period and combination of `by`: period_start (UTC, only with a grain), the dimensions,
    value (float64), count (rows it rests on) and with `compare` compare_value, compare_count and growth
    (value / compare_value - 1).

    connection: DuckDB with the bases registered as `interactions`, `orders` and `surveys`, `customer_values` and the
    `cubes` by their names, its TimeZone UTC. sql: of `compiled`. The first of the cubes that gives the same numbers as
    the rows is used instead of them.
    Periods and combinations without a row are left out; a first or last period that the query cuts is compared with
    the same part of its predecessor. growth is null unless compare_value is above 0. Sorted by period and dimensions.

    Raises QueryError for what doesn't exist, naming what does.
    """
    statistic = checked(query, sql)
    ranges = [(query.start, query.end)]
    if query.compare is not None:
        ranges.append(compared_range(query, ZoneInfo(sql["timezone"])))
    source = source_of(statistic, answering(cubes, query, ranges, sql))
    if f"{query.metric}.only.where" in sql:
        # Any figure's cube knows which groups there are.
        known = answering(cubes, replace(query, metric="contacts"), ranges, sql)
        selects = [some_groups(sql, source, known, query, range_) for range_ in ranges]
    else:
        selects = [groups(sql, source, query, range_) for range_ in ranges]
    text = _joined([select for select, _ in selects], query, sql["timezone"])
    parameters = [value for _, values in selects for value in values]
    return connection.sql(text, params=parameters).to_arrow_table()


def _joined(selects: list[str], query: Query, timezone: str) -> str:
    """The groups of the range, beside them those of the compared one."""
    keys = [f'now."{name}"' for name in query.by]
    columns = [f'{shown(name, key)} AS "{name}"' for name, key in zip(query.by, keys, strict=True)]
    order = [f"{key} NULLS LAST" for key in keys]
    if query.grain is not None:
        columns.insert(0, f"{start_of(query.grain, 'now.period', timezone)} AS period_start")
        order.insert(0, "now.period")
    columns += ["now.value", "now.count"]
    tables = f"({selects[0]}) AS now"
    if query.compare is not None:
        columns += [
            "before.value AS compare_value",
            "before.count AS compare_count",
            "CASE WHEN before.value > 0 THEN now.value / before.value - 1 END AS growth",
        ]
        matches = [f'now."{name}" IS NOT DISTINCT FROM before."{name}"' for name in query.by]
        if query.grain is not None:
            matches.append(f"before.period = {compared_period(query.grain, query.compare, timezone)}")
        tables += f" LEFT JOIN ({selects[1]}) AS before ON {' AND '.join(matches) or 'TRUE'}"
    ending = f" ORDER BY {', '.join(order)}" if order else ""
    return f"SELECT {', '.join(columns)} FROM {tables}{ending}"
