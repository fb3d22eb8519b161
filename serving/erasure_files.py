"""Files that still name a person once the tables don't: versions, overlays, what was left behind; databases' pages."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import time
from collections.abc import Collection
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from serving.arrow_files import mapped
from serving.overlay import current as current_overlay
from workspace.errors import WorkspaceError
from workspace.folder import Workspace

_CUSTOMERS = ("customer_id", "person_id")
_BUSY_SECONDS = 60.0


def versions_with(workspace: Workspace, customer_ids: Collection[str], current: str | None) -> list[str]:
    """Folders of published/, but for the current version, that name one of the customers, or can't be read."""
    if not workspace.published.is_dir():
        return []
    folders = [path for path in workspace.published.iterdir() if path.is_dir() and path.name != current]
    return sorted(path.name for path in folders if _names(path, customer_ids))


def overlays_with(workspace: Workspace, customer_ids: Collection[str]) -> list[str]:
    """Overlays that name one of the customers. One that is in force is so no longer: the writer makes it anew."""
    folder = workspace.folder / "live"
    if not folder.is_dir():
        return []
    found = sorted(path.name for path in folder.iterdir() if path.is_dir() and _names(path, customer_ids))
    if current_overlay(folder) in found:
        (folder / "CURRENT").unlink(missing_ok=True)
    return found


def remove_folders(workspace: Workspace, versions: Collection[str], overlays: Collection[str]) -> None:
    for folder, names in ((workspace.published, versions), (workspace.folder / "live", overlays)):
        for name in names:
            shutil.rmtree(folder / name, ignore_errors=True)


def remove_leftovers(workspace: Workspace, seconds: float) -> None:
    """What killed runs left in tmp/ and extraction/, once nobody is at work with it. The caller holds the workspace."""
    for left in workspace.temp.iterdir():
        with contextlib.suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime >= seconds:
                shutil.rmtree(left) if left.is_dir() else left.unlink()
    for home in (workspace.folder / "extraction").glob("*/*"):
        # Rows that were fetched and not received are fetched again, and then left out.
        for name in ("working", "loaded"):
            shutil.rmtree(home / name, ignore_errors=True)


def forget_cursors(workspace: Workspace, customer_ids: Collection[str]) -> None:
    """An extraction whose cursor stands at one of the customers begins anew: rows it has had are known."""
    marks = [one.encode() for one in customer_ids if len(one) >= 4]
    for pipeline in (workspace.folder / "extraction").glob("*/*/kept/pipeline"):
        if any(mark in path.read_bytes() for path in pipeline.rglob("*") if path.is_file() for mark in marks):
            shutil.rmtree(pipeline)


def clear_free_pages(database: Path) -> None:
    """Write a SQLite database anew, without what was deleted from it, and empty its log.

    Raises WorkspaceError where others keep it busy.
    """
    if not database.is_file():
        return
    connection = sqlite3.connect(database, timeout=_BUSY_SECONDS, isolation_level=None)
    try:
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("VACUUM")
        until = time.monotonic() + _BUSY_SECONDS
        while True:
            (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if not busy:
                return
            if time.monotonic() > until:
                raise WorkspaceError(f"{database.name} is in use; what was erased from it is removed when it is not.")
            time.sleep(0.1)
    except sqlite3.OperationalError as error:
        raise WorkspaceError(f"{database.name} is in use ({error}); it is cleared of what was erased later.") from None
    finally:
        connection.close()


def _names(folder: Path, customer_ids: Collection[str]) -> bool:
    try:
        return any(_has(mapped(file), customer_ids) for file in folder.glob("*.arrow"))
    except (OSError, pa.ArrowInvalid):
        return True


def _has(table: pa.Table, customer_ids: Collection[str]) -> bool:
    wanted = pa.array(sorted(customer_ids), pa.string())
    if any(
        pc.any(pc.is_in(table[name], value_set=wanted)).as_py() for name in _CUSTOMERS if name in table.schema.names
    ):
        return True
    if "examples" not in table.schema.names:
        return False
    return any(f'"{one}"' in (text or "") for text in table["examples"].to_pylist() for one in customer_ids)
