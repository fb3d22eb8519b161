"""Zip archives: each file in one is a file of its own; what is harmful is refused before it is expanded."""

import io
import struct
import zipfile
from pathlib import Path

import openpyxl
import pytest

from interactions.sources import archive_members
from interactions.sources.archives import pieces
from interactions.sources.collect import collect
from workspace.errors import SourceError
from workspace.folder import Workspace, open_workspace

CSV = "customer_id,occurred_at,channel\nC1,2024-01-05 10:00,phone\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return open_workspace(tmp_path / "company", create=True)


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def workbook() -> bytes:
    book = openpyxl.Workbook()
    for row in CSV.splitlines():
        book.active.append(row.split(","))
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def test_each_file_in_an_archive_is_collected(workspace: Workspace, tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "export.zip",
        {
            "a.csv": CSV.encode(),
            "子/b.xlsx": workbook(),
            "../../out.csv": CSV.replace("C1", "C2").encode(),
            "__MACOSX/._a.csv": b"\x00\x05",
            ".DS_Store": b"\x00",
            "empty/": b"",
        },
    )
    received = collect(workspace, [path], "interactions")
    source = f"{tmp_path.name}/export.zip"
    assert [one.source for one in received] == [f"{source}/../../out.csv", f"{source}/a.csv", f"{source}/子/b.xlsx"]
    assert [one.rows for one in received] == [1, 1, 1]
    assert not (tmp_path.parent / "out.csv").exists()
    assert not list(workspace.temp.iterdir())
    again = collect(workspace, [path], "interactions", source=None)
    assert [one.new for one in again] == [False, False, False]


def test_chinese_names_of_old_packers(tmp_path: Path) -> None:
    path = zipped(tmp_path / "f.zip", {"x.csv": CSV.encode()})
    name = "客户.csv".encode("gbk")
    data = path.read_bytes().replace(b"x.csv", name)
    for mark, place in ((b"PK\x03\x04", 26), (b"PK\x01\x02", 28)):
        at = data.index(mark) + place
        data = data[:at] + struct.pack("<H", len(name)) + data[at + 2 :]
    end = data.index(b"PK\x05\x06")
    size = len(name) - len("x.csv")
    directory, offset = struct.unpack("<II", data[end + 12 : end + 20])
    data = data[: end + 12] + struct.pack("<II", directory + size, offset + size) + data[end + 20 :]
    path.write_bytes(data)
    (tmp_path / "t").mkdir()
    assert [piece.name for piece in pieces(path, tmp_path / "t")] == ["f.zip/客户.csv"]


def encrypted(path: Path) -> None:
    data = bytearray(zipped(path, {"a.csv": CSV.encode()}).read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + place] |= 1
    path.write_bytes(bytes(data))


def lying(path: Path) -> None:
    """A bomb whose directory says that it is small."""
    data = bytearray(zipped(path, {"a.csv": b"0" * (80 << 20)}).read_bytes())
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.index(mark) + place
        data[at : at + 4] = struct.pack("<I", 100)
    path.write_bytes(bytes(data))


BAD = {
    "bomb": (lambda path: zipped(path, {"a.csv": b"0" * (80 << 20)}), "expands to more than 200 times"),
    "lying bomb": (lying, "damaged|expands to more than 200 times"),
    "nested": (lambda path: zipped(path, {"b.zip": zipped(path, {"a": b"1"}).read_bytes()}), "an archive in an arch"),
    "empty": (lambda path: zipped(path, {}), "without files in it"),
    "only folders": (lambda path: zipped(path, {"a/": b"", "__MACOSX/b": b"1"}), "without files in it"),
    "a document": (lambda path: zipped(path, {"word/document.xml": b"<a/>"}), "is a Word document"),
    "encrypted": (encrypted, "protected by a password"),
    "cut": (lambda path: path.write_bytes(zipped(path, {"a": CSV.encode()}).read_bytes()[:60]), "is damaged"),
    "flipped": (lambda path: path.write_bytes(_flipped(path)), "is damaged"),
}


def _flipped(path: Path) -> bytes:
    data = bytearray(zipped(path, {"a": CSV.encode() * 50}).read_bytes())
    data[40] ^= 0xFF
    return bytes(data)


@pytest.mark.parametrize("how", BAD)
def test_bad_archives_are_refused(workspace: Workspace, tmp_path: Path, how: str) -> None:
    write, words = BAD[how]
    path = tmp_path / "f.zip"
    write(path)
    with pytest.raises(SourceError, match=words) as refused:
        collect(workspace, [path], "interactions")
    assert "f.zip" in str(refused.value)
    assert not list(workspace.temp.iterdir())
    assert not list(workspace.raw.rglob("*.parquet"))


def test_too_many_files(tmp_path: Path) -> None:
    path = zipped(tmp_path / "f.zip", {str(number): b"1" for number in range(archive_members.MOST_MEMBERS + 1)})
    with pytest.raises(SourceError, match="holds 1,001 files; at most 1,000"):
        pieces(path, tmp_path)
