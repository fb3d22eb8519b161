"""Work on files that may be made to do harm, done by a child process that can use only so much memory, time and disk.

The parent gives `run` the module to run and a request; that module ends with `confined.answer(work)`. The child imports
little, so that it starts in a twentieth of a second.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from workspace.errors import MappingError, RapportError, SourceError

_OUT_OF_MEMORY = 71


@dataclass(frozen=True)
class Limits:
    """What a child may use: bytes of memory and of one written file, seconds of processor and of the clock."""

    memory: int = 2 << 30
    written: int = 16 << 30
    processor_seconds: int = 900
    seconds: int = 1800


def run(module: str, request: Mapping[str, Any], file: str, limits: Limits) -> dict[str, Any]:
    """The answer of `module` to a request about `file`.

    Raises the SourceError or MappingError that the child met, or a SourceError when it went over a limit or died.
    """
    # Isolated: neither the environment nor the folder we stand in decides what the child imports.
    command = [sys.executable, "-I", "-m", module]
    given = json.dumps({**request, "limits": vars(limits)}).encode()
    try:
        done = subprocess.run(command, input=given, capture_output=True, timeout=limits.seconds, check=False)
    except subprocess.TimeoutExpired:
        raise SourceError(f"{file} was given up after {limits.seconds} seconds of reading. {_HELP}") from None
    if done.returncode != 0:
        raise SourceError(f"{file} {_why_it_died(done.returncode, done.stderr, limits)}. {_HELP}")
    answer: dict[str, Any] = json.loads(done.stdout)
    if "refused" in answer:
        raise (MappingError if answer["kind"] == "MappingError" else SourceError)(answer["refused"])
    return answer


def answer(work: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """In the child: read the request, keep its limits, and write what `work` makes of it."""
    request = json.load(sys.stdin)
    _limit(Limits(**request.pop("limits")))
    try:
        found = work(request)
    except RapportError as error:
        found = {"refused": str(error), "kind": type(error).__name__}
    except MemoryError:
        os._exit(_OUT_OF_MEMORY)
    json.dump(found, sys.stdout)


_HELP = "If its size is honest, save its rows as CSV and collect that; else don't trust it."


def _limit(limits: Limits) -> None:
    # Python ignores the signal of a file grown too large; here it is to end the child.
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    for kind, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, limits.processor_seconds),
        (resource.RLIMIT_FSIZE, limits.written),
        (resource.RLIMIT_CORE, 0),
    ):
        # macOS knows no limit of memory; the others still hold there.
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))


def _why_it_died(code: int, said: bytes, limits: Limits) -> str:
    if code in (_OUT_OF_MEMORY, -signal.SIGABRT, -signal.SIGSEGV) or b"memory allocation" in said:
        return f"needs more than the {limits.memory >> 20:,} MB of memory it is given"
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        return f"was given up: reading it took more than {limits.processor_seconds} seconds of processor, or was ended"
    if code == -signal.SIGXFSZ:
        return f"expands to more than {limits.written >> 20:,} MB"
    return f"can't be read: the process that read it ended with code {code}"
