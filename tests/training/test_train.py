import json
from datetime import timedelta

import pytest

from training.bundle import store
from training.cutoffs import default_cutoff
from training.train import train
from training.trained import Trained
from workspace.errors import NotEnoughHistoryError
from workspace.folder import Workspace, open_workspace

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


def test_an_empty_workspace_is_said(workspace_without_rows: Workspace) -> None:
    with pytest.raises(NotEnoughHistoryError, match="at least one contact or order"):
        train(workspace_without_rows)


@pytest.fixture
def workspace_without_rows(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return open_workspace(tmp_path_factory.mktemp("empty") / "workspace", create=True)
