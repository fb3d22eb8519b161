"""Zip archives, unpacked by a child process within limits: each file in one is collected as a file of its own."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from interactions.sources import confined
from workspace.errors import SourceError

ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
LIMITS = confined.Limits(memory=1 << 30, written=17 << 30, processor_seconds=1800, seconds=3600)


@dataclass(frozen=True)
class Piece:
    """One file to collect: where its bytes lie, its name, and how messages call it (ARCHIVE/MEMBER in a zip)."""

    path: Path
    name: str
    label: str


def pieces(path: Path, temp: Path) -> list[Piece]:
    """The file itself, or the files in it when it is a zip, unpacked below `temp`, a private folder.

    Raises SourceError for an archive that is damaged, encrypted, empty, holds archives or is over a bound.
    """
    start = _start(path)
    if start.startswith(_EMPTY_ZIP):
        raise SourceError(f"{path} is a zip archive without files in it. Give one with files.")
    if not start.startswith(ZIP):
        return [Piece(path, path.name, str(path))]
    into = Path(tempfile.mkdtemp(dir=temp))
    request = {"path": str(path.resolve()), "file": str(path), "into": str(into)}
    answer = confined.run("interactions.sources.archive_members", request, str(path), LIMITS)
    if answer["kind"] == "workbook":
        return [Piece(path, path.name, str(path))]
    members = [Piece(into / str(number), f"{path.name}/{name}", f"{path}/{name}") for number, name in answer["members"]]
    for member in members:
        _refuse_nested(member)
    return members


def _refuse_nested(member: Piece) -> None:
    """A zip in a zip is refused, unless it is a workbook."""
    if not _start(member.path).startswith((ZIP, _EMPTY_ZIP)):
        return
    request = {"path": str(member.path.resolve()), "file": member.label, "into": None}
    if confined.run("interactions.sources.archive_members", request, member.label, LIMITS)["kind"] != "workbook":
        raise SourceError(f"{member.label} is an archive in an archive. Unpack it and collect the files.")


def _start(path: Path) -> bytes:
    """The first bytes; none for what can't be opened, of which reading it will tell."""
    try:
        if not path.is_file():  # to open a pipe would wait for its writer
            return b""
        with path.open("rb") as stream:
            return stream.read(4)
    except (OSError, ValueError):
        return b""
