"""What the commands promise to other people's scripts: names, JSON keys, exit codes."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.main import app
from cli.pipeline import MODELS
from serving import access
from workspace.tables import CUSTOMER_FEATURES

Rapport = Callable[..., Any]

README = Path(__file__).parents[2] / "README.md"
CHURN = {
    *("as_of", "horizon_days", "active_days", "customers", "churners", "auc", "auc_interval", "average_precision"),
    *("average_precision_interval", "brier", "log_loss", "calibration_slope", "calibration_error", "mean_score"),
    *("lift_at_10", "grade", "baselines"),
}
VOLUME = {"grain", "horizon", "windows", "series", "wape", "mase", "bias", "coverage", "baselines"}
SEGMENTS = {"k", "silhouette", "sizes", "stability", "kept_after_retrain"}


@pytest.fixture
def copy(demo_workspace: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(demo_workspace, tmp_path / "workspace", ignore=shutil.ignore_patterns("state.db-*")))


def as_json(rapport: Rapport, *arguments: object) -> Any:
    outcome = rapport(*arguments, "--json")
    assert outcome.code == 0, outcome.err
    return json.loads(outcome.out)


def test_every_command_explains_itself(rapport: Rapport) -> None:
    names = [command.name for command in app.registered_commands] + [group.name for group in app.registered_groups]
    for name in names:
        outcome = rapport(str(name), "--help")
        assert outcome.code == 0
        assert "Usage: rapport" in outcome.out


def test_every_command_the_readme_types_exists(rapport: Rapport) -> None:
    names = {command.name for command in app.registered_commands} | {group.name for group in app.registered_groups}
    typed = {line.split()[1] for line in README.read_text(encoding="utf-8").splitlines() if line.startswith("rapport ")}
    assert len(typed) >= 5
    assert typed <= names


@pytest.mark.slow
def test_backtest_churn_says_what_the_design_promises(rapport: Rapport, demo_workspace: Path) -> None:
    found = as_json(rapport, "backtest", "churn", "--workspace", demo_workspace)
    assert set(found) == CHURN
    assert set(found["baselines"]) == {"recency", "frequency"}
    assert found["auc_interval"][0] < found["auc"] < found["auc_interval"][1]
    shorter = as_json(rapport, "backtest", "churn", "--horizon-days", 30, "--workspace", demo_workspace)
    assert shorter["horizon_days"] == 30
    assert shorter["as_of"] > found["as_of"]


@pytest.mark.slow
def test_backtest_volume_says_what_the_design_promises(rapport: Rapport, demo_workspace: Path) -> None:
    found = as_json(rapport, "backtest", "volume", "--windows", 4, "--workspace", demo_workspace)
    assert set(found) >= VOLUME
    assert set(found["coverage"]) == {"80", "95"}
    assert found["windows"] == 4
    assert {"wape", "mase"} <= set(found["baselines"]["seasonal_naive"])


def test_backtest_segments_says_what_the_design_promises(rapport: Rapport, demo_workspace: Path) -> None:
    found = as_json(rapport, "backtest", "segments", "--workspace", demo_workspace)
    assert set(found) >= SEGMENTS
    assert len(found["stability"]) == found["k"]


def test_a_wrong_level_is_said(rapport: Rapport, demo_workspace: Path) -> None:
    outcome = rapport("backtest", "volume", "--levels", "eighty", "--workspace", demo_workspace)
    assert outcome.code != 0
    assert "--levels eighty" in outcome.err


def test_features_as_of_a_day_begin_at_its_local_midnight(rapport: Rapport, copy: Path) -> None:
    found = as_json(rapport, "features", "--as-of", "2026-06-01", "--workspace", copy)
    assert found["cutoff"] == "2026-05-31T16:00:00+00:00"
    assert found["customers"] > 100
    assert found["columns"] == list(CUSTOMER_FEATURES.column_names[2:])


def test_status_names_tables_sources_and_champions(rapport: Rapport, demo_workspace: Path) -> None:
    found = as_json(rapport, "status", "--workspace", demo_workspace)
    assert set(found) == {"tables", "lake", "sources", "published", "champions", "disagreements"}
    assert found["lake"] is None
    assert set(found["champions"]) == set(MODELS)
    assert found["disagreements"] == []


def test_quarantine_lists_and_shows(rapport: Rapport, demo_workspace: Path) -> None:
    listed = as_json(rapport, "quarantine", "list", "--workspace", demo_workspace)
    counted = sum(row["rows"] for row in listed if row["table"] == "orders")
    shown = as_json(rapport, "quarantine", "show", "orders", "--limit", 1, "--workspace", demo_workspace)
    assert shown["total"] == counted > 1
    (row,) = shown["rows"]
    assert row["reasons"]
    assert json.loads(row["row"])


def test_keys_are_added_listed_and_revoked(rapport: Rapport, copy: Path) -> None:
    added = rapport("keys", "add", "Ann", "--role", "marketing", "--workspace", copy)
    assert added.out.startswith(access.PREFIX)
    row = {row["name"]: row for row in as_json(rapport, "keys", "list", "--workspace", copy)}["Ann"]
    assert (row["role"], row["owner"], row["revoked_at"]) == ("marketing", None, None)
    assert added.out.strip() not in rapport("keys", "list", "--workspace", copy).out
    assert rapport("keys", "add", "Ann", "--role", "admin", "--workspace", copy).code != 0
    assert rapport("keys", "add", "Bob", "--role", "sales", "--workspace", copy).code != 0
    assert rapport("keys", "revoke", "Ann", "--workspace", copy).code == 0
    assert rapport("keys", "revoke", "Ann", "--workspace", copy).code != 0


def test_a_preview_shows_the_match_and_writes_nothing(rapport: Rapport, copy: Path) -> None:
    file = copy / "company" / "surveys.csv"
    before = sorted(copy.rglob("*.parquet"))
    outcome = rapport("collect", file, "--table", "surveys", "--preview", "--workspace", copy)
    assert outcome.code == 0, outcome.err
    assert "satisfaction <- " in outcome.out
    assert sorted(copy.rglob("*.parquet")) == before


def test_a_source_named_in_the_settings_is_collected_by_name(rapport: Rapport, tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "calls.csv").write_text("customer_id,occurred_at,channel\n1,2026-01-05 10:00:00,phone\n")
    (tmp_path / "rapport.toml").write_text(
        '[sources.crm]\ntype = "files"\npath = "exports/*.csv"\ntable = "interactions"\n'
    )
    assert rapport("collect", "crm", "--workspace", tmp_path).code == 0
    assert rapport("clean", "--workspace", tmp_path).code == 0
    (account,) = as_json(rapport, "status", "--workspace", tmp_path)["sources"]
    assert (account["source"], account["received"], account["kept"]) == ("crm", 1, 1)
