"""Which files were collected before and how they looked then, so that an unchanged one isn't read again.

raw/files.json holds, by table, source and path, the size, time of change and inode a file had, and the raw files it
became. It only spares work: whatever is in doubt is read, and the hash of its content decides.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_NAME = "files.json"
# A file changed so shortly before it is read may change again within the same tick of its file system's clock.
_TICK_NS = 2_000_000_000


class Seen:
    """The memory of one workspace's raw folder. Read at once, written by `keep`."""

    def __init__(self, raw: Path) -> None:
        self._path = raw / _NAME
        try:
            self._files: dict[str, Any] = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self._files = {}

    def unchanged(self, path: Path, table: str, source: str | None) -> list[dict[str, Any]] | None:
        """What was noted of the file when it was collected, one entry a piece; None when it has to be read."""
        entry = self._files.get(_key(path, table, source))
        return entry["pieces"] if entry is not None and entry["stamp"] == stamp(path) else None

    def note(
        self, path: Path, table: str, source: str | None, looked: list[int] | None, pieces: Sequence[dict[str, Any]]
    ) -> None:
        """Remember a file as it `looked` before it was read; one that changed just now is not trusted."""
        key = _key(path, table, source)
        if looked is None or looked != stamp(path) or looked[1] > time.time_ns() - _TICK_NS:
            self._files.pop(key, None)
        else:
            self._files[key] = {"stamp": looked, "pieces": list(pieces)}

    def keep(self) -> None:
        """Write what was noted, whole or not at all."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = self._path.with_suffix(".new")
        temporary.write_text(json.dumps(self._files, ensure_ascii=False, indent=1), encoding="utf-8")
        temporary.replace(self._path)


def stamp(path: Path) -> list[int] | None:
    """Size in bytes, time of change in nanoseconds and inode; None for what isn't there."""
    try:
        about = path.stat()
    except (OSError, ValueError):
        return None
    return [about.st_size, about.st_mtime_ns, about.st_ino]


def _key(path: Path, table: str, source: str | None) -> str:
    return f"{table} {source or ''} {path.resolve()}"
