"""Customers counted by their first contact in a group are as many as the different customers in it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.statistics.catalogue import COMPARISONS, GRAINS
from features.statistics.figure import Query, figure
from features.statistics.once import is_once

BERLIN = ZoneInfo("Europe/Berlin")
FIRST, LAST = datetime(2025, 8, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
METRICS = ("unique_customers", "returning_customers", "contacts_per_customer")

moments = st.integers(0, int((LAST - FIRST).total_seconds())).map(lambda at: FIRST + timedelta(seconds=at))
queries = st.builds(
    lambda metric, range_, by, grain, compare, where: Query(metric, *range_, tuple(by), grain, compare, where),
    st.sampled_from(METRICS),
    st.lists(moments, min_size=2, max_size=2, unique=True).map(sorted),
    st.lists(st.sampled_from(["channel", "owner", "region", "segment_id", "kind", "weekday"]), max_size=2, unique=True),
    st.sampled_from([None, *GRAINS]),
    st.sampled_from([None, *COMPARISONS]),
    st.sampled_from([{}, {}, {"channel": ("phone",)}, {"channel": ("phone", "chat")}, {"country": (None, "China")}]),
)


@pytest.mark.slow
def test_they_are_as_many_as_are_different(connection, sql: dict[str, str]) -> None:
    by_counting = {name: text for name, text in sql.items() if not name.endswith(".once")}
    assert {name.removesuffix(".once") for name in set(sql) - set(by_counting)} == set(METRICS)
    assert not any("DISTINCT" in text for name, text in sql.items() if name.endswith(".once"))
    found: list[bool] = []

    @settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
    @given(queries)
    def check(query: Query) -> None:
        assert figure(connection, sql, query).equals(figure(connection, by_counting, query))
        found.append(is_once(query, '"at"', query.start, query.end, "Europe/Berlin", "monday") is not None)

    check()
    assert sum(found) > 60


@pytest.mark.parametrize(
    ("asked", "column"),
    [
        ({}, "previous_us"),
        ({"by": ("owner", "segment_id"), "where": {"region": ("x",)}}, "previous_us"),
        ({"by": ("channel", "owner")}, "previous_in_channel_us"),
        ({"by": ("channel",), "where": {"channel": ("phone", "chat")}}, "previous_in_channel_us"),
        ({"where": {"channel": ("phone", "phone")}}, "previous_in_channel_us"),
        ({"where": {"channel": ("phone", "chat")}}, None),
        ({"where": {"channel": ()}}, None),
        ({"by": ("kind",)}, None),
        ({"by": ("hour_of_day",)}, None),
    ],
)
def test_which_contact_before_it_tells(asked: dict[str, Any], column: str | None) -> None:
    query = Query("unique_customers", FIRST, LAST, **asked)
    found = is_once(query, '"at"', FIRST, LAST, "Europe/Berlin", "monday")
    assert found == (column and f'("{column}" IS NULL OR "{column}" < 1754006400000000)')
