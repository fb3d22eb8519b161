"""Figures of a version: computed once, from the smallest cube that will do, else from the rows."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from features.statistics import figure as figures_of
from features.statistics.catalogue import CATALOGUE
from features.statistics.figure import Query, figure
from serving import figures
from serving.figures import Figures
from serving.snapshot import Snapshot
from workspace.engine import locked_down
from workspace.errors import QueryError

# A month of the company, whose days begin at 16:00 UTC.
START, END = datetime(2026, 8, 31, 16, tzinfo=UTC), datetime(2026, 9, 30, 16, tzinfo=UTC)


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[Query]:
    """The queries that were computed and not remembered."""
    asked: list[Query] = []

    def counting(connection, sql, query, cubes) -> pa.Table:
        asked.append(query)
        return figure(connection, sql, query, cubes)

    monkeypatch.setattr(figures_of, "figure", counting)
    return asked


@pytest.fixture
def own(snapshot: Snapshot) -> Figures:
    return Figures(snapshot.tables, snapshot.statistics_sql)


def test_every_figure_is_that_of_the_rows(snapshot: Snapshot) -> None:
    with locked_down() as connection:
        for name in ("interactions", "orders", "surveys", "customer_values"):
            connection.register(name, snapshot.tables[name])
        for metric in CATALOGUE:
            query = Query(metric, START, END, grain="day", compare="previous")
            assert snapshot.figure(query).equals(figure(connection, snapshot.statistics_sql, query))


def test_a_figure_is_computed_once(own: Figures, computed: list[Query]) -> None:
    query = Query("wait_seconds_p90", START, END, by=("channel",), where={"channel": ("phone", None)})
    first = own.figure(query)
    again = own.figure(Query("wait_seconds_p90", START, END, by=("channel",), where={"channel": ["phone", None]}))
    assert again is first
    assert computed == [query]
    other = own.figure(Query("wait_seconds_p90", START, END, by=("channel",), where={"channel": ("email",)}))
    assert other is not first
    assert len(computed) == 2


def test_the_least_recently_asked_are_forgotten(
    own: Figures, computed: list[Query], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "KEPT", 2)
    asked = [Query(metric, START, END) for metric in ("contacts", "csat", "contacts", "orders", "contacts", "csat")]
    for query in asked:
        own.figure(query)
    assert [query.metric for query in computed] == ["contacts", "csat", "orders", "csat"]


def test_a_long_answer_is_not_kept(own: Figures, computed: list[Query], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "KEPT_ROWS", 3)
    query = Query("contacts", START, END, grain="day")
    assert own.figure(query).equals(own.figure(query))
    assert len(computed) == 2


def test_a_refused_question_is_refused_again(own: Figures) -> None:
    own.figure(Query("contacts", START, END))
    with pytest.raises(QueryError, match="time zone"):
        own.figure(Query("contacts", START.replace(tzinfo=None), END))


def test_a_version_of_an_older_rapport_names_what_to_do(snapshot: Snapshot) -> None:
    sql = {name: text for name, text in snapshot.statistics_sql.items() if not name.startswith("service_level.")}
    older = Figures({name: snapshot.tables[name] for name in ("interactions", "orders")}, sql)
    assert older.figure(Query("contacts", START, END)).num_rows == 1
    with pytest.raises(QueryError, match="rapport publish"):
        older.figure(Query("service_level", START, END))
