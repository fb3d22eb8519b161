"""Restoring is whole or not at all."""

import hashlib
import io
import json
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pytest

from workspace.backup import backup
from workspace.backup_restore import restore
from workspace.errors import WorkspaceError
from workspace.folder import UNFINISHED, open_workspace
from workspace.lake import Lake
from workspace.tables import ORDERS


@pytest.fixture
def file(tmp_path: Path) -> Path:
    workspace = open_workspace(tmp_path / "workspace", create=True)
    row = {**dict.fromkeys(ORDERS.schema.names), "order_line_id": "a", "source": "shop"}
    workspace.lake.append("orders", pa.Table.from_pylist([row], ORDERS.schema))
    with workspace.lock("backup"):
        backup(workspace, tmp_path / "b.tar.gz")
    return tmp_path / "b.tar.gz"


def changed(file: Path, name: str, content: bytes | None) -> Path:
    """The backup with one file's content replaced, or the file left out, all hashes made right again."""
    other = file.with_name("changed.tar.gz")
    with tarfile.open(file) as source, tarfile.open(other, "w:gz") as target:
        found = {member.name: source.extractfile(member).read() for member in source}  # type: ignore[union-attr]
        found = {one: (content if one == name else said) for one, said in found.items() if one != name or content}
        head, contents = json.loads(found.pop("backup.json")), json.loads(found.pop("contents.json"))
        contents = {
            one: {"bytes": len(said), "sha256": hashlib.sha256(said).hexdigest()} for one, said in found.items()
        }
        head.update(files=len(found), bytes=sum(map(len, found.values())))
        ends = {"backup.json": json.dumps(head).encode()}, {"contents.json": json.dumps(contents).encode()}
        for one, said in {**ends[0], **found, **ends[1]}.items():
            entry = tarfile.TarInfo(one)
            entry.size = len(said)
            target.addfile(entry, io.BytesIO(said))
    return other


def test_a_folder_with_anything_in_it_is_left_alone(file: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "note").write_text("mine")
    for target in (tmp_path / "full", tmp_path / "workspace", file):
        with pytest.raises(WorkspaceError, match="is not empty"):
            restore(file, target)
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["note"]


def test_what_is_damaged_leaves_the_target_as_it_was(file: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    half = tmp_path / "half.tar.gz"
    half.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    for target in (tmp_path / "empty", tmp_path / "missing"):
        with pytest.raises(WorkspaceError, match="damaged"):
            restore(half, target)
    assert list((tmp_path / "empty").iterdir()) == []
    assert not (tmp_path / "missing").exists()


@pytest.mark.parametrize("name", ["state.db", "lake"])
def test_what_is_whole_as_an_archive_but_not_as_a_workspace_is_refused(file: Path, tmp_path: Path, name: str) -> None:
    if name == "lake":
        (data,) = (path.name for path in (tmp_path / "workspace" / "lake" / "orders").glob("*.parquet"))
        broken = changed(file, f"lake/orders/{data}", None)
    else:
        broken = changed(file, "state.db", b"SQLite format 3\0" + bytes(5000))
    with pytest.raises(WorkspaceError, match=r"is not (whole|sound)"):
        restore(broken, tmp_path / "target")
    assert not (tmp_path / "target").exists()


def test_a_newer_schema_is_refused_before_anything_is_unpacked(file: Path, tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="schema 99; this Rapport knows up to"):
        restore(newer(file), tmp_path / "target")
    assert not (tmp_path / "target").exists()


def newer(file: Path) -> Path:
    other = file.with_name("newer.tar.gz")
    with tarfile.open(other, "w:gz") as target:
        said = json.dumps({"schema": 99, "bytes": 0, "files": 0}).encode()
        entry = tarfile.TarInfo("backup.json")
        entry.size = len(said)
        target.addfile(entry, io.BytesIO(said))
    return other


def test_no_room_is_said_before(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _folder: type("", (), {"free": 10})())
    with pytest.raises(WorkspaceError, match="make room"):
        restore(file, tmp_path / "target")
    assert not (tmp_path / "target").exists()


def test_an_interrupted_restore_is_no_workspace(file: Path, tmp_path: Path) -> None:
    restore(file, tmp_path / "target")
    assert Lake(tmp_path / "target" / "lake").names() == ["orders"]
    with closing(sqlite3.connect(tmp_path / "target" / "state.db")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    (tmp_path / "target" / f"{UNFINISHED}1").mkdir()
    with pytest.raises(WorkspaceError, match="interrupted"):
        open_workspace(tmp_path / "target")
