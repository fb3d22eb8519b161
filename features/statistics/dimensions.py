"""What rows are split and filtered by, in SQL: columns of the base, and the company's clock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from workspace.settings import WEEKDAYS

_NAMES = ", ".join(f"'{name}'" for name in WEEKDAYS)


def key(name: str, local: str) -> str:
    """What rows are grouped and sorted by: weekdays by their number, so that Monday is the first."""
    if name == "hour_of_day":
        return f"hour({local})"
    return f"isodow({local})" if name == "weekday" else f'"{name}"'


def shown(name: str, key: str) -> str:
    """The value that stands for a key: "00" to "23", "monday" to "sunday", or the column's own."""
    if name == "hour_of_day":
        return f"printf('%02d', {key})"
    return f"([{_NAMES}])[{key}]" if name == "weekday" else key


def condition(name: str, allowed: Sequence[str | None], local: str) -> tuple[str, list[Any]]:
    """Rows with one of the values, and the values bound in it; None stands for unknown."""
    value = shown(name, key(name, local))
    known = [one for one in allowed if one is not None]
    parts = [f"{value} IN ({', '.join('?' * len(known))})"] if known else []
    if None in allowed:
        parts.append(f"{value} IS NULL")
    return f"({' OR '.join(parts) or 'FALSE'})", known
