"""Segments by rule beside a brute-force look at the published tables; what is said where nothing is clear."""

from dataclasses import replace

import pytest

from serving.answers.segments import all_segments, members, segment
from serving.callers import Caller
from serving.errors import NotFound
from serving.snapshot import Snapshot

LOUD = {"where": ["phone_share > 0.5", "frequency >= 3"], "name_en": "Loud", "name_zh": None}


@pytest.fixture
def filtering(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, manifest={**snapshot.manifest, "segment_filters": {"loud": LOUD}})


def test_a_filter_is_a_segment(filtering: Snapshot, callers: dict[str, Caller]) -> None:
    rows = filtering.tables["customer_features"].to_pylist()
    wanted = {row["customer_id"] for row in rows if (row["phone_share"] or 0) > 0.5 and row["frequency"] >= 3}
    found = segment(filtering, callers["admin"], "loud")
    assert (found["customers"], found["kind"], found["where"]) == (len(wanted), "filter", LOUD["where"])
    assert (found["name_en"], found["name_zh"]) == ("Loud", "loud")
    listed = members(filtering, callers["admin"], "loud", limit=1000)
    assert {row["customer_id"] for row in listed["customers"]} == wanted


def test_rfm_segments_share_out_the_customers_in_touch(snapshot: Snapshot, callers: dict[str, Caller]) -> None:
    answer = all_segments(snapshot, callers["marketing"])
    rfm = [row for row in answer["rule_segments"] if row["kind"] == "rfm"]
    in_touch = sum(row["frequency"] > 0 for row in snapshot.tables["customer_features"].to_pylist())
    assert sum(row["customers"] for row in rfm) == in_touch
    assert {"Champions", "Lost"} <= {row["name_en"] for row in rfm}
    assert segment(snapshot, callers["admin"], "rfm_555")["customers"] > 0
    with pytest.raises(NotFound):
        segment(snapshot, callers["admin"], "rfm_655")


def test_no_clear_segments_is_said(snapshot: Snapshot, callers: dict[str, Caller]) -> None:
    manifest = snapshot.bundles["segments"]
    unclear = {**manifest, "metrics": {**manifest["metrics"], "clear": False}}
    answer = all_segments(replace(snapshot, bundles={**snapshot.bundles, "segments": unclear}), callers["admin"])
    assert answer["clear"] is False
    assert "No clear segments" in answer["message_en"]
    assert "没有明显的分群" in answer["message_zh"]
    assert all_segments(snapshot, callers["admin"])["message_en"] is None


def test_flow_of_one_segment_is_its_own(snapshot: Snapshot, callers: dict[str, Caller]) -> None:
    moves = [
        {"from_id": "s1", "to_id": "s1", "customers": 9},
        {"from_id": "s2", "to_id": "s1", "customers": 3},
        {"from_id": "s2", "to_id": "dormant", "customers": 2},
    ]
    flow = {"since": "2026-01-01", "until": "2026-01-31", "moves": moves}
    moving = replace(snapshot, bundles={"segments": {**snapshot.bundles["segments"], "flow": flow}})
    first = all_segments(moving, callers["admin"])["segments"][0]["segment_id"]
    assert all_segments(moving, callers["admin"])["flow"] == flow
    wanted = [move for move in moves if first in (move["from_id"], move["to_id"])]
    assert segment(moving, callers["admin"], first)["flow"]["moves"] == wanted
