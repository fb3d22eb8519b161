"""How much one key may ask for in a second, and how much a worker takes on at once: beyond that, 429.

Who is told at once costs nothing and can slow down; who waits in a line that grows holds memory and gets a 504.
"""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from serving.errors import TooMany
from workspace.settings import Serving
from workspace.sizes import bytes_of


class Throttle:
    """The limits of one of `workers` workers, among which the requests of a second are divided evenly.

    A key has a token bucket: it fills at its rate and holds a second's worth, so that a short burst is let in.
    """

    def __init__(
        self, limits: Serving | None = None, workers: int = 1, clock: Callable[[], float] = time.monotonic
    ) -> None:
        limits = limits or Serving()
        self._rate = limits.requests_per_second / workers
        self._holds = max(self._rate, 1.0)
        self._most = limits.requests_at_once
        self._most_bytes = bytes_of(limits.bodies_at_once)
        self._clock = clock
        self._running = self._bytes = 0
        # By key's name: what its bucket held, and when. Only keys that are in use come here.
        self._buckets: dict[str, tuple[float, float]] = {}

    def admit(self, key: str) -> None:
        """Take one request of a key into account. Raises TooMany where it has none left."""
        moment = self._clock()
        held, since = self._buckets.get(key, (self._holds, moment))
        held = min(self._holds, held + (moment - since) * self._rate)
        if held < 1.0:
            self._buckets[key] = (held, moment)
            seconds = (1.0 - held) / self._rate
            raise TooMany("This key has asked too often within a second. Ask again later, or less often.", seconds)
        self._buckets[key] = (held - 1.0, moment)

    @contextmanager
    def running(self, size: int = 0) -> Iterator[None]:
        """Around one request with a body of `size` bytes. Raises TooMany where the worker has taken on all it may."""
        if self._running >= self._most or self._bytes + size > self._most_bytes:
            raise TooMany("The service has as much to do as it can take on. Ask again later.")
        self._running += 1
        self._bytes += size
        try:
            yield
        finally:
            self._running -= 1
            self._bytes -= size


def whole_seconds(seconds: float) -> int:
    """Seconds as Retry-After has them: whole, one at least."""
    return max(1, math.ceil(seconds))
