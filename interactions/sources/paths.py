"""The files that a user's paths stand for: files, patterns such as exports/*.csv, folders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from workspace.errors import SourceError


def files_of(paths: Sequence[Path]) -> list[Path]:
    """Each file once, in the order given; those of a pattern or a folder by name, hidden ones left out.

    A path that is there is taken as it is, even with signs of a pattern in its name. Raises SourceError for a pattern
    that matches nothing and for a folder without files.
    """
    found: dict[Path, None] = {}
    for path in paths:
        found.update(dict.fromkeys(_files(path)))
    return list(found)


def _files(path: Path) -> list[Path]:
    try:
        if path.is_dir():
            return _plain(path, list(path.iterdir()), "is a folder without files")
        if path.exists() or not any(sign in str(path) for sign in "*?["):
            return [path]
        root = Path(path.anchor) if path.is_absolute() else Path()
        pattern = str(path.relative_to(path.anchor)) if path.is_absolute() else str(path)
        return _plain(path, list(root.glob(pattern)), "matches no file")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it can't be a path"
        raise SourceError(f"{path} can't be read: {reason}. Correct the path.") from None


def _plain(given: Path, found: list[Path], none: str) -> list[Path]:
    files = sorted(path for path in found if path.is_file() and not path.name.startswith("."))
    if not files:
        raise SourceError(f"{given} {none}. Correct the path.")
    return files
