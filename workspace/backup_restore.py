"""A workspace out of its backup: into an empty folder, whole or not at all."""

from __future__ import annotations

import secrets
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from workspace.backup_archive import read_head, unpack
from workspace.backup_state import copied_in
from workspace.durable import sync
from workspace.errors import WorkspaceError
from workspace.folder import UNFINISHED
from workspace.lake import Lake
from workspace.progress import Progress, silent
from workspace.schema import SCHEMA

# Moved last: with them a folder is a workspace.
_LAST = ("rapport.toml", "state.db")


def restore(file: Path, folder: Path, progress: Progress = silent) -> dict[str, Any]:
    """Unpack a backup into `folder`, which is made, or empty, and return what the backup says it holds.

    Until every file is there and was checked, what is unpacked lies in a room of its own below the folder, and no
    command opens the folder. After an error the folder is as it was.

    Raises WorkspaceError when the folder is not empty, the file is no backup, damaged, or that of a newer Rapport, or
    when there is no room for it.
    """
    head = read_head(file)
    _check(file, folder, head)
    made = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    room = folder / f"{UNFINISHED}{secrets.token_hex(4)}"
    try:
        _check_disk(folder, head)
        room.mkdir(mode=0o700)
        unpack(file, room, progress)
        _check_whole(file, room, head)
        folder.chmod(0o700)
        with copied_in(room):
            for path in sorted(room.iterdir(), key=lambda path: (path.name in _LAST, path.name)):
                path.rename(folder / path.name)
            sync(folder)
            room.rmdir()
    except BaseException:
        _undo(folder, made)
        raise
    return head


def _check(file: Path, folder: Path, head: dict[str, Any]) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WorkspaceError(
            f"{folder} is not empty; nothing was changed. A backup is restored into an empty folder: choose another "
            "--workspace."
        )
    schema = head.get("schema")
    if not isinstance(schema, int) or schema > SCHEMA:
        raise WorkspaceError(
            f"{file} holds a workspace of schema {schema}; this Rapport knows up to {SCHEMA}. Use the newer Rapport "
            "that wrote it."
        )


def _check_disk(folder: Path, head: dict[str, Any]) -> None:
    free = shutil.disk_usage(folder).free
    if head["bytes"] > free:
        raise WorkspaceError(
            f"The workspace needs {head['bytes'] / 1e9:.1f} GB; {folder} has {free / 1e9:.1f} GB free. Nothing was "
            "restored: make room, or choose another --workspace."
        )


def _check_whole(file: Path, room: Path, head: dict[str, Any]) -> None:
    """Every table opens with its rows, state.db is sound, and what is current is there."""
    lake = Lake(room / "lake")
    for name, said in head["tables"].items():
        found = lake.parts(name)
        if found.rows != said["rows"] or not all(path.is_file() for path in found.files):
            raise WorkspaceError(f"{file} is damaged: its table {name} is not whole; nothing was restored.")
    if (room / "state.db").is_file() and not _is_sound(room / "state.db"):
        raise WorkspaceError(f"{file} is damaged: its state.db is not sound; nothing was restored.")
    if head["published"] is not None and not (room / "published" / head["published"]).is_dir():
        raise WorkspaceError(f"{file} is damaged: its published version is missing; nothing was restored.")


def _is_sound(database: Path) -> bool:
    try:
        with closing(sqlite3.connect(database)) as connection:
            return connection.execute("PRAGMA quick_check").fetchall() == [("ok",)]
    except sqlite3.DatabaseError:
        return False


def _undo(folder: Path, made: bool) -> None:
    if made:
        shutil.rmtree(folder, ignore_errors=True)
        return
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
