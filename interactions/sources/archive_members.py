"""The child process that opens a zip: each file in it written to a folder under a number, never under its own name."""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

from interactions.sources.confined import answer
from workspace.errors import SourceError

MOST_MEMBERS = 1_000
MOST_EXPANDED = 16 << 30
# An archive may expand to so many times its size, once it is over _SMALL bytes.
MOST_RATIO = 200
_SMALL = 64 << 20
_CHUNK = 1 << 20
_OFFICE = (".xlsx", ".xlsm", ".xlsb", ".ods")
_ENCRYPTED = 0x1
_UTF_8_NAME = 0x800


def unpack(request: dict[str, Any]) -> dict[str, Any]:
    """`path`, `file` (its name for messages), `into`: a folder, or null to be told the kind alone.

    Answers {kind: "workbook"} for what is one, else {kind: "archive", members: [[number, name], ...]} by name.
    """
    path, file, into = Path(request["path"]), request["file"], request["into"] and Path(request["into"])
    try:
        with zipfile.ZipFile(path) as archive:
            kind = _kind(archive, file)
            if kind == "workbook" or into is None:
                return {"kind": kind}
            members = _wanted(archive, path, file)
            _write(archive, members, path.stat().st_size, file, into)
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, zipfile.LargeZipFile, _Broken) as error:
        what = "an Excel workbook" if file.lower().endswith(_OFFICE) else "a zip archive"
        raise SourceError(f"{file} is damaged: it can't be opened as {what} ({error}). Give a sound copy.") from None
    except (NotImplementedError, RuntimeError) as error:
        raise SourceError(f"{file} is packed in a way that can't be read ({error}). Zip its files anew.") from None
    return {"kind": "archive", "members": [[number, name] for number, (name, _) in enumerate(members)]}


class _Broken(Exception):
    """A member whose packed bytes make no sense."""


def _kind(archive: zipfile.ZipFile, file: str) -> str:
    names = set(archive.namelist())
    if any(name.startswith("xl/") for name in names):
        return "workbook"
    if "mimetype" in names and "content.xml" in names:
        with archive.open("mimetype") as stream:
            kind = stream.read(200)
        if b"spreadsheet" in kind:
            return "workbook"
        raise SourceError(f"{file} is an OpenDocument file without a spreadsheet. Save its table as xlsx or CSV.")
    for start, what in (("word/", "a Word document"), ("ppt/", "a PowerPoint presentation")):
        if any(name.startswith(start) for name in names):
            raise SourceError(f"{file} is {what}. Save its table as xlsx or CSV and collect that.")
    return "archive"


def _wanted(archive: zipfile.ZipFile, path: Path, file: str) -> list[tuple[str, zipfile.ZipInfo]]:
    """The members that hold data, with readable names, all of them within bounds."""
    members = sorted(((_name(one), one) for one in archive.infolist() if _is_data(one)), key=lambda pair: pair[0])
    if not members:
        raise SourceError(f"{file} is a zip archive without files in it. Give one with files.")
    if len(members) > MOST_MEMBERS:
        raise SourceError(f"{file} holds {len(members):,} files; at most {MOST_MEMBERS:,} are read from one archive.")
    locked = [name for name, one in members if one.flag_bits & _ENCRYPTED]
    if locked:
        raise SourceError(f"{file} is protected by a password ({locked[0]}). Unpack it and collect the files.")
    _check_size(sum(one.file_size for _, one in members), path.stat().st_size, file)
    return members


def _is_data(member: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(member.filename).parts
    return not (member.is_dir() or "__MACOSX" in parts or (parts and parts[-1].startswith(".")))


def _name(member: zipfile.ZipInfo) -> str:
    """Names without the mark of UTF-8 are in whatever encoding the packer's machine had: here UTF-8, then Chinese."""
    if member.flag_bits & _UTF_8_NAME:
        return member.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return member.filename.encode("cp437").decode(encoding)
        except UnicodeError:
            continue
    return member.filename


def _check_size(expanded: int, packed: int, file: str) -> None:
    if expanded > MOST_EXPANDED or expanded > max(_SMALL, MOST_RATIO * packed):
        raise SourceError(
            f"{file} expands to more than {MOST_RATIO} times its size, or than {MOST_EXPANDED >> 30} GB: it is not "
            "opened. If that is honest, unpack it and collect the files."
        )


def _write(
    archive: zipfile.ZipFile, members: list[tuple[str, zipfile.ZipInfo]], packed: int, file: str, into: Path
) -> None:
    import zlib

    expanded = 0
    for number, (name, member) in enumerate(members):
        with archive.open(member) as stream, (into / str(number)).open("wb") as target:
            try:
                while chunk := stream.read(_CHUNK):
                    # What the directory says of sizes may be a lie: what comes out is counted.
                    expanded += len(chunk)
                    _check_size(expanded, packed, file)
                    target.write(chunk)
            except zlib.error as error:
                raise _Broken(f"{name}: {error}") from None


if __name__ == "__main__":
    answer(unpack)
