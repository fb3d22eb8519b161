import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from workspace.errors import WorkspaceError
from workspace.folder import open_workspace
from workspace.state import META

HOLD = """
import sys, time
from pathlib import Path
from workspace.folder import open_workspace
with open_workspace(Path(sys.argv[1])).lock("train"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_missing_workspace_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="rapport init"):
        open_workspace(tmp_path / "absent")
    assert not (tmp_path / "absent").exists()


def test_a_second_run_is_refused_at_once_and_the_lock_dies_with_its_holder(tmp_path: Path) -> None:
    workspace = open_workspace(tmp_path)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(WorkspaceError, match=r"`train` \(process \d+\) is at work"), workspace.lock("score"):
            pass
        holder.kill()
    with workspace.lock("score"):
        pass


def test_what_a_killed_run_left_is_gone_a_day_later(tmp_path: Path) -> None:
    workspace = open_workspace(tmp_path)
    old, new = workspace.temp / "duckdb_temp_storage-0.tmp", workspace.temp / "excel"
    old.write_text("somebody's telephone number")
    (workspace.temp / "spill").mkdir()
    (workspace.temp / "spill" / "part").write_text("")
    new.write_text("at work")
    half = workspace.raw / "crm" / "orders" / "0123.new"
    half.parent.mkdir(parents=True)
    half.write_text("half a file")
    for path in (old, workspace.temp / "spill"):
        os.utime(path, (time.time() - 90_000,) * 2)
    with workspace.lock("clean"):
        assert list(workspace.temp.iterdir()) == [new]
        assert not half.exists()


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    state = open_workspace(tmp_path).state()
    with state.begin() as connection:
        connection.execute(sa.update(META).where(META.c.name == "schema").values(value="99"))
    state.close()
    with pytest.raises(WorkspaceError, match="has schema 99; this Rapport knows up to 2"):
        open_workspace(tmp_path)


def test_a_newer_settings_schema_is_refused(tmp_path: Path) -> None:
    (tmp_path / "rapport.toml").write_text("schema = 9\n")
    with pytest.raises(WorkspaceError, match=r"rapport\.toml has schema 9"):
        open_workspace(tmp_path)


def test_the_folder_is_private(tmp_path: Path) -> None:
    workspace = open_workspace(tmp_path / "new", create=True)
    assert stat.S_IMODE(workspace.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(workspace.temp.stat().st_mode) == 0o700


def test_state_remembers(tmp_path: Path) -> None:
    state = open_workspace(tmp_path).state()
    assert state.recall("trained churn") is None
    state.remember("trained churn", "a")
    state.remember("trained churn", "b")
    assert state.recall("trained churn") == "b"
    state.close()
