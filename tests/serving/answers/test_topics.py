"""Topics as served: examples looked up among the contacts, shown to who may read them."""

import json
import math
from dataclasses import replace

import pyarrow as pa
import pytest

from serving.answers.topics import growth_interval, topics
from serving.callers import Caller
from serving.publish import publish
from serving.snapshot import Snapshot, load
from workspace.folder import Workspace
from workspace.tables import TOPICS


@pytest.fixture
def with_topics(own_workspace: Workspace, snapshot: Snapshot) -> Snapshot:
    contacts = snapshot.tables["interactions"].to_pylist()
    said = [row for row in contacts if row["content"] and row["customer_id"]][:2]
    examples = [{name: row[name] for name in ("customer_id", "interaction_id")} for row in said]
    examples.append({"customer_id": "erased", "interaction_id": "gone"})
    row = {
        "topic_id": "t1", "cutoff": snapshot.cutoff, "name": "退款", "terms": json.dumps({"退款": 1.0}), "contacts": 3,
        "share": 0.1, "share_before": 0.05, "rising": False, "p_value": 0.5, "weekly": json.dumps([1] * 16),
        "sentiment": -0.2, "satisfaction": None, "examples": json.dumps(examples),
    }  # fmt: skip
    rows = [row, {**row, "topic_id": "t2", "rising": True, "contacts": 1}]
    own_workspace.lake.overwrite("topics", pa.Table.from_pylist(rows, TOPICS.schema))
    publish(own_workspace)
    return load(own_workspace.folder)


def test_rising_ones_come_first_with_their_examples(with_topics: Snapshot, callers: dict[str, Caller]) -> None:
    found = topics(with_topics, callers["admin"])["topics"]
    assert [one["topic_id"] for one in found] == ["t2", "t1"]
    assert found[0]["terms"] == ["退款"]
    assert found[0]["weekly"] == [1] * 16
    said = set(with_topics.tables["interactions"]["content"].to_pylist())
    assert len(found[0]["examples"]) == 2
    assert set(found[0]["examples"]) <= said


def test_an_analyst_reads_no_messages(with_topics: Snapshot, callers: dict[str, Caller]) -> None:
    assert all(one["examples"] == [] for one in topics(with_topics, callers["analyst"])["topics"])


def test_a_version_without_topics_has_none(snapshot: Snapshot, callers: dict[str, Caller]) -> None:
    tables = {name: table for name, table in snapshot.tables.items() if name != "topics"}
    assert topics(replace(snapshot, tables=tables), callers["marketing"])["topics"] == []


def test_growth_has_an_interval() -> None:
    # 40 of 400 customers in four weeks against 60 of 1,200 in twelve: twice as often, and no week swayed.
    low, high = growth_interval([5] * 12 + [10] * 4, 0.1, 0.05) or (0.0, 0.0)
    reach = math.exp(1.96 * math.sqrt(0.9 / 40 + 0.95 / 60))
    assert (low, high) == (pytest.approx(2 / reach), pytest.approx(2 * reach))
    assert 1 < low < 2 < high
    swaying = growth_interval([0, 10] * 6 + [10] * 4, 0.1, 0.05) or (0.0, 0.0)
    assert swaying[0] < 1 < high < swaying[1]


@pytest.mark.parametrize("weekly", [[0] * 12 + [3] * 4, [3] * 12 + [0] * 4, [0] * 16])
def test_without_counts_no_interval(weekly: list[int]) -> None:
    assert growth_interval(weekly, 0.1, 0.1) is None
