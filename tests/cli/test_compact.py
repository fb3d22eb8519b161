"""`rapport compact`: less on the disk, nothing computed anew."""

import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Rapport = Callable[..., Any]


@pytest.fixture
def copy(demo_workspace: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(demo_workspace, tmp_path / "workspace", ignore=shutil.ignore_patterns("state.db-*")))


@pytest.mark.slow
def test_after_it_a_run_trains_nothing_and_publishes_the_same(rapport: Rapport, copy: Path) -> None:
    before = json.loads(rapport("status", "--json", "--workspace", copy).out)
    first = json.loads(rapport("compact", "--json", "--workspace", copy).out)
    assert first["tables"]["interactions"]["files_before"] > first["tables"]["interactions"]["files_after"] == 1
    for path in (copy / "lake").rglob("*"):
        os.utime(path, (time.time() - 700,) * 2)
    stale = copy / "published" / "2020-01-01-000000000000"
    for number in range(3):
        old = stale.with_name(f"2020-01-0{number + 1}-000000000000")
        old.mkdir()
        (old / "x.arrow").write_bytes(b"x" * 1000)
        os.utime(old, (time.time() - 10_000,) * 2)
    second = json.loads(rapport("compact", "--json", "--workspace", copy).out)
    assert second["published_bytes_freed"] == 1000
    assert second["bytes_freed"] == first["bytes_held"] + 1000
    assert second["bytes_held"] == 0
    again = rapport("compact", "--workspace", copy)
    assert (again.code, "0.0 MB freed" in again.out) == (0, True)
    for table in before["tables"]:
        assert len(list((copy / "lake" / table).glob("*.parquet"))) <= 1
    outcome = rapport("run", "--json", "--workspace", copy)
    assert json.loads(outcome.out) == {"version": before["published"], "trained": [], "not_trained": {}}
    assert json.loads(rapport("status", "--json", "--workspace", copy).out) == before


def test_an_empty_workspace_has_nothing_to_free(rapport: Rapport, tmp_path: Path) -> None:
    assert rapport("init", "--workspace", tmp_path / "w").code == 0
    found = json.loads(rapport("compact", "--json", "--workspace", tmp_path / "w").out)
    assert (found["tables"], found["bytes_freed"], found["bytes_held"]) == ({}, 0, 0)
    assert rapport("compact", "--workspace", tmp_path / "w").code == 0
