from datetime import date

import pytest

from features.statistics.bottlenecks import DIMENSIONS, METRICS
from features.statistics.figure import Query
from serving.answers.bottlenecks import bottlenecks
from serving.answers.statistics import asked_range
from serving.callers import Caller
from serving.snapshot import Snapshot
from workspace.errors import QueryError

DAYS = (date(2026, 5, 1), date(2026, 9, 1))


def test_rows_are_figures_that_grew(snapshot: Snapshot, callers: dict[str, Caller]) -> None:
    answer = bottlenecks(snapshot, callers["admin"], *DAYS)
    assert (answer["from"], answer["compare"]) == ("2026-04-30T16:00:00Z", "previous")
    assert answer["rows"]
    for row in answer["rows"]:
        assert row["metric"] in METRICS
        assert row["dimension"] in DIMENSIONS
        query = Query(row["metric"], *asked_range(snapshot, *DAYS), by=(row["dimension"],), compare="previous")
        figures = {found[row["dimension"]]: found for found in snapshot.figure(query).to_pylist()}
        assert figures[row["group"]]["growth"] == row["growth"]
        assert row["value"] > row["compare_value"]


def test_sales_see_those_of_their_own_customers(snapshot: Snapshot, callers: dict[str, Caller], owner: str) -> None:
    rows = bottlenecks(snapshot, callers["sales"], *DAYS)["rows"]
    assert {row["group"] for row in rows if row["dimension"] == "owner"} <= {owner}
    everybody = bottlenecks(snapshot, callers["admin"], *DAYS)["rows"]
    assert sum(row["count"] for row in rows) < sum(row["count"] for row in everybody)


def test_an_empty_range_is_refused(snapshot: Snapshot, callers: dict[str, Caller]) -> None:
    with pytest.raises(QueryError, match="`from` must lie before `to`"):
        bottlenecks(snapshot, callers["admin"], DAYS[1], DAYS[0])
