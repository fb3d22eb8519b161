"""CSAT of everybody as served."""

from dataclasses import replace

import pytest

from serving.answers.satisfaction import satisfaction
from serving.callers import Caller
from serving.snapshot import Snapshot


def test_the_estimate_lies_in_its_interval(snapshot: Snapshot, callers: dict[str, Caller]) -> None:
    found = satisfaction(snapshot, callers["sales"])
    row, *channels = snapshot.tables["satisfaction_estimate"].to_pylist()
    assert [one["channel"] for one in found["channels"]] == [one["channel"] for one in channels]
    assert all(one["interval"][0] <= one["everybody"] <= one["interval"][1] for one in found["channels"])
    assert found["everybody"] == row["everybody"]
    low, high = found["interval"]
    assert 0 <= low <= found["everybody"] <= high <= 1
    assert found["rated"] <= found["contacts"]


@pytest.mark.parametrize("kept", [True, False])
def test_without_an_estimate_all_is_null(snapshot: Snapshot, callers: dict[str, Caller], kept: bool) -> None:
    name = "satisfaction_estimate"
    tables = {**snapshot.tables, name: snapshot.tables[name].slice(0, 0)}
    if not kept:
        del tables[name]
    found = satisfaction(replace(snapshot, tables=tables), callers["admin"])
    assert found["everybody"] is None
    assert found["interval"] is None
    assert found["channels"] == []
