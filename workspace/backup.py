"""A workspace in one file, as of one moment, while its service and its writer go on.

The lake's tables are taken as of one version each, then state.db by SQLite's own backup. In this order: what the lake
lacks of the live journal is still in a later state.db, for its words are let go only once a published version holds
them, and publishing needs the workspace's lock, which the backup holds.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from workspace.backup_archive import ENDINGS, Part, pack
from workspace.errors import WorkspaceError
from workspace.folder import Workspace
from workspace.progress import Progress, silent
from workspace.state import now

# What begins anew by itself: private rooms of running processes, what is laid over a version, logs, the lock.
_LEFT_OUT = ("tmp", "run", "live", "logs", "lock")
# Taken in their own ways.
_LAKE, _STATE, _PUBLISHED = "lake", "state.db", "published"
_DATABASES = (_STATE, "mlruns/mlflow.db")


def backup(workspace: Workspace, file: Path, progress: Progress = silent) -> dict[str, Any]:
    """Write the workspace into `file` (.tar.gz or .tar.zst, mode 0600) and return what it holds.

    The answer: schema, made_at, published, tables (name -> version, rows), files, bytes (of the workspace), size (of
    the file), left_out (links that lead elsewhere). The caller holds the workspace's lock.

    Raises WorkspaceError when the file exists, lies in the workspace or is called otherwise, or when something
    that belongs to it goes away meanwhile.
    """
    _check(workspace, file)
    with TemporaryDirectory(dir=workspace.temp, prefix="backup-") as room:
        tables = {name: workspace.lake.parts(name) for name in workspace.lake.names()}
        parts = [
            Part(f"{_LAKE}/{name}/{path.relative_to(workspace.lake.folder / name).as_posix()}", path)
            for name, table in tables.items()
            for path in table.files
        ]
        parts += list(_databases(workspace, Path(room)))
        left_out: list[str] = []
        parts += list(_others(workspace.folder, left_out))
        head = {
            "schema": workspace.schema(),
            "made_at": now(),
            "published": _current(workspace),
            "tables": {name: {"version": table.version, "rows": table.rows} for name, table in tables.items()},
        }
        size = pack(file, head, sorted(parts, key=lambda part: part.name), progress)
    facts = {"files": len(parts), "size": size, "left_out": left_out}
    return {**head, **facts}


def _check(workspace: Workspace, file: Path) -> None:
    if not file.name.endswith(ENDINGS):
        raise WorkspaceError(f"A backup is called ...{' or ...'.join(ENDINGS)}; {file.name} is not.")
    if file.exists():
        raise WorkspaceError(f"{file} already exists; nothing was changed. Choose another name, or remove it first.")
    if not file.parent.is_dir():
        raise WorkspaceError(f"There is no folder {file.parent} to put the backup in. Make it first.")
    if workspace.folder in file.resolve().parents:
        raise WorkspaceError(
            f"{file} would lie in the workspace itself, and the next backup would hold it. Choose a place outside."
        )


def _databases(workspace: Workspace, room: Path) -> Iterator[Part]:
    for name in _DATABASES:
        path = workspace.folder / name
        if path.is_file():
            copy = room / path.name
            copy_database(path, copy)
            yield Part(name, copy)


def copy_database(path: Path, copy: Path) -> None:
    """A SQLite database as of one moment, whoever writes to it, in one file of mode 0600."""
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        # Else it would come with a companion file beside it.
        target.execute("PRAGMA journal_mode=DELETE")


def _current(workspace: Workspace) -> str | None:
    current = workspace.published / "CURRENT"
    return current.read_text(encoding="utf-8").strip() if current.is_file() else None


def _others(folder: Path, left_out: list[str]) -> Iterator[Part]:
    """Everything else below the folder, of what is published the current version alone."""
    current = folder / _PUBLISHED / "CURRENT"
    version = current.read_text(encoding="utf-8").strip() if current.is_file() else None
    for path in sorted(folder.iterdir()):
        if path.name in _LEFT_OUT or path.name == _LAKE or path.name.startswith(_STATE):
            continue
        if path.name != _PUBLISHED:
            yield from _below(path, folder, left_out)
        elif version is not None:
            yield Part(f"{_PUBLISHED}/CURRENT", current)
            yield from _below(path / version, folder, left_out)


def _below(path: Path, folder: Path, left_out: list[str]) -> Iterator[Part]:
    """The plain files of a path. A room of the workspace may be a link to another disk; other links are left out."""
    name = path.relative_to(folder).as_posix()
    if path.is_symlink() and path.parent != folder:
        left_out.append(name)
    elif path.is_dir():
        for inner in sorted(path.iterdir()):
            yield from _below(inner, folder, left_out)
    elif path.is_file() and not name.endswith(".new") and not name.startswith(_DATABASES[1]):
        yield Part(name, path)
