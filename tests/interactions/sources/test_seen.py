"""Files that look as they did are not read again; whatever is in doubt is."""

import os
import time
from pathlib import Path

import pytest

from interactions.sources import collect as collecting
from interactions.sources.collect import collect
from interactions.sources.raw import raw_files
from workspace.errors import SourceError
from workspace.folder import Workspace, open_workspace

CSV = "customer_id,occurred_at,channel\nC1,2024-01-05 10:00,phone\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return open_workspace(tmp_path / "company", create=True)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that were read."""
    names: list[str] = []
    read = collecting.read_file

    def noting(piece, *rest):  # type: ignore[no-untyped-def]
        names.append(piece.name)
        return read(piece, *rest)

    monkeypatch.setattr(collecting, "read_file", noting)
    return names


def aged(path: Path, text: str, seconds: int = 100) -> Path:
    path.write_text(text, encoding="utf-8")
    os.utime(path, (time.time() - seconds,) * 2)
    return path


def test_new_and_changed_files_alone_are_read(workspace: Workspace, tmp_path: Path, opened: list[str]) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    for name in "abc":
        aged(folder / f"{name}.csv", CSV.replace("C1", name))
    assert [one.new for one in collect(workspace, [folder / "*.csv"], "interactions")] == [True] * 3
    opened.clear()
    again = collect(workspace, [folder], "interactions")
    assert ([one.new for one in again], opened) == ([False] * 3, [])
    assert "nothing new, its 1 rows were collected before" in again[0].as_text()
    aged(folder / "b.csv", CSV + "C9,2024-01-06,mail\n", 50)
    aged(folder / "d.csv", CSV)
    found = collect(workspace, [folder / "*.csv"], "interactions")
    assert ([one.new for one in found], opened) == ([False, True, False, True], ["b.csv", "d.csv"])
    assert [one.rows for one in found] == [1, 2, 1, 1]


def test_what_is_in_doubt_is_read(workspace: Workspace, tmp_path: Path, opened: list[str]) -> None:
    path = aged(tmp_path / "f.csv", CSV, 0)
    collect(workspace, [path], "interactions")
    collect(workspace, [path], "interactions")
    assert opened == ["f.csv"] * 2  # changed just now: its clock can't tell another change
    aged(path, CSV)
    collect(workspace, [path], "interactions")
    opened.clear()
    collect(workspace, [path], "interactions", source="other")
    assert opened == ["f.csv"]
    (raw,) = raw_files(workspace.raw, source=f"{tmp_path.name}/f.csv")
    raw.path.unlink()
    (found,) = collect(workspace, [path], "interactions")
    assert (found.new, opened) == (True, ["f.csv"] * 2)
    (workspace.raw / "files.json").write_text("not json")
    (found,) = collect(workspace, [path], "interactions")
    assert (found.new, opened) == (False, ["f.csv"] * 3)


def test_another_mapping_reads_the_file(workspace: Workspace, tmp_path: Path, opened: list[str]) -> None:
    path = aged(tmp_path / "f.csv", CSV)
    collect(workspace, [path], "interactions")
    (tmp_path / "m.toml").write_text('[interactions.columns]\noccurred_at = "occurred_at"\n')
    collect(workspace, [path], "interactions", tmp_path / "m.toml")
    assert opened == ["f.csv"] * 2
    collect(workspace, [path], "interactions", tmp_path / "m.toml")
    collect(workspace, [path], "interactions")
    assert opened == ["f.csv"] * 2


def test_every_bad_file_is_named_and_nothing_is_written(workspace: Workspace, tmp_path: Path) -> None:
    good = aged(tmp_path / "good.csv", CSV)
    (tmp_path / "a.csv").write_bytes(b"")
    (tmp_path / "b.csv").write_text("x,y\n1,2\n")
    (tmp_path / "c.csv").write_bytes(b"%PDF-1.7")
    with pytest.raises(SourceError) as refused:
        collect(workspace, [tmp_path / "*.csv"], "interactions")
    lines = str(refused.value).splitlines()
    assert lines[0] == "3 of 4 files can't be collected, so that none was:"
    assert [name for name in ("a.csv", "b.csv", "c.csv") if any(name in line for line in lines[1:])] == [
        "a.csv",
        "b.csv",
        "c.csv",
    ]
    assert not list(workspace.raw.rglob("*.*"))
    assert collect(workspace, [good], "interactions")[0].new


def test_left_over_spools_are_removed(workspace: Workspace, tmp_path: Path) -> None:
    left = workspace.temp / "collect-killed"
    left.mkdir()
    (left / "0").write_text("rows")
    collect(workspace, [aged(tmp_path / "f.csv", CSV)], "interactions")
    assert not list(workspace.temp.iterdir())
