"""Requests that wait while others are scored are scored together: most of what a score costs is the same for a
thousand histories as for one.

Who comes alone is scored at once. Where several came together, more are on their way: those that came with them, or the
next of those who were told. A moment's wait for them makes one batch of what would be two.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from serving.given_back import give_back
from serving.histories import MAX_ENTRIES, MAX_HISTORIES, History

# The longest wait for company, after a batch that had some, or where several came at once.
COMPANY_SECONDS = 0.05
# So long after the last arrival no other is waited for: of a known number, and of those who came out of the blue.
_NOBODY_SECONDS, _NOBODY_MORE_SECONDS = 0.02, 0.005
_LOOK_SECONDS = 0.001
# After so many histories, and so long without another, the memory that they needed goes back.
_MANY, QUIET_SECONDS = 100, 1.0

Scores = list[dict[str, Any]]
Score = Callable[[Sequence[History], Sequence[datetime]], Scores]


@dataclass(frozen=True)
class _Asked:
    """One request's histories and their cutoff."""

    histories: Sequence[History]
    cutoff: datetime
    told: Future[Scores] = field(default_factory=Future)

    @property
    def entries(self) -> int:
        return sum(len(one.interactions) + len(one.orders) + len(one.surveys) for one in self.histories)


class Gathering:
    """Scores for many requests, by one thread that takes all that wait, in the order they came.

    `score` gives the scores of histories, each by its own cutoff, in their order.
    """

    def __init__(self, score: Score) -> None:
        self._score = score
        self._waiting: deque[_Asked] = deque()
        self._lock = threading.Lock()
        self._scoring = False
        self._since = 0
        self._came = threading.Event()
        self._thread = ThreadPoolExecutor(1, "scoring")

    def ask(self, histories: Sequence[History], cutoff: datetime) -> Future[Scores]:
        """The scores to come. Cancelled before its turn, a request is not scored; another's failure is not its own."""
        asked = _Asked(histories, cutoff)
        with self._lock:
            self._waiting.append(asked)
            if not self._scoring:
                self._scoring = True
                self._came.set()
                self._thread.submit(self._work)
        return asked.told

    def _work(self) -> None:
        self._came.clear()
        company = 1
        while True:
            self._wait_for(company)
            with self._lock:
                together = self._taken()
                if not together:
                    self._scoring = False
                    break
            self._since += sum(len(asked.histories) for asked in together)
            company = max(len(together), company * 3 // 4)
            _answer(self._score, together)
        del together
        if self._since >= _MANY and not self._came.wait(QUIET_SECONDS):
            self._since = 0
            give_back(thoroughly=True)

    def _wait_for(self, company: int) -> None:
        """Until as many requests wait as were scored together lately, or no more come; one alone waits for none."""
        moment = came = time.monotonic()
        until, waiting = moment + COMPANY_SECONDS, len(self._waiting)
        patience = _NOBODY_SECONDS
        if company == 1 and waiting > 1:
            company, patience = MAX_HISTORIES, _NOBODY_MORE_SECONDS
        while company > 1 and waiting < company and moment < min(until, came + patience):
            time.sleep(_LOOK_SECONDS)
            moment = time.monotonic()
            if len(self._waiting) > waiting:
                waiting, came = len(self._waiting), moment

    def _taken(self) -> list[_Asked]:
        """As many of those that wait as one request might have had; one at least."""
        taken: list[_Asked] = []
        histories = entries = 0
        while self._waiting:
            following = self._waiting[0]
            histories += len(following.histories)
            entries += following.entries
            if taken and (histories > MAX_HISTORIES or entries > MAX_ENTRIES):
                break
            self._waiting.popleft()
            # Who gave up meanwhile is out of the line.
            if following.told.set_running_or_notify_cancel():
                taken.append(following)
            else:
                histories, entries = histories - len(following.histories), entries - following.entries
        return taken


def _answer(score: Score, together: Sequence[_Asked]) -> None:
    """Score requests together, or one by one where that fails: only those that can't be scored are told so."""
    histories = [history for asked in together for history in asked.histories]
    cutoffs = [asked.cutoff for asked in together for _ in asked.histories]
    try:
        scores = score(histories, cutoffs)
    except BaseException as error:
        if len(together) > 1:
            for asked in together:
                _answer(score, [asked])
        else:
            together[0].told.set_exception(error)
        return
    begin = 0
    for asked in together:
        end = begin + len(asked.histories)
        asked.told.set_result(scores[begin:end])
        begin = end
