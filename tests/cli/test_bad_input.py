"""Each mistake a user can make: one clear sentence, an exit code that isn't 0, nothing half-written."""

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from workspace.folder import open_workspace
from workspace.schema import SCHEMA
from workspace.state import META

Rapport = Callable[..., Any]

CONTACTS = "customer_id,occurred_at,channel\n1,2026-01-05 10:00:00,phone\n2,2026-01-06 11:00:00,email\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    open_workspace(tmp_path / "workspace", create=True)
    return tmp_path / "workspace"


def files_of(folder: Path) -> set[str]:
    """What a run might leave behind; state.db, its log and the locks belong to every workspace."""
    own = {"lock", "state.db", "state.db-wal", "state.db-shm", "tmp", "run", "run/readers.lock"}
    return {str(path.relative_to(folder)) for path in folder.rglob("*")} - own


def check_refused(outcome: Any, *words: str) -> None:
    assert outcome.code != 0
    assert "Traceback" not in outcome.err + outcome.out
    message = outcome.err.strip().splitlines()[-1]
    for word in words:
        assert word in message
    assert message.count(". ") <= 2


def test_a_missing_file(rapport: Rapport, workspace: Path, tmp_path: Path) -> None:
    outcome = rapport("collect", tmp_path / "absent.csv", "--table", "interactions", "--workspace", workspace)
    check_refused(outcome, "absent.csv")
    assert files_of(workspace) == set()


def test_an_empty_file(rapport: Rapport, workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("")
    outcome = rapport("collect", tmp_path / "empty.csv", "--table", "interactions", "--workspace", workspace)
    check_refused(outcome, "empty.csv")
    assert files_of(workspace) == set()


def test_a_mapping_that_names_absent_columns(rapport: Rapport, workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "contacts.csv").write_text(CONTACTS)
    (tmp_path / "map.toml").write_text('[interactions.columns]\noccurred_at = { column = "called_at" }\n')
    outcome = rapport(
        "collect",
        tmp_path / "contacts.csv",
        "--table",
        "interactions",
        "--mapping",
        tmp_path / "map.toml",
        "--workspace",
        workspace,
    )
    check_refused(outcome, "called_at", "occurred_at")
    assert files_of(workspace) == set()


def test_a_mapping_that_is_missing(rapport: Rapport, workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "contacts.csv").write_text(CONTACTS)
    arguments = ("--table", "interactions", "--mapping", tmp_path / "absent.toml", "--workspace", workspace)
    check_refused(rapport("collect", tmp_path / "contacts.csv", *arguments), "absent.toml")
    assert files_of(workspace) == set()


@pytest.mark.parametrize("command", ["train", "score", "features", "publish"])
def test_nothing_collected_yet(rapport: Rapport, workspace: Path, command: str) -> None:
    check_refused(rapport(command, "--workspace", workspace))
    assert not (workspace / "published").exists() or not list((workspace / "published").iterdir())
    assert not (workspace / "bundles").exists()


def test_too_little_history(rapport: Rapport, workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "contacts.csv").write_text(CONTACTS)
    assert rapport("collect", tmp_path / "contacts.csv", "--table", "interactions", "--workspace", workspace).code == 0
    assert rapport("clean", "--workspace", workspace).code == 0
    for model in ("churn", "segments", "volume"):
        check_refused(rapport("train", model, "--workspace", workspace))
    assert not (workspace / "bundles").exists()


@pytest.mark.parametrize("command", [("serve",), ("demo",)])
def test_a_port_in_use(rapport: Rapport, workspace: Path, tmp_path: Path, command: tuple[str, ...]) -> None:
    folder = workspace if command == ("serve",) else tmp_path / "demo"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        check_refused(rapport(*command, "--workspace", folder, "--port", port), str(port))
    assert not (tmp_path / "demo").exists()


@pytest.mark.parametrize("command", ["clean", "train", "run", "status", "serve"])
def test_a_workspace_of_another_schema(rapport: Rapport, workspace: Path, command: str) -> None:
    state = open_workspace(workspace).state()
    with state.begin() as connection:
        connection.execute(sa.update(META).where(META.c.name == "schema").values(value="7"))
    state.close()
    check_refused(rapport(command, "--workspace", workspace), "schema 7", f"knows up to {SCHEMA}")
    assert files_of(workspace) == set()


@pytest.mark.parametrize("command", ["clean", "train", "score", "publish", "run", "features"])
def test_two_runs_at_once(rapport: Rapport, workspace: Path, command: str) -> None:
    with open_workspace(workspace).lock("train"):
        check_refused(rapport(command, "--workspace", workspace), "`train`", f"`{command}`")
    assert files_of(workspace) == set()


def test_no_workspace(rapport: Rapport, tmp_path: Path) -> None:
    check_refused(rapport("status", "--workspace", tmp_path / "absent"), "rapport init")
    assert not (tmp_path / "absent").exists()


def test_a_date_that_is_none(rapport: Rapport, workspace: Path) -> None:
    check_refused(rapport("train", "--as-of", "31/12/2025", "--workspace", workspace), "--as-of 31/12/2025")


def test_a_demo_does_not_touch_another_folder(rapport: Rapport, tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine")
    check_refused(rapport("demo", "--no-serve", "--workspace", tmp_path), "not a demo")
    assert (tmp_path / "precious.txt").read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 1


def test_init_does_not_write_over_settings(rapport: Rapport, tmp_path: Path) -> None:
    assert rapport("init", "--workspace", tmp_path / "new").code == 0
    (tmp_path / "new" / "rapport.toml").write_text("schema = 1\n")
    check_refused(rapport("init", "--workspace", tmp_path / "new"), "already exists")
    assert (tmp_path / "new" / "rapport.toml").read_text() == "schema = 1\n"


def test_debug_shows_where(rapport: Rapport, tmp_path: Path) -> None:
    outcome = rapport("status", "--workspace", tmp_path / "absent", "--debug")
    assert outcome.code != 0
    assert "Traceback" in outcome.err
