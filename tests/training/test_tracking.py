import os
import sqlite3
from pathlib import Path

import pytest

from interactions.demo.company import Company
from training import tracking
from training.trained import Trained
from workspace.folder import Workspace

Both = tuple[Workspace, list[Trained]]


def test_runs_carry_parameters_metrics_baselines_and_plots(trained: Both) -> None:
    workspace, (_, churn) = trained
    with sqlite3.connect(workspace.mlruns / "mlflow.db") as database:
        metrics = {name for (name,) in database.execute("SELECT DISTINCT key FROM metrics")}
        params = dict(database.execute("SELECT key, value FROM params"))
    database.close()
    assert {"auc", "average_precision", "gain", "recency_average_precision", "frequency_auc", "silhouette"} <= metrics
    assert params["data_version"] == workspace.lake.data_version()
    names = {file.name for file in workspace.mlruns.rglob("*") if file.is_file()}
    assert {"calibration.png", "lift.png", "segments.png", "churn.json", "segments.json", "MLmodel"} <= names
    assert churn.registry_version == "1"


def test_nobody_is_in_mlflow(trained: Both, company: Company) -> None:
    files = [file for file in trained[0].mlruns.rglob("*") if file.is_file()]
    assert len(files) > 10
    stored = b"".join(file.read_bytes() for file in files)
    for column in ("customer_id", "name", "email", "phone"):
        known = company.tables["customers"][column].drop_null().to_pylist()
        assert known
        assert not [value for value in known if len(value) > 4 and value.encode() in stored]


def test_no_model_is_pickled_and_signatures_are_kept(trained: Both) -> None:
    models = list(trained[0].mlruns.rglob("MLmodel"))
    assert len(models) == 2
    assert not list(trained[0].mlruns.rglob("*.pkl"))
    assert all("signature:" in model.read_text() for model in models)


def test_everything_stays_in_the_workspace(copied: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    with tracking.run(copied, "churn", "test") as run:
        run.params({"rounds": 3})
        run.figure("one.png", b"png")
        run.files({"a.json": b"{}"}, ["x"], "y")
        run.register("abc")
    assert "MLFLOW_TRACKING_URI" not in os.environ
    assert list(elsewhere.iterdir()) == []
    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"


def test_a_moved_workspace_logs_into_itself(trained: Both, copied: Workspace) -> None:
    files = sorted(trained[0].mlruns.rglob("*"))
    for _ in range(2):
        with tracking.run(copied, "churn", "moved") as run:
            run.figure("one.png", b"png")
    assert sorted(trained[0].mlruns.rglob("*")) == files
    assert len(list((copied.mlruns / "artifacts" / "churn").rglob("one.png"))) == 2


def test_a_server_of_one_s_own_is_honoured(copied: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A copy: MLflow takes seconds to set up a new store.
    (tmp_path / "own.db").write_bytes((copied.mlruns / "mlflow.db").read_bytes())
    uri = f"sqlite:///{tmp_path / 'own.db'}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    before = (copied.mlruns / "mlflow.db").read_bytes()
    with tracking.run(copied, "churn", "elsewhere") as run:
        run.params({"rounds": 3})
    assert os.environ["MLFLOW_TRACKING_URI"] == uri
    assert (copied.mlruns / "mlflow.db").read_bytes() == before


def test_an_error_fails_the_run(copied: Workspace) -> None:
    with pytest.raises(ZeroDivisionError), tracking.run(copied, "churn", "broken") as run:
        run.params({"share": 1 / 0})
    database = sqlite3.connect(copied.mlruns / "mlflow.db")
    assert database.execute("SELECT status FROM runs WHERE name = 'broken'").fetchall() == [("FAILED",)]
    database.close()


def test_an_alias_nobody_set_is_none(copied: Workspace) -> None:
    assert tracking.alias(copied, "volume", "champion") is None
    assert tracking.bundle_of(copied, "churn", "99") is None
