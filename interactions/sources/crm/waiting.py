"""How long to wait before asking again: what the service says, else longer each time; in all no longer than allowed."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from workspace.errors import SourceError

_LONGEST_STEP = 60.0


class Waiting:
    """Counts what one collection has waited. `sleep` and `now` can be put in for tests."""

    def __init__(
        self,
        most: float,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.most, self.waited = most, 0.0
        self._sleep, self._now = sleep, now

    def before(self, attempt: int, retry_after: str | None, why: str) -> None:
        """Wait before attempt number `attempt` (2 is the first repeat).

        Raises SourceError when that would be longer than all that is allowed.
        """
        asked = seconds_of(retry_after, self._now())
        seconds = min(2.0 ** (attempt - 2), _LONGEST_STEP) if asked is None else asked
        if self.waited + seconds > self.most:
            raise SourceError(
                f"{why} and asked to wait {seconds:,.0f} s; {self.waited:,.0f} of the {self.most:,.0f} s allowed "
                "are used. Run it again later, or raise `max_wait_seconds`."
            )
        self.waited += seconds
        self._sleep(seconds)


def seconds_of(header: str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for: a number, or a date; None when it says neither."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
