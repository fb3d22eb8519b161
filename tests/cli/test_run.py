"""`rapport run` on a copy of the demo: only what is out of date, and the same bytes from the same files."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Rapport = Callable[..., Any]


@pytest.fixture
def copy(demo_workspace: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(demo_workspace, tmp_path / "workspace", ignore=shutil.ignore_patterns("state.db-*")))


def published(workspace: Path) -> dict[str, bytes]:
    """Every file of the current version, by its path."""
    version = (workspace / "published" / "CURRENT").read_text().strip()
    folder = workspace / "published" / version
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def status(rapport: Rapport, workspace: Path) -> Any:
    return json.loads(rapport("status", "--json", "--workspace", workspace).out)


def test_a_run_on_what_is_up_to_date_trains_nothing_and_publishes_the_same(rapport: Rapport, copy: Path) -> None:
    before = status(rapport, copy)
    outcome = rapport("run", "--json", "--workspace", copy)
    assert outcome.code == 0, outcome.err
    assert json.loads(outcome.out) == {"version": before["published"], "trained": [], "not_trained": {}}
    assert status(rapport, copy) == before


def test_every_row_received_is_accounted_for(rapport: Rapport, copy: Path) -> None:
    found = status(rapport, copy)
    fates = ("known", "duplicate", "excluded", "quarantined", "kept")
    assert len(found["sources"]) == 7
    for account in found["sources"]:
        assert account["received"] == sum(account[fate] for fate in fates)
        assert account["received"] > account["kept"] > 0
    truth = json.loads((copy / "company" / "truth" / "dirt.json").read_text())["tables"]
    for table, planted in truth.items():
        accounts = [account for account in found["sources"] if account["table"] == table]
        for fate in ("received", *fates):
            assert sum(account[fate] for account in accounts) == planted[fate], (table, fate)


def test_collecting_the_same_files_again_adds_nothing(rapport: Rapport, copy: Path) -> None:
    before = status(rapport, copy)
    file = copy / "company" / "phone_calls.csv"
    outcome = rapport("collect", file, "--table", "interactions", "--workspace", copy)
    assert outcome.code == 0, outcome.err
    assert rapport("clean", "--workspace", copy).code == 0
    assert status(rapport, copy) == before


@pytest.mark.slow
def test_two_builds_of_the_same_files_are_equal_byte_for_byte(rapport: Rapport, copy: Path) -> None:
    first = published(copy)
    for name in ("lake", "published", "bundles", "mlruns"):
        shutil.rmtree(copy / name)
    for file in copy.glob("state.db*"):
        file.unlink()
    outcome = rapport("run", "--json", "--workspace", copy)
    assert outcome.code == 0, outcome.err
    assert json.loads(outcome.out)["trained"] == ["segments", "churn", "value", "volume", "sentiment"]
    second = published(copy)
    assert sorted(first) == sorted(second)
    assert [name for name in first if first[name] != second[name]] == []


@pytest.mark.slow
def test_another_champion_is_published_and_taken_back(rapport: Rapport, copy: Path) -> None:
    before = status(rapport, copy)
    trained = rapport("train", "segments", "--as-of", "2026-09-01", "--json", "--workspace", copy)
    assert trained.code == 0, trained.err
    (model,) = json.loads(trained.out)
    assert model["bundle"] != before["champions"]["segments"]
    assert rapport("promote", "segments", "--from-alias", "challenger", "--workspace", copy).code == 0
    after = status(rapport, copy)
    assert after["champions"]["segments"] == model["bundle"]
    assert after["published"] != before["published"]
    assert after["disagreements"] == []
    assert rapport("rollback", "segments", "--workspace", copy).code == 0
    again = status(rapport, copy)
    assert again["champions"] == before["champions"]
    assert again["published"] == before["published"]
