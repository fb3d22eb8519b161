"""`rapport export segment`: a file, a record, and the same people held out again."""

import csv
import io
import json
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from serving.snapshot import load
from workspace.folder import open_workspace

Rapport = Callable[..., Any]


@pytest.fixture
def copy(demo_workspace: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(demo_workspace, tmp_path / "workspace"))


def test_a_segment_is_exported_with_its_control_group(rapport: Rapport, copy: Path, tmp_path: Path) -> None:
    segment = load(copy).tables["segment_profiles"]["segment_id"][0].as_py()
    file = tmp_path / "list.csv"
    made = []
    for _ in range(2):
        outcome = rapport(
            "export", "segment", segment, "--output", file, "--holdout", 0.5, "--workspace", copy, "--json"
        )
        assert outcome.code == 0, outcome.err
        rows = csv.DictReader(io.StringIO(file.read_bytes().decode("utf-8-sig")))
        listed = [row["customer_id"] for row in rows]
        made.append((json.loads(outcome.out), listed))
    (first, listed), (again, listed_again) = made
    assert len(listed) == first["sent"]
    assert first["matching"] == first["sent"] + first["held_out"] + first["left_out_without_consent"]
    assert listed == listed_again
    assert first["file_sha256"] == again["file_sha256"]
    kept = copy / "exports" / f"{first['export_id']}.csv"
    assert kept.read_bytes() == file.read_bytes()
    assert {stat.S_IMODE(path.stat().st_mode) for path in (kept, file)} == {0o600}
    said = rapport("export", "segment", segment, "--output", tmp_path / "list.xlsx", "--workspace", copy)
    assert "held out as control group" in said.out
    state = open_workspace(copy).state()
    with state.begin() as connection:
        formats = connection.exec_driver_sql("SELECT format FROM exports ORDER BY created_at").scalars().all()
    state.close()
    assert formats == ["csv", "csv", "xlsx"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nothing", "--output", "list.csv"), "There is no such segment"),
        (("x", "--output", "list.doc"), "expected a name ending in .csv, .xlsx or .json"),
        (("x", "--output", "list.csv", "--purpose", "fun"), "expected marketing or service"),
        (("x", "--output", "list.csv", "--holdout", "0.95"), "--holdout"),
        (("x", "--output", "missing/list.csv"), "there is no folder missing"),
        (("x" * 201, "--output", "list.csv"), "at most 200"),
    ],
)
def test_what_can_not_be_exported_is_said(
    rapport: Rapport, demo_workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: Any, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = rapport("export", "segment", *arguments, "--workspace", demo_workspace)
    assert outcome.code != 0
    assert said in outcome.err
    assert "Traceback" not in outcome.err
    assert list(tmp_path.iterdir()) == []
