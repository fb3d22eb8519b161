"""How values look in an answer: money as text, times ISO 8601 in UTC, what is not known as null."""

import json
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any


def plain(value: Any) -> Any:
    """One value of a table, ready for JSON."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def plain_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A table's row, ready for JSON."""
    return {name: plain(value) for name, value in row.items()}


def moment(at: datetime) -> str:
    """An aware time as ISO 8601 in UTC; one without a zone (a company-local day) as it is."""
    if at.tzinfo is None:
        return at.isoformat()
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def seconds(milliseconds: int | None) -> float | None:
    """A duration as the doors show it."""
    return None if milliseconds is None else milliseconds / 1000


def parsed_list(text: str | None) -> list[dict[str, Any]]:
    """A JSON list kept in a column; empty where there is none."""
    found: list[dict[str, Any]] = json.loads(text) if text else []
    return found
