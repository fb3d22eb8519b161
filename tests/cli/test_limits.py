"""Commands that need more than `[limits]` allow: one clear sentence that names the setting, nothing half-written."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from workspace.folder import open_workspace

Rapport = Callable[..., Any]

ROWS = 300_000


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with contacts of 15,000 customers over four months, collected and not cleaned."""
    from interactions.sources.collect import collect

    folder = tmp_path_factory.mktemp("limits")
    start = datetime(2025, 1, 1, tzinfo=UTC)
    with (folder / "contacts.csv").open("w") as file:
        file.write("interaction_id,customer_id,occurred_at,channel,direction\n")
        for number in range(ROWS):
            at = start + timedelta(seconds=number * 37)
            who = number * 7919 % 15_000
            file.write(f"i{number},c{who},{at:%Y-%m-%d %H:%M:%S},phone,inbound\n")
    workspace = open_workspace(folder / "workspace", create=True)
    with workspace.lock("collect"):
        collect(workspace, [folder / "contacts.csv"], "interactions")
    return workspace.folder


@pytest.fixture(scope="module")
def cleaned(collected: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same workspace, cleaned."""
    from interactions.cleaning.clean import clean

    folder = tmp_path_factory.mktemp("cleaned") / "workspace"
    shutil.copytree(collected, folder)
    workspace = open_workspace(folder)
    with workspace.lock("clean"):
        clean(workspace)
    return folder


def files_of(folder: Path) -> set[str]:
    """Everything but state.db and the lock; what stands in tmp/ too."""
    own = {"lock", "state.db", "state.db-wal", "state.db-shm", "tmp"}
    return {str(path.relative_to(folder)) for path in folder.rglob("*")} - own


def check_told(outcome: Any, *words: str) -> None:
    assert outcome.code == 1
    assert "Traceback" not in outcome.err + outcome.out
    message = outcome.err.strip().splitlines()[-1]
    assert all(word in message for word in words), message


def check_refused(rapport: Rapport, workspace: Path, command: str, *words: str) -> None:
    before = files_of(workspace)
    check_told(rapport(*command.split(), "--workspace", workspace), *words)
    assert files_of(workspace) == before


def test_clean_above_its_memory(rapport: Rapport, collected: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAPPORT_LIMITS__MEMORY", "10MB")
    check_refused(rapport, collected, "clean", '`[limits] memory` = "10MB"', "rapport.toml", "RAPPORT_LIMITS__MEMORY")


@pytest.mark.slow
def test_features_above_their_disk(rapport: Rapport, cleaned: Path) -> None:
    """With less and less memory and no disk at all, there comes a point at which it is the disk that lacks.

    Which of the two lacks first at a given size is the engine's affair: it depends on how its threads meet.
    """
    said = ""
    try:
        for megabytes in range(60, 8, -3):
            (cleaned / "rapport.toml").write_text(f'[limits]\nmemory = "{megabytes}MB"\ntemp_disk = "0B"\n')
            before = files_of(cleaned)
            outcome = rapport("features", "--workspace", cleaned)
            if outcome.code:
                check_told(outcome, "`[limits] ", "RAPPORT_LIMITS__")
                assert files_of(cleaned) == before
                said = outcome.err.strip().splitlines()[-1]
            if "temp_disk" in said:
                break
        assert all(word in said for word in ('`[limits] temp_disk` = "0B"', "RAPPORT_LIMITS__TEMP_DISK"))
    finally:
        (cleaned / "rapport.toml").unlink()


@pytest.mark.parametrize(
    "command", ["features", "train segments", "train churn", "train volume", "readiness", "backtest churn", "run"]
)
def test_what_reads_the_lake_above_its_memory(
    rapport: Rapport, cleaned: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("RAPPORT_LIMITS__MEMORY", "2MB")
    check_refused(rapport, cleaned, command, '`[limits] memory` = "2MB"')


def test_a_preview_above_its_memory(
    rapport: Rapport, collected: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAPPORT_LIMITS__MEMORY", "1MB")
    (tmp_path / "calls.csv").write_text("customer_id,occurred_at\n" + "1,2026-01-05 10:00:00\n" * 1000)
    command = f"collect {tmp_path / 'calls.csv'} --table interactions --preview"
    check_refused(rapport, collected, command, '`[limits] memory` = "1MB"')


def test_a_disk_that_is_full(rapport: Rapport, cleaned: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    check_told(rapport("clean", "--html", "/dev/full", "--workspace", cleaned), "No space left on device", "/dev/full")
