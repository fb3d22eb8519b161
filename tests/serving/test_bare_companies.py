"""Companies that keep little: contacts alone, orders alone, no model. Every answer still answers."""

from pathlib import Path

import pytest

from interactions.demo.company import simulate
from serving.answers.churn import at_risk
from serving.answers.customers import customer
from serving.answers.forecast import forecast
from serving.answers.models import models
from serving.answers.segments import all_segments
from serving.answers.statistics import statistic
from serving.callers import Caller
from serving.histories import Histories
from serving.publish import publish
from serving.snapshot import Snapshot, load
from training.score import score
from workspace.errors import PublishedError, QueryError
from workspace.folder import Workspace, open_workspace

ADMIN = Caller("boss", "admin")


@pytest.fixture(scope="module", params=["interactions", "orders"])
def bare(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Snapshot]:
    """A published company that has one table and no trained model."""
    folder: Path = tmp_path_factory.mktemp("bare")
    (folder / "rapport.toml").write_text(f'[churn]\nevent = "{request.param}"\n')
    workspace = open_workspace(folder)
    workspace.lake.append(request.param, simulate(customers=60, days=90, seed=5).tables[request.param])
    score(workspace)
    publish(workspace)
    return workspace, load(workspace.folder)


def test_customers_nobody_described_have_a_page(bare: tuple[Workspace, Snapshot]) -> None:
    _, snapshot = bare
    keys = snapshot.tables["customer_scores"]["customer_id"].to_pylist()
    assert keys
    for key in keys[:5]:
        answer = customer(snapshot, ADMIN, key)
        assert answer["profile"]["name"] is None
        assert answer["scores"]["churn_90"] is None
        assert answer["timeline_total"] > 0


def test_what_no_model_says_is_empty_or_refused(bare: tuple[Workspace, Snapshot]) -> None:
    workspace, snapshot = bare
    assert at_risk(snapshot, ADMIN)["customers"] == []
    assert all_segments(snapshot, ADMIN)["segments"] == []
    state = workspace.state()
    assert models(snapshot, ADMIN, state)["models"] == []
    state.close()
    with pytest.raises(QueryError, match="none yet"):
        forecast(snapshot, ADMIN)
    asked = Histories.model_validate({"histories": [{}]})
    with pytest.raises(PublishedError, match="rapport train"):
        snapshot.scorer.scores(asked.histories, [snapshot.cutoff])


def test_figures_count_what_there_is(bare: tuple[Workspace, Snapshot]) -> None:
    _, snapshot = bare
    counts = {name: statistic(snapshot, ADMIN, name)["rows"][0]["count"] for name in ("contacts", "orders")}
    there = "contacts" if len(snapshot.tables["interactions"]) else "orders"
    assert counts[there] > 0
    assert sum(counts.values()) == counts[there]
