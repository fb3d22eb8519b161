"""`rapport migrate`: an older workspace works after it, and its backup is what it was."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from deltalake import write_deltalake

from serving.snapshot import load
from workspace.folder import open_workspace
from workspace.lake import Lake

Rapport = Callable[..., Any]
# What customer_scores did not have at first.
LATER = ("median_days", "risk_start", "value_version", "expected_value", "changed_by_model")


@pytest.fixture
def old(demo_workspace: Path, tmp_path: Path) -> Path:
    """The demo as an older Rapport would have left it: fewer columns and tables, published in another form."""
    folder = Path(shutil.copytree(demo_workspace, tmp_path / "old", ignore=shutil.ignore_patterns("state.db-*")))
    scores = Lake(folder / "lake").read("customer_scores").drop_columns(list(LATER))
    shutil.rmtree(folder / "lake" / "customer_scores")
    write_deltalake(str(folder / "lake" / "customer_scores"), scores)
    with closing(sqlite3.connect(folder / "state.db")) as connection, connection:
        connection.execute("UPDATE meta SET value = '1' WHERE name = 'schema'")
        for table in ("journal", "audit", "exports"):
            connection.execute(f"DROP TABLE {table}")
    manifest = folder / "published" / (folder / "published" / "CURRENT").read_text().strip() / "manifest.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "schema": 1}))
    return folder


@pytest.mark.slow
def test_an_older_workspace_is_backed_up_and_works_again(rapport: Rapport, old: Path, tmp_path: Path) -> None:
    refused = rapport("status", "--workspace", old)
    assert (refused.code, "Run `rapport migrate`" in refused.err) == (1, True)
    outcome = rapport("migrate", "--workspace", old, "--json")
    assert outcome.code == 0, outcome.err
    answer = json.loads(outcome.out)
    assert (answer["from"], answer["schema"]) == (1, 2)
    assert set(answer["added"]["customer_scores"]) == set(LATER)
    assert load(old).version == answer["published"]
    assert json.loads(rapport("status", "--json", "--workspace", old).out)["tables"]["customer_scores"] > 100
    assert rapport("audit", "verify", "--workspace", old).code == 0
    again = rapport("migrate", "--workspace", old)
    assert "nothing to do" in again.out

    file = Path(answer["backup"])
    assert file.parent == tmp_path
    assert rapport("restore", file, "--workspace", tmp_path / "as it was").code == 0
    assert rapport("status", "--workspace", tmp_path / "as it was").code == 1


def test_the_newest_has_nothing_to_do(rapport: Rapport, tmp_path: Path) -> None:
    assert rapport("init", "--workspace", tmp_path / "w").code == 0
    assert "nothing to do" in rapport("migrate", "--workspace", tmp_path / "w").out
    assert json.loads(rapport("migrate", "--workspace", tmp_path / "w", "--json").out)["backup"] is None
    missing = rapport("migrate", "--workspace", tmp_path / "absent")
    assert (missing.code, "rapport init" in missing.err) == (1, True)
    assert [path.name for path in tmp_path.iterdir()] == ["w"]


def test_a_backup_that_cannot_be_made_changes_nothing(rapport: Rapport, tmp_path: Path) -> None:
    assert rapport("init", "--workspace", tmp_path / "w").code == 0
    with closing(sqlite3.connect(tmp_path / "w" / "state.db")) as connection, connection:
        connection.execute("UPDATE meta SET value = '1' WHERE name = 'schema'")
    refused = rapport("migrate", "--backup", tmp_path / "absent" / "b.tar.gz", "--workspace", tmp_path / "w")
    assert (refused.code, "no folder" in refused.err) == (1, True)
    assert rapport("status", "--workspace", tmp_path / "w").code == 1
    kept = tmp_path / "kept.tar.gz"
    assert rapport("migrate", "--backup", kept, "--workspace", tmp_path / "w").code == 0
    assert kept.is_file()
    assert open_workspace(tmp_path / "w").schema() == 2
