"""Patterns and folders as their files."""

from pathlib import Path

import pytest

from interactions.sources.paths import files_of
from workspace.errors import SourceError


def test_files_patterns_and_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("b.csv", "a.csv", ".hidden.csv", "c.txt", "odd[1].csv"):
        (tmp_path / name).write_text("x")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "d.csv").write_text("x")
    names = [path.name for path in files_of([tmp_path / "*.csv", tmp_path / "a.csv"])]
    assert names == ["a.csv", "b.csv", "odd[1].csv"]
    assert files_of([tmp_path / "odd[1].csv"]) == [tmp_path / "odd[1].csv"]
    assert [path.name for path in files_of([tmp_path])] == ["a.csv", "b.csv", "c.txt", "odd[1].csv"]
    assert [path.name for path in files_of([tmp_path / "**" / "d.csv"])] == ["d.csv"]
    monkeypatch.chdir(tmp_path)
    assert files_of([Path("in/*.csv")]) == [Path("in/d.csv")]
    assert files_of([Path("missing.csv")]) == [Path("missing.csv")]


@pytest.mark.parametrize("name", ["*.parquet", "empty", "in\x00side*"])
def test_what_stands_for_no_file_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError, match=r"matches no file|a folder without files|can't be"):
        files_of([tmp_path / name])
