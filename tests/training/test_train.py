import json
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from interactions.demo.company import Company
from training import promotion, tracking
from training.bundle import store
from training.cutoffs import default_cutoff
from training.score import score
from training.train import train
from training.trained import Trained
from workspace.errors import NotEnoughHistoryError
from workspace.folder import Workspace, open_workspace
from workspace.tables import TIMESTAMP

Both = tuple[Workspace, list[Trained]]


def test_each_model_is_trained_judged_and_promoted(trained: Both) -> None:
    workspace, results = trained
    assert [result.kind for result in results] == ["segments", "churn"]
    for result in results:
        bundle = store.read(workspace.bundles, result.bundle)
        assert bundle.kind == result.kind
        assert bundle.manifest["metrics"] == result.metrics
        assert bundle.manifest["data_version"] == workspace.lake.data_version()
        assert result.promoted
        assert result.why.startswith("the first model of its kind")
        assert json.loads(json.dumps(result.to_dict()))["bundle"] == result.bundle


def test_the_same_data_gives_the_same_bundle(copied: Workspace, trained: Both) -> None:
    told: list[float] = []
    (again,) = train(copied, ("segments",), None, lambda _text, fraction: told.append(fraction))
    assert told == sorted(told)
    assert told[-1] == 1.0
    before = trained[1][0]
    assert again.bundle == before.bundle
    assert again.why == "the same model as the champion"


@pytest.mark.slow
def test_a_challenger_is_judged_beside_the_champion(copied: Workspace) -> None:
    (earlier,) = train(copied, ("churn",), default_cutoff(copied) - timedelta(days=1))
    assert "against" in earlier.why


@pytest.mark.slow
def test_value_is_trained_registered_scored_and_challenged(copied: Workspace) -> None:
    (first,) = train(copied, ("value",), default_cutoff(copied) - timedelta(days=100))
    assert first.promoted
    bundle = store.read(copied.bundles, first.bundle)
    assert bundle.manifest["metrics"] == first.metrics
    assert set(bundle.manifest["baselines"]) == {"pro_rata", "shrunk"}
    assert tracking.bundle_of(copied, "value", first.registry_version) == first.bundle
    (second,) = train(copied, ("value",))
    # The first saw no outcome that the second is judged by: both are judged on the same customers.
    assert "Gini" in second.why
    (again,) = train(copied, ("value",))
    assert again.bundle == second.bundle
    cutoff = score(copied)
    scores = copied.lake.read("customer_scores").filter(pc.field("cutoff") == pa.scalar(cutoff, TIMESTAMP))
    champion = promotion.champion(copied, "value")
    assert scores["value_version"].unique().to_pylist() == [champion]
    assert scores["expected_value"].null_count == 0
    people = copied.lake.read("customers", ["customer_id", "do_not_profile"])
    hidden = people.filter(pc.field("do_not_profile"))["customer_id"].to_pylist()
    assert hidden
    assert not set(hidden) & set(scores["customer_id"].to_pylist())


def test_a_company_without_orders_is_told_so(tmp_path: Path, company: Company) -> None:
    workspace = open_workspace(tmp_path / "contacts", create=True)
    workspace.lake.append("interactions", company.tables["interactions"].slice(0, 2_000))
    with pytest.raises(NotEnoughHistoryError, match="needs orders with an amount"):
        train(workspace, ("value",))


def test_an_empty_workspace_is_said(workspace_without_rows: Workspace) -> None:
    with pytest.raises(NotEnoughHistoryError, match="at least one contact or order"):
        train(workspace_without_rows)


@pytest.fixture
def workspace_without_rows(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return open_workspace(tmp_path_factory.mktemp("empty") / "workspace", create=True)
