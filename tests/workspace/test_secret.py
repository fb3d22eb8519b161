import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from workspace.errors import WorkspaceError
from workspace.secret import secret


def test_it_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    made = secret(tmp_path)
    assert len(made) == 32
    assert secret(tmp_path) == made
    assert [file.name for file in tmp_path.iterdir()] == ["secret.key"]
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600


def test_all_who_come_at_once_have_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        for turn in range(30):
            folder = tmp_path / str(turn)
            folder.mkdir()
            assert len(set(threads.map(lambda _, folder=folder: secret(folder), range(8)))) == 1


def test_what_a_killed_run_left_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / ".secret.key.new").write_text("ab")
    assert len(secret(tmp_path)) == 32
    assert [file.name for file in tmp_path.iterdir()] == ["secret.key"]


def test_an_emptied_one_is_not_made_anew(tmp_path: Path) -> None:
    (tmp_path / "secret.key").touch()
    with pytest.raises(WorkspaceError, match="Restore it from a backup"):
        secret(tmp_path)
