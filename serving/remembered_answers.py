"""Answers given lately, by their ETag: who asks again, or a second caller of the same key, is told the same at once.

They belong to one snapshot and are let go with it: no answer outlives a new version, a live event or an erasure.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

from starlette.responses import Response

MOST_BYTES = 12_000_000
# A longer answer is not one of those that are asked for often.
MOST_OF_ONE = 500_000


@dataclass(frozen=True)
class Remembered:
    """An answer as it was sent; `people`: how many it tells of, where the audit log wants to know."""

    body: bytes
    # As ASGI has them.
    headers: list[tuple[bytes, bytes]]
    people: int | None


class Again(Response):
    """A remembered answer once more: its headers are written already."""

    def __init__(self, told: Remembered, status: int) -> None:
        self.status_code, self.body, self.background = status, told.body, None
        self.raw_headers = list(told.headers)


class RememberedAnswers:
    """As many of the latest as fit; what was not asked for longest goes first."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._held = 0
        self._lock = threading.Lock()
        self._answers: OrderedDict[str, Remembered] = OrderedDict()

    def find(self, tag: str) -> Remembered | None:
        """The answer of an ETag."""
        with self._lock:
            found = self._answers.get(tag)
            if found is not None:
                self._answers.move_to_end(tag)
            return found

    def keep(self, tag: str, answer: Remembered) -> None:
        """Remember an answer, unless it is a long one."""
        if len(answer.body) > min(MOST_OF_ONE, self._most):
            return
        with self._lock:
            before = self._answers.pop(tag, None)
            self._held += len(answer.body) - (0 if before is None else len(before.body))
            self._answers[tag] = answer
            while self._held > self._most:
                _, oldest = self._answers.popitem(last=False)
                self._held -= len(oldest.body)
