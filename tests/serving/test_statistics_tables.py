"""What figures are computed from: the customers' values under every id, and the company's business hours."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from features.statistics.figure import Query
from serving.publish import publish
from serving.snapshot import Snapshot, load
from serving.statistics_tables import VALUES, customer_values
from workspace.folder import Workspace, open_workspace

START, END = datetime(2026, 8, 31, 16, tzinfo=UTC), datetime(2026, 9, 30, 16, tzinfo=UTC)


def test_values_are_those_that_were_scored(snapshot: Snapshot) -> None:
    values, scores = snapshot.tables["customer_values"], snapshot.tables["customer_scores"]
    assert values.schema == VALUES
    assert values["customer_id"].to_pylist() == scores["customer_id"].to_pylist()
    assert values["score"].to_pylist() == scores["value"].to_pylist()
    for row in values.to_pylist():
        assert row["income"] * row["frequency"] * row["loyalty"] == pytest.approx(row["score"], rel=1e-12)
    (mean,) = snapshot.figure(Query("value_score", START, END)).to_pylist()
    assert 0 < mean["value"] < 1


def test_a_linked_customer_has_the_value_of_the_person(snapshot: Snapshot, workspace: Workspace) -> None:
    person = snapshot.tables["customer_values"]["customer_id"][0].as_py()
    persons = pa.table({"customer_id": [person, "another id", "nobody's"], "person_id": [person, person, "unscored"]})
    found = customer_values(workspace, {**snapshot.tables, "persons": persons}).to_pylist()
    assert found[-1] == {**found[0], "customer_id": "another id"}
    assert len(found) == len(snapshot.tables["customer_values"]) + 1


def test_without_segments_nobody_has_a_value(snapshot: Snapshot, workspace: Workspace) -> None:
    scores = snapshot.tables["customer_scores"]
    at = scores.schema.get_field_index("segments_version")
    unscored = scores.set_column(at, "segments_version", pa.nulls(len(scores), pa.string()))
    assert customer_values(workspace, {**snapshot.tables, "customer_scores": unscored}).equals(VALUES.empty_table())


def test_business_hours_of_the_company_are_published(own_workspace: Workspace) -> None:
    settings = '[company.hours]\nmonday = "09:00-12:00, 13:00-18:00"\nfriday = "09:00-18:00"\n'
    (own_workspace.folder / "rapport.toml").write_text(settings)
    workspace = open_workspace(own_workspace.folder)
    always = load(workspace.folder)
    hours = load(workspace.folder, publish(workspace))
    for name in ("first_response", "resolution"):
        unit = "minutes" if name == "first_response" else "hours"
        calendar, business = f"{name}_{unit}_p90", f"{name}_business_{unit}_p90"
        (taken,), (open_always,), (within,) = (
            snapshot.figure(Query(metric, START, END)).to_pylist()
            for snapshot, metric in ((always, calendar), (always, business), (hours, business))
        )
        assert open_always == taken
        assert within["count"] == taken["count"] > 0
        assert within["value"] < taken["value"]
