"""The log of one Delta table as files: which versions it has, and what its commits added and removed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

LOG = "_delta_log"
# What points at the newest checkpoint.
LAST_CHECKPOINT = "_last_checkpoint"
# A commit or a checkpoint, by its version; what else lies there points at the last ones.
NUMBERED = re.compile(r"(\d{20})\.(json|checkpoint\..*parquet)$")


class Touched(NamedTuple):
    """The names of the data files that a commit put in and took out."""

    added: frozenset[str]
    removed: frozenset[str]


def entry(version: int) -> str:
    """The name of a version's commit."""
    return f"{version:020}.json"


def commits(names: Iterable[str]) -> list[int]:
    """The versions whose commits are among some names of a log, rising."""
    found = (NUMBERED.match(name) for name in names)
    return sorted(int(one[1]) for one in found if one is not None and one[2] == "json")


def checkpoints(names: Iterable[str]) -> dict[int, list[str]]:
    """The names of the checkpoints among some names of a log, by version; one may be of several files."""
    found: dict[int, list[str]] = {}
    for name in sorted(names):
        one = NUMBERED.match(name)
        if one is not None and one[2] != "json":
            found.setdefault(int(one[1]), []).append(name)
    return found


def numbered(names: Iterable[str], first: int = 0, before: int | None = None) -> list[str]:
    """The commits and checkpoints of versions from `first` on, up to and without `before`; in order."""
    found = ((name, NUMBERED.match(name)) for name in sorted(names))
    return [
        name
        for name, one in found
        if one is not None and int(one[1]) >= first and (before is None or int(one[1]) < before)
    ]


def touched(commit: bytes) -> Touched:
    """What a commit says of data files."""
    added, removed = set(), set()
    for line in commit.splitlines():
        action = json.loads(line) if line.strip() else {}
        if "add" in action:
            added.add(unquote(action["add"]["path"]))
        if "remove" in action:
            removed.add(unquote(action["remove"]["path"]))
    return Touched(frozenset(added), frozenset(removed))


def take_back(log: Path, first: int) -> set[str]:
    """Undo the commits from a version on, the newest first; the names of the data files that they had added."""
    names = [path.name for path in log.iterdir()]
    gone = numbered(names, first)
    if any(version >= first for version in checkpoints(names)):
        (log / LAST_CHECKPOINT).unlink(missing_ok=True)
    added: set[str] = set()
    # Checkpoints sort before the commit of their version: reversed, a version's commit goes first.
    for name in reversed(gone):
        if name.endswith(".json"):
            added |= touched((log / name).read_bytes()).added
        (log / name).unlink()
    return added
