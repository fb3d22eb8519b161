"""What a lake's folder remembers of its store: up to which version of a table both have the same.

It may be lost, in a restored workspace say: then the entries of the log themselves are compared.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from workspace.durable import sync


@dataclass(frozen=True)
class Note:
    """Up to which version the store has what the folder has, whether a commit after it was begun, and the newest
    checkpoint that is there; -1 for none."""

    version: int = -1
    pending: bool = False
    checkpoint: int = -1


def read_note(file: Path, last: int) -> Note:
    """The note in a file, of a table whose last version in the folder is `last`; one that can't be true is none."""
    try:
        found = Note(**json.loads(file.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return Note()
    return found if found.version <= last else Note()


def write_note(file: Path, note: Note) -> None:
    """Put a note in the place of the one before, on the disk when this returns."""
    file.parent.mkdir(parents=True, exist_ok=True)
    staged = file.with_name(f"{file.name}.new")
    staged.write_text(json.dumps(asdict(note)), encoding="utf-8")
    sync(staged)
    staged.replace(file)
