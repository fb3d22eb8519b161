"""Each contender in a process of its own: none finds another's memory, caches or imports."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

THREADS = 2


def measured(run: Callable[[], int]) -> dict[str, Any]:
    """rows (what `run` returns), wall and cpu in seconds, peak in GiB; of this process and its children."""
    begun = time.perf_counter()
    rows = run()
    wall = time.perf_counter() - begun
    used = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = used.ru_utime + used.ru_stime + children.ru_utime + children.ru_stime
    return {"rows": rows, "wall": wall, "cpu": cpu, "peak": peak_gib()}


def in_own_process(module: str, arguments: Sequence[str]) -> dict[str, Any]:
    """What `python -m MODULE ARGUMENTS` prints as JSON. Imports count for the CPU, as they do for whoever runs a
    script; wall time begins where the module calls `measured`."""
    limits = dict.fromkeys(("OMP_NUM_THREADS", "POLARS_MAX_THREADS", "RAYON_NUM_THREADS"), str(THREADS))
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env={**os.environ, **limits})
    found: dict[str, Any] = json.loads(done.stdout)
    sys.stderr.write(f"{' '.join(arguments)}: {found}\n")
    return found


def peak_gib() -> float:
    """The most memory this process had, in GiB."""
    return _peak() / 2**30


def _peak() -> int:
    """Bytes; on Linux not by getrusage, whose peak a process inherits from the one that started it."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
