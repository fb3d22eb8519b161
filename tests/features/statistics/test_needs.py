"""The needs map: the statistics' own figures by topic, intervals by pandas, and nobody told by who they are."""

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from features.statistics.figure import Query, figure
from features.statistics.needs import FEWEST, interval, needs

BERLIN = ZoneInfo("Europe/Berlin")
START, END = datetime(2025, 11, 1, tzinfo=BERLIN), datetime(2026, 10, 15, 9, 30, tzinfo=BERLIN)


@pytest.mark.parametrize("known", [False, True])
def test_figures_are_those_of_the_statistics(known: bool, connection, sql) -> None:
    def ask(query: Query) -> pa.Table:
        return figure(connection, sql, query)

    surveys = connection.sql("FROM surveys").to_arrow_table()
    where = {"segment_id": tuple(surveys["segment_id"].drop_null().unique().to_pylist())} if known else {}
    found, left_out = needs(ask, surveys, START, END, where)
    frame = surveys.to_pandas()
    frame = frame[(frame.answered_at >= START) & (frame.answered_at < END)]
    if known:
        assert frame.segment_id.isna().any()
        frame = frame[frame.segment_id.notna()]
    assert found
    assert [row["need_gap"] for row in found] == sorted((row["need_gap"] for row in found), reverse=True)
    for row in found:
        rows = frame[frame.topic.isna() if row["topic"] is None else frame.topic == row["topic"]]
        assert row["customers"] == rows.customer_id.nunique() + rows.customer_id.isna().sum() >= FEWEST
        for name, metric in (("importance", "survey_importance"), ("satisfaction", "survey_satisfaction")):
            same = {one["topic"]: one for one in ask(Query(metric, START, END, by=("topic",), where=where)).to_pylist()}
            assert row[name] == same[row["topic"]]["value"] == pytest.approx(rows[name].mean(), rel=1e-12)
            assert row[f"{name}_interval"] == pytest.approx(by_pandas(rows, rows[name]), rel=1e-9)
        gap = rows.importance * (5 - rows.satisfaction)
        assert row["need_gap"] == pytest.approx(gap.mean(), rel=1e-12)
        assert row["answers"] == gap.notna().sum()
    assert left_out == frame.topic.nunique(dropna=False) - len(found)


def by_pandas(rows: pd.DataFrame, values: pd.Series) -> list[float]:
    people = rows.customer_id.where(rows.customer_id.notna(), pd.Series(rows.index.astype(str), rows.index))
    away = (values - values.mean()).groupby(people).sum()[values.groupby(people).count() > 0]
    error = np.sqrt((away**2).sum() * len(away) / (len(away) - 1)) / values.count()
    return [max(1.0, values.mean() - 1.959964 * error), min(5.0, values.mean() + 1.959964 * error)]


def test_the_interval_covers_as_often_as_promised() -> None:
    """Customers answer three times each, much alike: taken for independent answers the interval would miss often."""
    random = np.random.default_rng(0)
    hits = 0
    for _ in range(400):
        own = random.normal(3.0, 0.6, 80)
        people = np.repeat(np.arange(80), 3)
        values = own[people] + random.normal(0, 0.3, 240)
        low, high = interval(values, people, float(values.mean()), (1.0, 5.0))
        hits += low <= 3.0 <= high
    assert 0.92 <= hits / 400 <= 0.975


def test_few_customers_are_left_out_and_nothing_is_no_crash() -> None:
    def ask(query: Query) -> pa.Table:
        return pa.table({"topic": ["rare", None], "value": [3.0, 4.0], "count": [9, 6]})

    rows = pa.table(
        {
            "answered_at": pa.array([START] * 15, pa.timestamp("us", "UTC")),
            "topic": ["rare"] * 9 + [None] * 6,
            "customer_id": ["a", "b", "c", "d"] * 2 + ["a"] + [None] * 6,
            "importance": pa.array([4] * 15),
            "satisfaction": pa.array([3] * 15),
        }
    )
    found, left_out = needs(ask, rows, START, END, {})
    assert [row["topic"] for row in found] == [None]
    assert left_out == 1
    assert interval(np.array([3.0]), np.array([1]), 3.0, (1.0, 5.0)) == [1.0, 5.0]
