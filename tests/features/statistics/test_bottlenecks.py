"""Bottlenecks are the groups whose p90 grew, by the figure itself, the fastest growing first."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from features.statistics.bottlenecks import DIMENSIONS, FEWEST, METRICS, bottlenecks
from features.statistics.figure import Query, figure

BERLIN = ZoneInfo("Europe/Berlin")
START, END = datetime(2026, 5, 1, tzinfo=BERLIN), datetime(2026, 9, 1, tzinfo=BERLIN)


@pytest.mark.parametrize("compare", ["previous", "last_year"])
@pytest.mark.parametrize("where", [{}, {"channel": ("phone", "chat")}])
def test_what_grew_by_the_figure_itself(compare: str, where, connection, sql) -> None:
    def ask(query: Query) -> pa.Table:
        return figure(connection, sql, query)

    found = bottlenecks(ask, START, END, where, compare)
    expected = set()
    for metric in METRICS:
        for dimension in DIMENSIONS:
            for row in ask(Query(metric, START, END, by=(dimension,), compare=compare, where=where)).to_pylist():
                if row["count"] >= FEWEST and (row["compare_count"] or 0) >= FEWEST:
                    assert row["compare_count"] == _count(ask, metric, dimension, row[dimension], compare, where)
                    if row["value"] > row["compare_value"]:
                        expected.add((metric, dimension, row[dimension], row["value"], row["growth"]))
    assert {
        (*(row[name] for name in ("metric", "dimension", "group", "value", "growth")),) for row in found
    } == expected
    assert len(found) == len(expected)
    growths = [row["growth"] for row in found if row["growth"] is not None]
    assert growths == sorted(growths, reverse=True)
    assert compare == "last_year" or len(growths) > 3


def _count(ask, metric: str, dimension: str, group: str | None, compare: str, where) -> int:
    start = {"previous": datetime(2026, 1, 1, tzinfo=BERLIN), "last_year": START.replace(year=2025)}[compare]
    end = {"previous": START, "last_year": END.replace(year=2025)}[compare]
    rows = ask(Query(metric, start, end, by=(dimension,), where=where)).to_pylist()
    return next(row["count"] for row in rows if row[dimension] == group)


def test_where_nobody_waited_before_comes_first_and_few_contacts_say_nothing() -> None:
    def row(value: float, before: float | None, count: int = 100, earlier: int | None = 100) -> dict:
        growth = value / before - 1 if before else None
        return {"value": value, "count": count, "compare_value": before, "compare_count": earlier, "growth": growth}

    answers = {"a": row(20, 10), "b": row(5, 0), "c": row(90, 10, count=29), "d": row(90, None, earlier=None)}
    answers |= {"e": row(9, 10), "f": row(30, 10), "g": row(90, 10, earlier=29)}

    def ask(query: Query) -> pa.Table:
        if query.metric != METRICS[0] or query.by != ("channel",):
            return pa.table({"value": []})
        return pa.Table.from_pylist([{"channel": name, **values} for name, values in answers.items()])

    assert [found["group"] for found in bottlenecks(ask, START, END, {})] == ["b", "f", "a"]
