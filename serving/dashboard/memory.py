"""Figures of a published version, kept once asked for: a version never changes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

Found = TypeVar("Found")

_MOST = 512
_kept: OrderedDict[Hashable, Any] = OrderedDict()
_lock = threading.Lock()


def remembered(key: Hashable, make: Callable[[], Found]) -> Found:
    """What `make` gave for this key, made now if need be; the least recently used beyond 512 are dropped.

    The key must hold the version and whatever else the figure depends on, the caller's scope above all.
    """
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            found: Found = _kept[key]
            return found
    # Made outside the lock: two visitors may both make it, and both get the same.
    made = make()
    with _lock:
        _kept[key] = made
        while len(_kept) > _MOST:
            _kept.popitem(last=False)
    return made
