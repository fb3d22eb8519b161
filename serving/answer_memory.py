"""What a request is computed with: `[limits] answer_memory`. Whoever asks for more is told to ask for less."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from serving.errors import TooMuch
from workspace.errors import LimitError
from workspace.limits import within
from workspace.settings import Limits

_log = logging.getLogger("rapport.serving")


@contextmanager
def answering(limits: Limits) -> Iterator[None]:
    """Run the queries of one answer. Raises TooMuch, which tells the caller; the log tells the operator the setting."""
    try:
        with within(limits, memory="answer_memory"):
            yield
    except LimitError as error:
        _log.error("limit reached", extra={"reason": str(error)})
        raise too_much() from error


def too_much() -> TooMuch:
    return TooMuch("Ask for less at once: a shorter range, fewer dimensions, fewer histories.")
