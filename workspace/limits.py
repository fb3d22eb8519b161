"""What exceeds a limit, said clearly: which one, its value, where it is set and what to do next.

A stage, a command and the service's queries run `within` their limits, so that no query needs words of its own.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from workspace.errors import LimitError, RapportError
from workspace.settings import Limits

_Memory = Literal["memory", "answer_memory"]
_FULL = (errno.ENOSPC, errno.EDQUOT)
# What DuckDB, SQLite and Delta Lake say, whose errors carry no number.
_SAID_OF_FULL = ("No space left on device", "database or disk is full", "Disk quota exceeded")


@contextmanager
def within(limits: Limits, folder: Path | None = None, memory: _Memory = "memory") -> Iterator[None]:
    """Run what may need more memory or disk than there is: such a failure is raised as a LimitError.

    `folder` is named where the disk is full; `memory` is the setting that bounds the memory of what runs here. Every
    other error passes as it is.
    """
    try:
        yield
    except RapportError:
        raise
    except Exception as error:
        reached = explained(error, limits, folder, memory)
        if reached is None:
            raise
        raise reached from error


def explained(
    error: BaseException, limits: Limits, folder: Path | None = None, memory: _Memory = "memory"
) -> LimitError | None:
    """The LimitError that an error, or one that led to it, comes to; None for any other error."""
    from workspace.engine import limit_reached  # it brings DuckDB along: only once something went wrong

    cause: BaseException | None = error
    while cause is not None:
        if _is_full(cause):
            return _disk_is_full(folder)
        reached = limit_reached(cause)
        if reached == "temp_disk":
            return _above("room for temporary files", "temp_disk", limits.temp_disk)
        if reached == "memory":
            return _above("memory", memory, getattr(limits, memory))
        if isinstance(cause, MemoryError):
            return _machine_is_full(memory, getattr(limits, memory))
        cause = cause.__cause__ or cause.__context__
    return None


def full_disk(error: BaseException) -> LimitError | None:
    """The same for work that no limits are known of: a disk without room, or None."""
    return _disk_is_full(None) if _is_full(error) else None


def _is_full(error: BaseException) -> bool:
    if isinstance(error, OSError) and error.errno in _FULL:
        return True
    return any(words in str(error) for words in _SAID_OF_FULL)


def _above(what: str, setting: str, value: str) -> LimitError:
    return LimitError(
        f'The engine needs more {what} than `[limits] {setting}` = "{value}" allows. Raise it in rapport.toml, or by '
        f"RAPPORT_LIMITS__{setting.upper()} in the environment, and try again."
    )


def _disk_is_full(folder: Path | None) -> LimitError:
    where = f" of {folder}" if folder is not None else ""
    return LimitError(
        f"The disk{where} is full. Free some of it, or move the workspace to a larger one, and try again."
    )


def _machine_is_full(setting: str, value: str) -> LimitError:
    return LimitError(
        f'This machine has no memory left, of which the engine may use `[limits] {setting}` = "{value}". Close other '
        "programs, or lower that limit in rapport.toml, and try again."
    )
