"""Who has a workspace open: a lock that every process shares while it lives, so that one can tell that it is alone.

Files that a reader may hold are removed only after its lease. Where there is no reader, there is nothing to wait for.
"""

from __future__ import annotations

import fcntl
import os
import threading
from pathlib import Path

_NAME = "run/readers.lock"
_held: dict[Path, int] = {}
_holding = threading.Lock()


def hold(folder: Path) -> None:
    """Be counted among the workspace's readers for as long as this process lives."""
    with _holding:
        _descriptor(folder.resolve())


def alone(folder: Path) -> bool:
    """Whether no other process has the workspace open."""
    with _holding:
        descriptor = _descriptor(folder.resolve())
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            # Changing a lock may lose it for a moment: back to sharing, in any case.
            fcntl.flock(descriptor, fcntl.LOCK_SH)
        return True


def _descriptor(folder: Path) -> int:
    held = _held.get(folder)
    if held is not None and _is_of(held, folder):
        return held
    if held is not None:
        os.close(held)
    (folder / _NAME).parent.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(folder / _NAME, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    _held[folder] = descriptor
    return descriptor


def _is_of(descriptor: int, folder: Path) -> bool:
    """Whether the file is still the folder's: another one may have taken its place."""
    try:
        return os.path.samestat(os.fstat(descriptor), (folder / _NAME).stat())
    except FileNotFoundError:
        return False
