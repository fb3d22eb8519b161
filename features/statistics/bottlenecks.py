"""Where waiting grows: who and what is answered later than in the period before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from features.statistics.query import Query

METRICS = ("wait_seconds_p90", "first_response_minutes_p90")
DIMENSIONS = ("channel", "owner", "hour_of_day")
# The ninth in ten of fewer contacts is whoever happened to wait longest.
FEWEST = 30


def bottlenecks(
    figure: Callable[[Query], pa.Table],
    start: datetime,
    end: datetime,
    where: Mapping[str, Sequence[str | None]],
    compare: str = "previous",
) -> list[dict[str, Any]]:
    """Every channel, owner and hour of the day whose wait or first answer (9 in 10 within) is longer over [start, end)
    than in the period it is compared with; the one that grew most first.

    A row: metric, dimension, group (null: unknown), value, compare_value, growth, count, compare_count. Both periods
    have 30 contacts or more. growth is null, and first, where nobody waited before. figure: answers a Query.
    """
    found = []
    for metric in METRICS:
        for dimension in DIMENSIONS:
            query = Query(metric, start, end, by=(dimension,), compare=compare, where=where)
            rows = [row for row in figure(query).to_pylist() if _grew(row)]
            found += [{"metric": metric, "dimension": dimension, "group": row.pop(dimension), **row} for row in rows]
    return sorted(found, key=_order)


def _grew(row: Mapping[str, Any]) -> bool:
    enough = min(row["count"], row["compare_count"] or 0) >= FEWEST
    return enough and bool(row["value"] > row["compare_value"])


def _order(row: Mapping[str, Any]) -> tuple[Any, ...]:
    growth = float("inf") if row["growth"] is None else row["growth"]
    return -growth, -row["value"], row["metric"], row["dimension"], row["group"] or ""
