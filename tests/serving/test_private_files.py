"""Private files: whole or not there, and nobody else's to read."""

import stat
from pathlib import Path

import pytest

from serving.private_files import write_private


def test_a_file_is_its_owners_alone_and_replaces_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("old")
    file.chmod(0o644)
    write_private(file, b"new")
    assert file.read_bytes() == b"new"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "list.csv").mkdir()
    with pytest.raises(OSError, match=r"list\.csv"):
        write_private(tmp_path / "list.csv", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["list.csv"]
