"""What is drawn where there is nothing to draw: a sentence, not an empty frame."""

from __future__ import annotations

from typing import Any

from charts.over import over
from charts.theme import finished
from charts.words import word


def empty(*, title: str | None = None, language: str = "en", height: int = 120) -> Any:
    """A chart that says that there is nothing to show yet."""
    text = over([{"text": word("empty", language)}]).mark_text(style="empty").encode(text="text:N")
    return finished(text, title=title, language=language, height=height)
