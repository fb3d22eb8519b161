"""Lists against a brute-force filter over every caller, filter and order."""

import itertools
import math
from typing import Any

import pytest

from serving.answers.churn import at_risk
from serving.answers.segments import members
from serving.callers import Caller
from serving.listing import Sort
from serving.snapshot import Snapshot
from workspace.errors import QueryError


def _expected(
    snapshot: Snapshot, caller: Caller, owner: str | None, segment: str | None, min_risk: float, sort: Sort
) -> list[str]:
    people = {row["customer_id"]: row for row in snapshot.tables["customers"].to_pylist()}
    rows = []
    for row in snapshot.tables["customer_scores"].to_pylist():
        rep = people[row["customer_id"]]["owner"]
        wanted = row["churn_90"] is not None and row["churn_90"] >= min_risk
        wanted = wanted and owner in (None, rep) and segment in (None, row["segment_id"])
        if wanted and (caller.role != "sales" or rep == caller.owner):
            rows.append(row)
    value = {
        "risk": lambda row: row["churn_90"],
        "value": lambda row: _or_least(row["value"]),
        "value_at_risk": lambda row: row["expected_value"] * row["churn_90"],
        "risk_value": lambda row: _or_least(row["value"]) * row["churn_90"] if row["value"] is not None else -math.inf,
    }[sort]
    return [caller.label(row["customer_id"]) for row in sorted(rows, key=lambda row: (-value(row), row["customer_id"]))]


def _or_least(value: float | None) -> float:
    return -math.inf if value is None else value


@pytest.mark.parametrize("role", ["marketing", "sales", "analyst", "admin"])
@pytest.mark.parametrize("sort", ["risk", "value", "risk_value", "value_at_risk"])
def test_lists_hold_exactly_what_the_caller_may_see(
    snapshot: Snapshot, callers: dict[str, Caller], role: str, sort: Sort
) -> None:
    caller = callers[role]
    owners = snapshot.listing.owners.drop_null().unique().to_pylist()
    segments = snapshot.tables["segment_profiles"]["segment_id"].to_pylist()
    combinations = itertools.product(
        [None, *owners[:2], callers["sales"].owner, "nobody"], [None, segments[0]], [0.0, 0.5]
    )
    for owner, segment, min_risk in combinations:
        answer = at_risk(snapshot, caller, owner, segment, min_risk, sort, limit=1000)
        expected = _expected(snapshot, caller, owner, segment, min_risk, sort)
        assert [row["customer_id"] for row in answer["customers"]] == expected
        assert answer["total"] == len(expected)


@pytest.mark.parametrize("role", ["sales", "analyst", "admin"])
def test_pages_joined_are_the_whole_list(snapshot: Snapshot, callers: dict[str, Caller], role: str) -> None:
    whole = at_risk(snapshot, callers[role], limit=1000)["customers"]
    joined: list[Any] = []
    cursor = None
    while True:
        page = at_risk(snapshot, callers[role], limit=17, cursor=cursor)
        joined += page["customers"]
        cursor = page["next"]
        if cursor is None:
            break
        assert len(page["customers"]) == 17
    assert joined == whole


def test_a_cursor_of_another_version_begins_nothing(snapshot: Snapshot, callers: dict[str, Caller]) -> None:
    from serving.answers.paging import cursor_for

    with pytest.raises(QueryError, match="newer version"):
        at_risk(snapshot, callers["admin"], cursor=cursor_for("2026-01-01-000000000000", 5))


@pytest.mark.parametrize("role", ["marketing", "sales", "analyst"])
def test_the_members_of_all_segments_are_everybody_once(
    snapshot: Snapshot, callers: dict[str, Caller], role: str
) -> None:
    caller = callers[role]
    found: list[str] = []
    for segment in snapshot.tables["segment_profiles"]["segment_id"].to_pylist():
        answer = members(snapshot, caller, segment, limit=1000)
        assert answer["total"] == len(answer["customers"])
        assert ("name" in answer["customers"][0] if answer["customers"] else True) == (role != "analyst")
        found += [row["customer_id"] for row in answer["customers"]]
    people = {row["customer_id"]: row["owner"] for row in snapshot.tables["customers"].to_pylist()}
    scored = snapshot.tables["customer_scores"]["customer_id"].to_pylist()
    expected = [caller.label(key) for key in scored if caller.sees_owner(people[key])]
    assert sorted(found) == sorted(expected)
    assert expected
