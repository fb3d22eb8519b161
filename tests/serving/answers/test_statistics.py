"""Figures: the answer is the figure, and sales see those of their own customers."""

from datetime import UTC, date, datetime

import pytest

from features.statistics.catalogue import CATALOGUE
from features.statistics.figure import Query
from serving.answers.statistics import catalogue, statistic
from serving.callers import Caller
from serving.snapshot import Snapshot
from workspace.errors import QueryError

# A month of the company, whose days begin at 16:00 UTC.
START, END = datetime(2026, 8, 31, 16, tzinfo=UTC), datetime(2026, 9, 30, 16, tzinfo=UTC)
DAYS = (date(2026, 9, 1), date(2026, 10, 1))


@pytest.mark.parametrize("metric", list(CATALOGUE))
@pytest.mark.parametrize("by", [(), ("owner",), ("segment_id",)])
def test_every_figure_is_the_figure(
    snapshot: Snapshot, callers: dict[str, Caller], metric: str, by: tuple[str, ...]
) -> None:
    answer = statistic(snapshot, callers["admin"], metric, *DAYS, by=by)
    table = snapshot.figure(Query(metric, START, END, by=by))
    assert [row["value"] for row in answer["rows"]] == table["value"].to_pylist()
    assert [row["count"] for row in answer["rows"]] == table["count"].to_pylist()
    assert (answer["from"], answer["to"]) == ("2026-08-31T16:00:00Z", "2026-09-30T16:00:00Z")
    assert answer["definition"] == CATALOGUE[metric].definition


def test_contacts_are_counted_right(snapshot: Snapshot, callers: dict[str, Caller]) -> None:
    rows = snapshot.tables["interactions"].select(["occurred_at", "is_automated", "channel"]).to_pylist()
    counted = [row for row in rows if START <= row["occurred_at"] < END and not row["is_automated"]]
    answer = statistic(snapshot, callers["admin"], "contacts", *DAYS)
    assert answer["rows"] == [{"value": float(len(counted)), "count": len(counted)}]
    by_phone = statistic(snapshot, callers["admin"], "contacts", *DAYS, where={"channel": ["phone"]})
    assert by_phone["rows"][0]["count"] == sum(row["channel"] == "phone" for row in counted)


def test_sales_figures_are_of_their_own_customers(snapshot: Snapshot, callers: dict[str, Caller], owner: str) -> None:
    sales, admin = callers["sales"], callers["admin"]
    own = statistic(snapshot, admin, "contacts", *DAYS, where={"owner": [owner]})["rows"]
    assert own[0]["count"] > 0
    assert statistic(snapshot, sales, "contacts", *DAYS)["rows"] == own
    assert statistic(snapshot, sales, "contacts", *DAYS, where={"owner": [owner, "another"]})["rows"] == own
    foreign = statistic(snapshot, sales, "contacts", *DAYS, where={"owner": ["another"]})["rows"]
    assert all(row["count"] == 0 for row in foreign)
    names = {row["owner"] for row in statistic(snapshot, sales, "contacts", *DAYS, by=("owner",))["rows"]}
    assert names == {owner}


def test_the_default_range_is_the_30_days_before_the_cutoff(snapshot: Snapshot, callers: dict[str, Caller]) -> None:
    answer = statistic(snapshot, callers["admin"], "contacts", grain="day")
    assert (answer["from"], answer["to"]) == ("2026-10-01T16:00:00Z", "2026-10-31T16:00:00Z")
    assert len(answer["rows"]) == 30
    assert answer["rows"][0]["period_start"] == "2026-10-01T16:00:00Z"


def test_a_comparison_stands_beside_each_figure(snapshot: Snapshot, callers: dict[str, Caller]) -> None:
    now = statistic(snapshot, callers["admin"], "contacts", *DAYS, compare="previous")["rows"][0]
    before = statistic(snapshot, callers["admin"], "contacts", date(2026, 8, 1), DAYS[0])["rows"][0]
    assert now["compare_value"] == before["value"]
    assert now["growth"] == now["value"] / before["value"] - 1


@pytest.mark.parametrize("words", [{"metric": "no_such"}, {"metric": "revenue", "by": ("channel",)}])
def test_what_there_is_not_is_refused(snapshot: Snapshot, callers: dict[str, Caller], words: dict[str, str]) -> None:
    with pytest.raises(QueryError):
        statistic(snapshot, callers["admin"], **words)


def test_the_catalogue_defines_every_figure(snapshot: Snapshot, callers: dict[str, Caller]) -> None:
    answer = catalogue(snapshot, callers["admin"])
    assert [row["metric"] for row in answer["statistics"]] == list(CATALOGUE)
    assert all(row["definition"] and row["title_zh"] for row in answer["statistics"])
