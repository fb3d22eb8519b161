"""The needs map as served: of a year, of a segment, of a rep's own customers."""

from datetime import date

import pytest

from serving.answers.needs import needs
from serving.answers.statistics import statistic
from serving.callers import Caller
from serving.snapshot import Snapshot
from workspace.errors import QueryError


def test_the_same_figures_as_the_statistics(snapshot: Snapshot, callers: dict[str, Caller]) -> None:
    days = (date(2026, 1, 1), date(2026, 9, 1))
    answer = needs(snapshot, callers["marketing"], *days)
    assert answer["needs"]
    for name, metric in (("importance", "survey_importance"), ("need_gap", "need_gap")):
        told = statistic(snapshot, callers["marketing"], metric, *days, by=["topic"])["rows"]
        values = {row["topic"]: row["value"] for row in told}
        assert all(row[name] == values[row["topic"]] for row in answer["needs"])


def test_of_a_segment_and_of_ones_own(snapshot: Snapshot, callers: dict[str, Caller], owner: str) -> None:
    def answers(role: str, **asked: str) -> int:
        return sum(row["answers"] for row in needs(snapshot, callers[role], **asked)["needs"])

    everybody = answers("admin")
    segment = str(snapshot.tables["surveys"]["segment_id"].drop_null()[0])
    assert 0 < answers("admin", segment=segment) < everybody
    assert answers("sales") == answers("admin", owner=owner) < everybody
    assert answers("sales", owner="somebody else") == answers("admin", segment="none of ours") == 0


def test_an_empty_range_is_refused(snapshot: Snapshot, callers: dict[str, Caller]) -> None:
    with pytest.raises(QueryError, match="must lie before"):
        needs(snapshot, callers["admin"], date(2026, 9, 1), date(2026, 1, 1))
