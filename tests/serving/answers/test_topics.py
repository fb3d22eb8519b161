"""Topics as served: examples looked up among the contacts, shown to who may read them."""

import json
from dataclasses import replace

import pyarrow as pa
import pytest

from serving.answers.topics import topics
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
