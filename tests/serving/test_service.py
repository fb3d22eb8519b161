"""What BentoML's own process reads: little, and a workspace that can't be opened ends it at once."""

import os
import subprocess
import sys
from pathlib import Path

HOME = Path(__file__).parents[2]
HEAVY = ("pyarrow", "numpy", "duckdb", "deltalake", "lightgbm", "serving.app", "serving.snapshot")


def _read(workspace: Path, home: Path, code: str) -> subprocess.CompletedProcess[str]:
    given = {"RAPPORT_WORKSPACE": str(workspace), "BENTOML_HOME": str(home)}
    command = [sys.executable, "-W", "ignore", "-c", code]
    return subprocess.run(command, check=False, env={**os.environ, **given}, cwd=HOME, capture_output=True, text=True)


def _loaded(module: str) -> str:
    return f"import sys, {module}; print([name for name in {HEAVY} if name in sys.modules])"


def test_it_is_read_without_what_only_workers_need(tmp_path: Path) -> None:
    found = _read(tmp_path, tmp_path, _loaded("serving.service"))
    assert found.stdout == "[]\n", found.stderr


def test_neither_does_the_command_need_it_to_start_the_service(tmp_path: Path) -> None:
    found = _read(tmp_path, tmp_path, _loaded("cli.main, serving.server"))
    assert found.stdout == "[]\n", found.stderr


def test_started_by_bentoml_alone_it_says_why_a_workspace_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "rapport.toml").write_text('schema = 1\n[state]\nurl = "nothing://here"\n')
    found = _read(tmp_path, tmp_path, "import serving.service")
    assert found.returncode == 1
    assert "SettingsError" in found.stderr
