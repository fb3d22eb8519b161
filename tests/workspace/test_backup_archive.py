"""The archive: damaged, cut short, or made to harm, it is refused."""

import gzip
import io
import json
import random
import tarfile
from pathlib import Path

import pytest

from workspace.backup_archive import CONTENTS, HEAD, Part, pack, read_head, unpack
from workspace.errors import WorkspaceError

HEADER = {"schema": 2}


@pytest.fixture
def parts(tmp_path: Path) -> list[Part]:
    (tmp_path / "files").mkdir()
    contents = {"a": random.Random(1).randbytes(50_000), "部分/b": b"hello", "empty": b"", "x" * 150: b"long"}
    for number, content in enumerate(contents.values()):
        (tmp_path / "files" / str(number)).write_bytes(content)
    return [Part(name, tmp_path / "files" / str(number)) for number, name in enumerate(contents)]


@pytest.mark.parametrize("ending", [".tar.gz", ".tgz", ".tar.zst"])
def test_what_goes_in_comes_out(parts: list[Part], tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"b{ending}"
    assert pack(file, HEADER, parts) == file.stat().st_size
    folder = tmp_path / "out"
    assert unpack(file, folder) == read_head(file) == {**HEADER, "files": 4, "bytes": 50_009}
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} == {
        part.name for part in parts
    }
    assert all((folder / part.name).read_bytes() == part.path.read_bytes() for part in parts)


@pytest.mark.parametrize("ending", [".tar.gz", ".tar.zst"])
def test_a_damaged_file_is_refused_or_whole(parts: list[Part], tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"b{ending}"
    pack(file, HEADER, parts)
    whole = file.read_bytes()
    chance = random.Random(7)
    refused = 0
    for number in range(60):
        damaged = bytearray(whole)
        if number % 2:
            del damaged[chance.randrange(len(whole)) :]
        else:
            damaged[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        file.write_bytes(damaged)
        folder = tmp_path / f"out{number}"
        try:
            unpack(file, folder)
        except WorkspaceError:
            refused += 1
        else:
            # Some bits mean nothing, such as those of the time when the file was compressed.
            assert all((folder / part.name).read_bytes() == part.path.read_bytes() for part in parts)
    assert refused >= 50


def made(file: Path, members: list[tuple[tarfile.TarInfo, bytes]], announced: int = 1000, files: int = 1) -> Path:
    with gzip.open(file, "wb") as stream, tarfile.open(fileobj=stream, mode="w") as archive:
        head = json.dumps({"schema": 2, "bytes": announced, "files": files}).encode()
        for entry, content in [(tarfile.TarInfo(HEAD), head), *members, (tarfile.TarInfo(CONTENTS), b"{}")]:
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return file


def entry(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.type, found.linkname = kind, target
    return found


@pytest.mark.parametrize(
    "member",
    [
        entry("../outside"),
        entry("/outside"),
        entry("a/../../outside"),
        entry("./a"),
        entry("a\\..\\b"),
        entry("link", tarfile.SYMTYPE, "/etc/passwd"),
        entry("link", tarfile.LNKTYPE, "../outside"),
        entry("pipe", tarfile.FIFOTYPE),
        entry("device", tarfile.CHRTYPE),
        entry("folder", tarfile.DIRTYPE),
    ],
    ids=lambda member: f"{member.name} {member.type!r}",
)
def test_nothing_reaches_outside(tmp_path: Path, member: tarfile.TarInfo) -> None:
    file = made(tmp_path / "b.tar.gz", [(member, b"")])
    (tmp_path / "out").mkdir()
    with pytest.raises(WorkspaceError, match="no plain file"):
        unpack(file, tmp_path / "out")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["b.tar.gz", "out"]


def test_more_than_was_announced_is_refused(tmp_path: Path) -> None:
    bomb = made(tmp_path / "b.tar.gz", [(entry("zeros"), bytes(5_000_000))], announced=1000)
    with pytest.raises(WorkspaceError, match="more than it announced"):
        unpack(bomb, tmp_path / "out")
    assert not (tmp_path / "out" / "zeros").exists()
    twice = made(tmp_path / "c.tar.gz", [(entry("a"), b"1"), (entry("a"), b"2")])
    with pytest.raises(WorkspaceError, match="more than it announced"):
        unpack(twice, tmp_path / "twice")


def test_what_is_no_backup_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello, this is no backup")
    (tmp_path / "empty").write_bytes(b"")
    with gzip.open(tmp_path / "gzip", "wb") as stream:
        stream.write(b"no tar at all" * 100)
    with tarfile.open(tmp_path / "tar.gz", "w:gz") as archive:
        archive.addfile(entry("readme"), io.BytesIO())
    for name in ("text", "empty", "gzip", "tar.gz"):
        with pytest.raises(WorkspaceError, match=r"no backup|damaged"):
            unpack(tmp_path / name, tmp_path / "out")
        with pytest.raises(WorkspaceError, match=r"no backup|damaged"):
            read_head(tmp_path / name)


def test_a_part_that_shrinks_leaves_nothing(parts: list[Part], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workspace.backup_archive._size", lambda part: part.path.stat().st_size + 1)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(WorkspaceError, match="changed while it was being backed up"):
        pack(tmp_path / "b.tar.gz", HEADER, parts)
    assert sorted(tmp_path.iterdir()) == before
