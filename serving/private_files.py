"""Files for their owner's eyes alone, which are whole or not there."""

import os
import secrets
from pathlib import Path

from workspace.durable import sync


def write_private(file: Path, content: bytes) -> None:
    """Write a file of mode 0600 in the place of what was there: under another name first, then renamed.

    When this returns it is on the disk. OSError where the folder is missing or can't be written; nothing is left then.
    """
    unfinished = file.with_name(f".{file.name}.{secrets.token_hex(4)}.new")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        unfinished.rename(file)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    sync(file.parent)
