"""secret.key: the 256 random bits of a workspace that keys, sessions and pseudonyms are hashed with."""

import fcntl
import os
import secrets
from pathlib import Path

from workspace.errors import WorkspaceError

_BYTES = 32


def secret(folder: Path) -> bytes:
    """The workspace's secret, made at the first call in a file only its owner can read.

    Raises WorkspaceError when the file is not one of ours: going on would lock everybody out without a word.
    """
    file = folder / "secret.key"
    if not file.exists():
        _make(file)
    return _read(file)


def _make(file: Path) -> None:
    """Whole or not there; of several who come at once the first makes it."""
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        if file.exists():
            return
        unfinished = file.with_name(".secret.key.new")
        unfinished.unlink(missing_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as handle:
            handle.write(secrets.token_hex(_BYTES))
            handle.flush()
            os.fsync(handle.fileno())
        unfinished.rename(file)
        os.fsync(folder)
    finally:
        os.close(folder)


def _read(file: Path) -> bytes:
    try:
        found = bytes.fromhex(file.read_text(encoding="ascii").strip())
    except ValueError:
        found = b""
    if len(found) != _BYTES:
        raise WorkspaceError(f"{file} does not hold {2 * _BYTES} hexadecimal digits. Restore it from a backup.")
    return found
