"""Whatever the horizons are, every answer with risks says which days they stand for."""

import csv
import io
from dataclasses import replace

import pytest

from serving.answers.churn import at_risk
from serving.answers.customers import customer
from serving.answers.risk_meaning import risk_meaning
from serving.answers.segments import all_segments, members
from serving.callers import Caller
from serving.csv_lists import as_csv
from serving.snapshot import Snapshot
from training.bundle.churn import ChurnModel


@pytest.fixture
def weekly(snapshot: Snapshot) -> Snapshot:
    """The same version, its model of one, two and four weeks."""
    assert snapshot.churn is not None
    manifest = {**snapshot.churn.manifest, "horizon_days": [7, 14, 28], "event": "left_at"}
    return replace(snapshot, churn=ChurnModel(snapshot.churn._hazard, manifest))


def test_lists_segments_and_customers_say_which_days(weekly: Snapshot, callers: dict[str, Caller]) -> None:
    admin = callers["admin"]
    listed = at_risk(weekly, admin, limit=3)
    segment = all_segments(weekly, admin)
    inside = members(weekly, admin, segment["segments"][0]["segment_id"])
    one = customer(weekly, admin, listed["customers"][0]["customer_id"])["scores"]
    for answer in (listed, segment, inside, one):
        assert (answer["horizon_days"], answer["event"]) == ([7, 14, 28], "left_at")
    assert listed["customers"][0]["reasons"][0]["text_en"].endswith("risk of leaving")
    (first, *_) = csv.DictReader(io.StringIO(as_csv(listed["customers"]).decode("utf-8-sig")))
    assert first["horizon_days"] == "7; 14; 28"
    assert inside["customers"][0]["horizon_days"] == [7, 14, 28]


def test_without_a_model_there_are_no_days(snapshot: Snapshot) -> None:
    assert risk_meaning(replace(snapshot, churn=None)) == {"horizon_days": None, "event": None}
    assert risk_meaning(snapshot) == {"horizon_days": [30, 60, 90], "event": "interactions"}
