"""One file that holds a folder: a tar, compressed by gzip or zstd, that says first how large it is, last what is in it.

Whoever reads it trusts nothing: names stay below the folder they are unpacked into, there are plain files alone, no
more bytes than were announced, and at the end exactly the files that were put in, each with its hash.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import tarfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

import pyarrow as pa

from workspace.durable import sync
from workspace.errors import WorkspaceError
from workspace.progress import Progress, silent

HEAD = "backup.json"
CONTENTS = "contents.json"
ENDINGS = (".tar.gz", ".tgz", ".tar.zst")
# The head is read before anything is known of the file.
_MOST_HEAD = 1_000_000
_PIECE = 1 << 20
_DAMAGED = (tarfile.TarError, EOFError, zlib.error, pa.ArrowException, OSError)


@dataclass(frozen=True)
class Part:
    """A file to put in: its name in the archive (relative, with /), and where it lies."""

    name: str
    path: Path


def pack(file: Path, head: Mapping[str, Any], parts: Sequence[Part], progress: Progress = silent) -> int:
    """Write an archive of mode 0600 and return its size in bytes; it has its name once it is whole and on the disk.

    Raises WorkspaceError when a part has gone or become shorter meanwhile, OSError when the file can't be written.
    """
    sizes = {part.name: _size(part) for part in parts}
    announced = {**head, "files": len(parts), "bytes": sum(sizes.values())}
    unfinished = file.with_name(f".{file.name}.{os.getpid()}.new")
    try:
        os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        with _compressed(unfinished, file.name) as stream, tarfile.open(fileobj=stream, mode="w|") as archive:
            _add_bytes(archive, HEAD, announced)
            _add_bytes(archive, CONTENTS, _added(archive, parts, sizes, progress))
        sync(unfinished)
        unfinished.rename(file)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    sync(file.parent)
    return file.stat().st_size


def _added(
    archive: tarfile.TarFile, parts: Sequence[Part], sizes: Mapping[str, int], progress: Progress
) -> dict[str, Any]:
    """Put the parts in; of each its size and SHA-256."""
    contents: dict[str, Any] = {}
    total, done = max(sum(sizes.values()), 1), 0
    for part in parts:
        entry = _entry(part.name, sizes[part.name])
        try:
            with part.path.open("rb") as handle:
                entry.mtime = int(part.path.stat().st_mtime)
                hashed = _Hashed(handle)
                archive.addfile(entry, hashed)
        except OSError as error:
            raise _changed(part) from error
        contents[part.name] = {"bytes": entry.size, "sha256": hashed.sha256.hexdigest()}
        done += entry.size
        progress(f"{done / 1e6:,.0f} MB", done / total)
    return contents


def _size(part: Part) -> int:
    try:
        return part.path.stat().st_size
    except OSError as error:
        raise _changed(part) from error


def _changed(part: Part) -> WorkspaceError:
    return WorkspaceError(f"{part.path} changed while it was being backed up; no backup was kept. Run it again.")


class _Hashed(io.RawIOBase):
    """Reads on and remembers the hash of what was read."""

    def __init__(self, handle: IO[bytes]) -> None:
        self.sha256 = hashlib.sha256()
        self._handle = handle

    def read(self, size: int = -1) -> bytes:
        piece = self._handle.read(size)
        self.sha256.update(piece)
        return piece


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry


def _add_bytes(archive: tarfile.TarFile, name: str, value: Mapping[str, Any]) -> None:
    content = json.dumps(value, ensure_ascii=False, sort_keys=True).encode()
    archive.addfile(_entry(name, len(content)), io.BytesIO(content))


def _compressed(file: Path, name: str) -> Any:
    """A stream into the file. Most of what comes is Parquet, which is compressed already: quickly, then."""
    if name.endswith(".zst"):
        return pa.CompressedOutputStream(pa.OSFile(str(file), "wb"), "zstd")
    return gzip.open(file, "wb", compresslevel=1)


def unpack(file: Path, folder: Path, progress: Progress = silent) -> dict[str, Any]:
    """Unpack an archive into an empty folder and return its head, once every file is there as it was put in.

    Raises WorkspaceError for a file that is damaged, cut short or no backup, or that reaches outside; whoever calls
    removes what was unpacked until then.
    """
    try:
        with _expanded(file) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
            members = iter(archive)
            head = _read_head(next(members, None), archive, file)
            return _unpacked(archive, members, head, folder, file, progress)
    except _DAMAGED as error:
        raise _damaged(file, error) from error


def _damaged(file: Path, error: Exception) -> Exception:
    """What gzip and zstd say of bytes that are not theirs has no number; a full disk or a missing file has."""
    if isinstance(error, OSError) and error.errno is not None:
        return error
    return WorkspaceError(f"{file} is damaged or cut short; nothing was restored. Take another backup.")


def read_head(file: Path) -> dict[str, Any]:
    """What the archive says of itself, without unpacking it. Raises WorkspaceError as `unpack` does."""
    try:
        with _expanded(file) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
            return _read_head(archive.next(), archive, file)
    except _DAMAGED as error:
        raise _damaged(file, error) from error


def _expanded(file: Path) -> Any:
    with file.open("rb") as handle:
        magic = handle.read(4)
    if magic.startswith(b"\x1f\x8b"):
        return gzip.open(file, "rb")
    if magic == b"\x28\xb5\x2f\xfd":
        return pa.CompressedInputStream(pa.OSFile(str(file), "rb"), "zstd")
    raise WorkspaceError(f"{file} is no backup: expected a .tar.gz or .tar.zst that `rapport backup` wrote.")


def _read_head(member: tarfile.TarInfo | None, archive: tarfile.TarFile, file: Path) -> dict[str, Any]:
    if member is None or member.name != HEAD or not member.isfile() or member.size > _MOST_HEAD:
        raise WorkspaceError(f"{file} is no backup of a workspace: it does not begin with {HEAD}.")
    found = _json(archive, member, file)
    if not isinstance(found.get("bytes"), int) or not isinstance(found.get("files"), int):
        raise WorkspaceError(f"{file} is no backup of a workspace: {HEAD} does not say how large it is.")
    return found


def _unpacked(
    archive: tarfile.TarFile,
    members: Iterator[tarfile.TarInfo],
    head: dict[str, Any],
    folder: Path,
    file: Path,
    progress: Progress,
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    left = head["bytes"]
    for member in members:
        if member.name == CONTENTS:
            if _json(archive, member, file) != found or len(found) != head["files"]:
                break
            return head
        place = _place(member, folder, file)
        left -= member.size
        if left < 0 or member.name in found:
            raise WorkspaceError(f"{file} holds more than it announced; nothing was restored.")
        found[member.name] = _written(archive, member, place)
        progress(f"{(head['bytes'] - left) / 1e6:,.0f} MB", 1 - left / max(head["bytes"], 1))
    raise WorkspaceError(
        f"{file} is damaged: it does not hold the files that it names, as they were; nothing was restored. "
        "Take another backup."
    )


def _json(archive: tarfile.TarFile, member: tarfile.TarInfo, file: Path) -> dict[str, Any]:
    handle = archive.extractfile(member)
    try:
        found = json.loads(handle.read().decode("utf-8")) if handle is not None else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise WorkspaceError(f"{file} is damaged: its {member.name} can't be read; nothing was restored.")
    return found


def _place(member: tarfile.TarInfo, folder: Path, file: Path) -> Path:
    """Where a member goes: a plain file below the folder, or nowhere."""
    path = PurePosixPath(member.name)
    safe = member.isreg() and path.parts and not path.is_absolute() and ".." not in path.parts
    if not safe or "\\" in member.name or "\0" in member.name or path.as_posix() != member.name:
        raise WorkspaceError(f"{file} holds something that is no plain file of a workspace; nothing was restored.")
    return folder / path


def _written(archive: tarfile.TarFile, member: tarfile.TarInfo, place: Path) -> dict[str, Any]:
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = archive.extractfile(member)
    assert handle is not None
    sha256 = hashlib.sha256()
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as target:
        while piece := handle.read(_PIECE):
            sha256.update(piece)
            target.write(piece)
        target.flush()
        os.fsync(target.fileno())
    os.utime(place, (member.mtime, member.mtime))
    return {"bytes": member.size, "sha256": sha256.hexdigest()}
