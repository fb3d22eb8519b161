"""Time spent inside a library's function while a training calls it: what the bare calls would take."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def seconds_inside(owner: Any, name: str, clock: Callable[[], float] = time.perf_counter) -> Iterator[list[float]]:
    """Seconds by `clock` of each call of `owner.name` within the block."""
    spent: list[float] = []
    usual = getattr(owner, name)

    def timed(*given: Any, **named: Any) -> Any:
        begun = clock()
        try:
            return usual(*given, **named)
        finally:
            spent.append(clock() - begun)

    setattr(owner, name, timed)
    try:
        yield spent
    finally:
        setattr(owner, name, usual)
