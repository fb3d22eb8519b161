"""Fills from the mapping file to a score by request: the features online are those in batch, bit for bit."""

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from features.table import features_as_of
from interactions.cleaning.clean import clean
from interactions.sources.collect import collect
from serving.histories import History
from serving.publish import _sql
from serving.scoring import Scorer
from workspace.folder import Workspace, open_workspace

CUTOFF = datetime(2026, 3, 1, tzinfo=UTC)
MAPPING = """
[interactions.columns]
interaction_id = "id"
customer_id = "who"
occurred_at = { column = "at", timezone = "UTC" }
channel = { value = "phone" }
wait = { column = "wait", FILL }
satisfaction = { column = "stars", fill = "median" }
"""
CALLS = """id,who,at,wait,stars
1,a,2026-01-05 10:00,10,5
2,a,2026-01-09 10:00,,
3,b,2026-01-11 10:00,31,
4,b,2026-02-02 10:00,,2
5,b,2026-02-03 10:00,40,
6,c,2026-02-05 10:00,,4
7,c,2026-03-05 10:00,9999,1
"""


def receive(workspace: Workspace, source: str, fill: str) -> None:
    folder = workspace.folder.parent
    (folder / "m.toml").write_text(MAPPING.replace("FILL", fill), encoding="utf-8")
    (folder / "calls.csv").write_text(CALLS.replace("\n", f"\n{source}-", 7), encoding="utf-8")
    collect(workspace, [folder / "calls.csv"], "interactions", folder / "m.toml", source=source)
    clean(workspace)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = open_workspace(tmp_path / "company", create=True)
    receive(made, "phone", 'fill = "mean"')
    return made


def online(workspace: Workspace, customer: str, with_source: bool) -> pa.Table:
    """The features of one customer whose history comes by request."""
    rows = [row for row in workspace.lake.read("interactions").to_pylist() if row["customer_id"] == customer]
    told = [
        {
            **{name: row[name] for name in ("interaction_id", "occurred_at", "channel", "satisfaction")},
            "wait_seconds": None if row["wait_ms"] is None else row["wait_ms"] / 1000,
            "source": row["source"] if with_source else None,
        }
        for row in rows
    ]
    scorer = Scorer(_sql(workspace, CUTOFF)["features.sql"].decode(), None, None)
    return scorer.features([History.model_validate({"interactions": told})], [CUTOFF])


def same(workspace: Workspace, with_source: bool) -> bool:
    batch = features_as_of(workspace, CUTOFF).to_pylist()
    return all(
        online(workspace, row["customer_id"], with_source).to_pylist() == [{**row, "customer_id": "00000000"}]
        for row in batch
    )


def test_a_score_by_request_has_the_features_of_the_batch(workspace: Workspace) -> None:
    found = {row["customer_id"]: row for row in features_as_of(workspace, CUTOFF).to_pylist()}
    # Waits known at the cutoff are 10, 31 and 40 s: the mean is 27; ratings 5, 2, 4: the median is 4.
    assert [found[name]["wait_seconds_mean"] for name in "abc"] == [(10 + 27) / 2, (31 + 27 + 40) / 3, 27]
    assert [found[name]["rating_mean"] for name in "abc"] == [4.5, 10 / 3, 4]
    assert [found[name]["rating_count"] for name in "abc"] == [1, 1, 1]
    assert same(workspace, with_source=False)
    assert same(workspace, with_source=True)


@pytest.mark.slow
def test_of_two_sources_each_row_of_a_request_names_its_own(workspace: Workspace) -> None:
    receive(workspace, "shop", 'fill = "max"')
    found = {row["customer_id"]: row for row in features_as_of(workspace, CUTOFF).to_pylist()}
    assert found["c"]["wait_seconds_mean"] == (27 + 40) / 2
    assert same(workspace, with_source=True)
    assert not same(workspace, with_source=False)


@pytest.mark.slow
def test_a_changed_fill_is_changed_data(workspace: Workspace) -> None:
    before = workspace.lake.data_version()
    receive(workspace, "phone", 'fill = "mean"')
    assert workspace.lake.data_version() == before
    rows = workspace.lake.read("interactions").drop_columns(["collected_at"])
    receive(workspace, "phone", 'fill = "min"')
    assert workspace.lake.data_version() != before
    assert workspace.lake.read("interactions").drop_columns(["collected_at"]).equals(rows)
    found = {row["customer_id"]: row for row in features_as_of(workspace, CUTOFF).to_pylist()}
    assert found["c"]["wait_seconds_mean"] == 10
