"""What the service says to the audit log: accesses to personal data, written a few times a second beside the answers.

A commit to the disk takes about a millisecond, an answer less: so each worker collects its entries and writes them
together. A worker killed outright loses what it collected within WRITE_SECONDS; one that is stopped loses nothing.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from serving.callers import Caller
from serving.errors import NotRecorded
from serving.holder import Holder
from serving.logs import lines_of
from workspace import audit_log
from workspace.audit_log import Entry
from workspace.errors import PublishedError
from workspace.state import State, now

WRITE_SECONDS = 0.1
# From so many on that wait, who asks waits too, a while: answers are no quicker than the log.
MANY_WAITING = 4_000
PATIENCE_SECONDS = 2.0
_LOOK_SECONDS = 0.01
# So many entries may wait for a disk that doesn't take them; then nothing personal is shown that could not be recorded.
MOST_WAITING = 20_000
_AT_ONCE = 2_000
_LISTS = ("customers", "examples", "interactions")
_log = logging.getLogger("rapport.serving")


@dataclass(frozen=True)
class PersonalRequest:
    """One answered request to a route that the policy declares personal; `asked` is the customer in its path."""

    caller: Caller
    method: str
    route: str
    request_id: str
    status: int
    asked: str | None
    people: int | None


class Audit:
    """Collects the accesses of one worker and writes them to the log from a thread of its own."""

    def __init__(self, state: State, secret: bytes, holder: Holder) -> None:
        self._state = state
        self._secret = secret
        self._holder = holder
        self._waiting: deque[tuple[str, PersonalRequest]] = deque()
        self._writing = threading.Lock()
        self._starting = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def is_behind(self) -> bool:
        """Whether so many entries wait that the next request should wait for `room`."""
        return len(self._waiting) >= min(MANY_WAITING, MOST_WAITING)

    async def room(self) -> None:
        """Return once the log has caught up, or after a while.

        Raises NotRecorded when so many entries wait that another could not be promised a place.
        """
        until = time.monotonic() + PATIENCE_SECONDS
        while len(self._waiting) < MOST_WAITING:
            if not self.is_behind or time.monotonic() > until:
                return
            await asyncio.sleep(_LOOK_SECONDS)
        raise NotRecorded("The audit log can't be written at the moment. Try again later.")

    def note(self, access: PersonalRequest) -> None:
        """Remember an access; it is on the disk within moments."""
        self._waiting.append((now(), access))
        if self._thread is None:
            self._start()

    def flush(self) -> None:
        """Write what waits. What can't be written stays, and the log of the service says why."""
        with self._writing:
            while self._waiting:
                taken = [self._waiting[place] for place in range(min(len(self._waiting), _AT_ONCE))]
                audit_log.append(self._state, self._secret, [self._entry(at, access) for at, access in taken])
                for _ in taken:
                    self._waiting.popleft()

    def stop(self) -> None:
        """Write what waits, and end."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._try_to_flush()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._stop.clear()
                self._thread = threading.Thread(target=self._write, name="audit", daemon=True)
                self._thread.start()

    def _write(self) -> None:
        while not self._stop.wait(WRITE_SECONDS):
            self._try_to_flush()

    def _try_to_flush(self) -> None:
        try:
            self.flush()
        except Exception as error:
            said = {"error": type(error).__name__, "where": lines_of(error), "waiting": len(self._waiting)}
            _log.error("audit log not written", extra=said)

    def _entry(self, at: str, access: PersonalRequest) -> Entry:
        person = self._person(access) if access.asked is not None else None
        known = (access.caller.name, access.method, access.route, access.request_id, access.status)
        return Entry(at, *known, customer_id=person, people=access.people)

    def _person(self, access: PersonalRequest) -> str | None:
        """The customer that was asked for; None where there is none: what somebody made up is not written down."""
        asked = access.asked
        if access.caller.sees_people and access.status < 400:
            return asked
        try:
            snapshot = self._holder.current()
        except PublishedError:
            return None
        ids = snapshot.tables["customers"]["customer_id"]
        found = asked if access.caller.sees_people else access.caller.person_behind(asked or "", snapshot.version, ids)
        return found if found is not None and snapshot.row("customers", found) is not None else None


def people_in(answer: Any) -> int:
    """How many people an answer tells of: the rows of its lists of customers, messages and contacts."""
    if isinstance(answer, Mapping):
        return sum(_rows_of(name, value) for name, value in answer.items())
    return sum(people_in(part) for part in answer) if isinstance(answer, list) else 0


def _rows_of(name: str, value: Any) -> int:
    if name == "sent" and isinstance(value, int):
        # An export: its people are in the file.
        return value
    if name in _LISTS and isinstance(value, list):
        return len(value)
    return people_in(value) if isinstance(value, Mapping | list) else 0
