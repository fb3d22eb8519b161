"""An older workspace is moved forward; a newer one, and one that is served, are left alone."""

import fcntl
import sqlite3
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from workspace.errors import WorkspaceError
from workspace.folder import Workspace, open_workspace, opened_as_it_is
from workspace.migration import migrate, needed
from workspace.schema import SCHEMA
from workspace.tables import ORDERS

# As the first Rapport had them.
OLD_STATE = """
CREATE TABLE meta (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE keys (
    key_hmac TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, created_at TEXT NOT NULL
);
INSERT INTO meta VALUES ('schema', '1'), ('scored', 'x');
INSERT INTO keys VALUES ('ab', 'Ann', 'marketing', '2026-11-20');
"""


@pytest.fixture
def old(tmp_path: Path) -> Workspace:
    with closing(sqlite3.connect(tmp_path / "state.db")) as connection:
        connection.executescript(OLD_STATE)
    row = {**dict.fromkeys(ORDERS.schema.names), "order_line_id": "a"}
    orders = pa.Table.from_pylist([row], ORDERS.schema).drop_columns(["is_revision", "payment_method"])
    write_deltalake(str(tmp_path / "lake" / "orders"), orders)
    return opened_as_it_is(tmp_path)


def columns(folder: Path, table: str) -> set[str]:
    with closing(sqlite3.connect(folder / "state.db")) as connection:
        return {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}


def dump(workspace: Workspace) -> list[str]:
    with closing(sqlite3.connect(workspace.folder / "state.db")) as connection:
        return list(connection.iterdump())


def test_an_old_workspace_opens_only_once_it_was_moved_forward(old: Workspace) -> None:
    with pytest.raises(WorkspaceError, match=r"older schema 1; this Rapport needs 2\. Run `rapport migrate`"):
        open_workspace(old.folder)
    assert columns(old.folder, "journal") == set()
    assert needed(old)
    with old.lock("migrate"):
        assert migrate(old) == {"orders": ["payment_method", "is_revision"]}
    assert not needed(old)
    opened = open_workspace(old.folder)
    assert opened.schema() == SCHEMA
    assert opened.lake.read("orders").to_pylist()[0]["is_revision"] is None
    assert "owner" in columns(old.folder, "keys")
    assert "position" in columns(old.folder, "journal")
    with closing(opened.state()) as state:
        assert state.recall("scored") == "x"
    with old.lock("migrate"):
        assert migrate(old) == {}


def test_an_interrupted_migration_is_done_again(old: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(_folder: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, old.lock("migrate"):
        patched.setattr("workspace.migration.move_forward", stopped)
        with pytest.raises(KeyboardInterrupt):
            migrate(old)
    assert needed(old)
    with old.lock("migrate"):
        migrate(old)
    assert open_workspace(old.folder).lake.count("orders") == 1


def test_a_newer_one_is_refused_and_left_as_it_is(old: Workspace) -> None:
    with closing(sqlite3.connect(old.folder / "state.db")) as connection, connection:
        connection.execute("UPDATE meta SET value = '99' WHERE name = 'schema'")
    before = dump(old)
    with pytest.raises(WorkspaceError, match="has schema 99; this Rapport knows up to 2"):
        needed(old)
    with pytest.raises(WorkspaceError, match="has schema 99; this Rapport knows up to 2"):
        open_workspace(old.folder)
    assert dump(old) == before


def test_nothing_is_moved_under_a_running_service(old: Workspace) -> None:
    with (old.run / "writer.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(WorkspaceError, match="A service runs on"), old.lock("migrate"):
            migrate(old)
    assert needed(old)
    with old.lock("migrate"):
        migrate(old)
