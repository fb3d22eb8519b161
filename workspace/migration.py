"""An older workspace moved forward to this Rapport's schema: its lake, then state.db, which says that it is done.

Each step may be repeated: one that was interrupted is done again by the next `rapport migrate`.
"""

from __future__ import annotations

import fcntl
from pathlib import Path

from workspace.errors import WorkspaceError
from workspace.folder import Workspace
from workspace.schema import SCHEMA
from workspace.state import move_forward
from workspace.tables import TABLES


def needed(workspace: Workspace) -> bool:
    """Whether the workspace is of an older schema. Raises WorkspaceError for a newer one."""
    found = workspace.schema()
    if found is not None and found > SCHEMA:
        raise WorkspaceError(
            f"The workspace {workspace.folder} has schema {found}; this Rapport knows up to {SCHEMA}. Use the newer "
            "Rapport that wrote it; nothing was changed."
        )
    return found is not None and found < SCHEMA


def migrate(workspace: Workspace) -> dict[str, list[str]]:
    """Give every table of the lake and of state.db what it lacks; the columns added, by table of the lake.

    The caller holds the workspace's lock and has made a backup. Rows that are there have null in what is new.
    Raises WorkspaceError while a service of the older Rapport is at work.
    """
    refuse_while_served(workspace)
    added = {name: workspace.lake.widen(name) for name in TABLES if workspace.lake.version(name) >= 0}
    move_forward(workspace.folder)
    return {name: columns for name, columns in added.items() if columns}


def refuse_while_served(workspace: Workspace) -> None:
    """Raise WorkspaceError while a service runs on the workspace: its writer holds a lock."""
    lock = workspace.folder / "run" / "writer.lock"
    if lock.is_file() and _is_held(lock):
        raise WorkspaceError(
            f"A service runs on {workspace.folder}. Stop it, "
            "run `rapport migrate` again, then start it with this Rapport."
        )


def _is_held(lock: Path) -> bool:
    with lock.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
