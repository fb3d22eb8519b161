"""Which files of published versions were read through on this machine, so that a start need not read them again.

A record in run/, which no backup has: for each file what the system says of it (number, size, times). Whoever writes to
a file, replaces, copies or restores it changes one of them, its ctime at least, which no program sets; then it is read
through before it is served. What a disk loses without anybody writing is found by `recheck`, behind the service.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from workspace.errors import PublishedError

# Threads that check a version's files against their hashes.
_READERS = 2
_PIECE = 1024 * 1024
# Pauses of a recheck, in the time that the piece before took: what it takes shows in the answers meanwhile.
_PAUSES = 49
# A file written twice within a tick of the system's clock may look the same (Linux: 10 ms at most).
_TICK_SECONDS = 0.02
_RECORDS = "verified-"
_DAMAGED = "damaged-"

Files = Mapping[str, Mapping[str, Any]]


def check(workspace: Path, folder: Path, files: Files, thoroughly: bool = False) -> None:
    """Raise PublishedError for a file of a version that is missing or changed.

    Those that this machine read through since they were written are not read again, unless `thoroughly`.
    """
    damaged = is_damaged(workspace, folder.name)
    if not thoroughly and not damaged and _looks(folder, files) == _recorded(workspace, folder.name):
        return
    # Side by side, the largest first: hashing leaves Python to others meanwhile.
    ordered = sorted(files, key=lambda name: files[name].get("bytes", 0), reverse=True)
    _wait_for_the_clock(folder, files)
    before = _looks(folder, files)
    with ThreadPoolExecutor(_READERS) as pool:
        list(pool.map(lambda name: _read_through(folder, name, files[name]), ordered))
    if before == _looks(folder, files):
        _remember(workspace, folder, before)


def recheck(workspace: Path, folder: Path, files: Files, pause: Callable[[float], bool]) -> None:
    """Read the files of a version in service through again, at a fiftieth of a processor; what is damaged is marked.

    One process of all does it at a time. `pause(seconds)` waits, and says whether to stop.
    """
    with (_run(workspace) / "recheck.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        try:
            for name in sorted(files):
                if not _read_through(folder, name, files[name], pause):
                    return
        except PublishedError as error:
            # A version that was removed meanwhile, or put in place anew, is another matter.
            if _looks(folder, files) == _recorded(workspace, folder.name):
                (_run(workspace) / f"{_DAMAGED}{folder.name}").write_text(str(error), encoding="utf-8")


def is_damaged(workspace: Path, version: str) -> bool:
    """Whether a file of a version turned out damaged while it was in service, and it wasn't mended since."""
    return (workspace / "run" / f"{_DAMAGED}{version}").exists()


def damage(workspace: Path, version: str) -> str:
    """What was found."""
    return (workspace / "run" / f"{_DAMAGED}{version}").read_text(encoding="utf-8")


def _read_through(
    folder: Path, name: str, entry: Mapping[str, Any], pause: Callable[[float], bool] | None = None
) -> bool:
    """Hash a file; False when `pause` said to stop. Raises PublishedError for one that is missing or changed."""
    found, piece = hashlib.sha256(), memoryview(bytearray(_PIECE))
    try:
        with (folder / name).open("rb", buffering=0) as file:
            begun = time.perf_counter()
            while size := file.readinto(piece):
                found.update(piece[:size])
                if pause is not None and pause(_PAUSES * (time.perf_counter() - begun)):
                    return False
                begun = time.perf_counter()
    except FileNotFoundError:
        raise PublishedError(f"{folder / name} is missing. Run `rapport publish` again.") from None
    if found.hexdigest() != entry["sha256"]:
        raise PublishedError(f"{folder / name} is not the file its manifest describes. Run `rapport publish` again.")
    return True


def _looks(folder: Path, files: Files) -> dict[str, list[int]]:
    """Number, size and times of each file; of a size that the manifest doesn't tell there is nothing to compare."""
    found = {}
    for name in files:
        try:
            facts = (folder / name).stat()
        except FileNotFoundError:
            raise PublishedError(f"{folder / name} is missing. Run `rapport publish` again.") from None
        found[name] = [facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns]
    return found


def _wait_for_the_clock(folder: Path, files: Files) -> None:
    """Until no file is so new that a second change to it would not show."""
    last = max((times[-1] for times in _looks(folder, files).values()), default=0)
    wait = last / 1e9 + _TICK_SECONDS - time.time()
    if 0 < wait < 1:
        time.sleep(wait)


def _recorded(workspace: Path, version: str) -> dict[str, list[int]] | None:
    try:
        found: dict[str, list[int]] = json.loads((workspace / "run" / f"{_RECORDS}{version}").read_text())
    except (OSError, ValueError):
        return None
    return found


def _remember(workspace: Path, folder: Path, looks: Mapping[str, list[int]]) -> None:
    """Put down that these were read through, and forget versions that are gone."""
    run = _run(workspace)
    for old in (*run.glob(f"{_RECORDS}*"), *run.glob(f"{_DAMAGED}*")):
        version = old.name.removeprefix(_RECORDS).removeprefix(_DAMAGED)
        if not (folder.parent / version).is_dir():
            old.unlink(missing_ok=True)
    staging = run / f"writing-{os.getpid()}-{threading.get_ident()}"
    staging.write_text(json.dumps(looks))
    staging.rename(run / f"{_RECORDS}{folder.name}")
    (run / f"{_DAMAGED}{folder.name}").unlink(missing_ok=True)


def _run(workspace: Path) -> Path:
    run = workspace / "run"
    run.mkdir(mode=0o700, exist_ok=True)
    return run
