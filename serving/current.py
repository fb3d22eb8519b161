"""Which published version is the current one; a light import, for those who only ask."""

from __future__ import annotations

from pathlib import Path

from workspace.errors import PublishedError


def current_version(published: Path) -> str:
    """The version CURRENT names. Raises PublishedError when nothing is published."""
    try:
        return (published / "CURRENT").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise PublishedError(f"Nothing is published in {published}. Run `rapport publish` first.") from None
