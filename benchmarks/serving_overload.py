"""Four times the requests that the service can answer: what it says to them, how soon it is itself again."""

from __future__ import annotations

import time
from collections.abc import Sequence

from benchmarks.results_table import Row, compared
from benchmarks.serving_load import as_fast_as_answered, at_rate
from benchmarks.serving_peers import Served, worker_mb
from benchmarks.serving_rows import promised

_TIMES = 4.0
_CONNECTIONS = 800
# What a service under load may say.
_EXPECTED = {200, 429, 504}
# Answers in a row that are as quick as before, by which it counts as recovered.
_IN_A_ROW = 20


def overload_rows(served: Served, what: str, requests: Sequence[bytes], quick_ms: float, seconds: float) -> list[Row]:
    """Statuses, seconds until it recovers and memory it keeps, of four times what `requests` are answered at.

    It has recovered once a request alone takes `quick_ms` at most again.
    """
    capacity = as_fast_as_answered(served.port, requests, 32, min(3.0, seconds)).rate
    before = worker_mb(served.pid)
    found = at_rate(served.port, requests, _TIMES * capacity, _CONNECTIONS, seconds)
    recovered = _recovered(served.port, requests, quick_ms)
    grown = worker_mb(served.pid) - before
    total = sum(found.statuses.values())
    other = sum(count for status, count in found.statuses.items() if status not in _EXPECTED)
    return [
        compared(
            f"four times the {what} it can answer: answered", total / found.seconds, "requests/s", _TIMES * capacity
        ),
        compared("... with 200", found.statuses[200] / max(total, 1), "of all", None),
        promised("... neither with 200 nor 429 nor 504", other, "requests", 0.0),
        promised("... as quick again after", recovered, "s", 5.0),
        promised("... memory grown by", grown, "MB", 50.0),
    ]


def _recovered(port: int, requests: Sequence[bytes], quick_ms: float) -> float:
    """Seconds until the first of so many quick answers in a row."""
    begun = first = time.perf_counter()
    row = 0
    while row < _IN_A_ROW and time.perf_counter() - begun < 60.0:
        asked = time.perf_counter()
        one = as_fast_as_answered(port, requests[:1], 1, 0.001)
        if set(one.statuses) == {200} and one.quantile(1.0) <= quick_ms:
            row += 1
        else:
            row, first = 0, asked
        time.sleep(0.01)
    return first - begun
