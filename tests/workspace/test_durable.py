from pathlib import Path

import pytest

from workspace.durable import sync


def test_files_and_folders_are_synced_and_stay_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"content")
    sync(file)
    sync(tmp_path)
    assert file.read_bytes() == b"content"


def test_what_is_not_there_can_not_be(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        sync(tmp_path / "b")
