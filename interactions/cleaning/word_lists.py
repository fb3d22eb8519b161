"""Word lists kept as text beside the code: a line in square brackets heads the words below it, # begins a comment."""

from __future__ import annotations

from pathlib import Path


def sections(name: str) -> dict[str, list[str]]:
    """The words of interactions/cleaning/NAME.txt below each heading, in the order of the file."""
    found: dict[str, list[str]] = {}
    words: list[str] = []
    for line in Path(__file__).with_name(f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("[") and line.endswith("]") and " [" not in line:
            words = found.setdefault(line[1:-1], [])
        elif not line.startswith("# "):
            words += line.split()
    return found
