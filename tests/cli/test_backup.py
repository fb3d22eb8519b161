"""`rapport backup` and `rapport restore`: a workspace moved by them is the same workspace."""

import json
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from serving.access import add_key, list_keys
from serving.snapshot import load
from workspace.folder import open_workspace

Rapport = Callable[..., Any]


@pytest.fixture
def copy(demo_workspace: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(demo_workspace, tmp_path / "workspace", ignore=shutil.ignore_patterns("state.db-*")))


def test_a_restored_workspace_is_the_same_and_needs_nothing_of_the_old(
    rapport: Rapport, copy: Path, tmp_path: Path
) -> None:
    add_key(open_workspace(copy), "Ann", "marketing")
    before = json.loads(rapport("status", "--json", "--workspace", copy).out)
    file = tmp_path / "backup.tar.gz"
    outcome = rapport("backup", file, "--workspace", copy, "--json")
    assert outcome.code == 0, outcome.err
    made = json.loads(outcome.out)
    assert (made["published"], made["left_out"]) == (before["published"], [])
    assert {name: table["rows"] for name, table in made["tables"].items()} == {
        name: rows for name, rows in before["tables"].items() if name in made["tables"]
    }
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    keys = list_keys(open_workspace(copy))
    shutil.rmtree(copy)

    target = tmp_path / "elsewhere" / "restored"
    outcome = rapport("restore", file, "--workspace", target)
    assert outcome.code == 0, outcome.err
    assert "erase them again" in outcome.out
    assert json.loads(rapport("status", "--json", "--workspace", target).out) == before
    assert load(target).version == before["published"]
    assert list_keys(open_workspace(target)) == keys
    assert rapport("audit", "verify", "--workspace", target).code == 0


def test_what_cannot_be_is_said(rapport: Rapport, tmp_path: Path) -> None:
    at = tmp_path / "w"
    assert rapport("init", "--workspace", at).code == 0
    missing = rapport("restore", tmp_path / "absent.tar.gz", "--workspace", tmp_path / "new")
    assert (missing.code, "There is no file" in missing.err) == (1, True)
    named = rapport("backup", tmp_path / "b.zip", "--workspace", at)
    assert (named.code, "is called" in named.err) == (1, True)
    assert rapport("backup", tmp_path / "b.tar.zst", "--workspace", at).code == 0
    full = rapport("restore", tmp_path / "b.tar.zst", "--workspace", at)
    assert (full.code, "is not empty" in full.err) == (1, True)
    os.truncate(tmp_path / "b.tar.zst", 100)
    damaged = rapport("restore", tmp_path / "b.tar.zst", "--workspace", tmp_path / "new")
    assert (damaged.code, "damaged" in damaged.err) == (1, True)
    assert not (tmp_path / "new").exists()
