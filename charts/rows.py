"""Tables as the plain records a chart carries: numbers as floats, times as the wall clock they are drawn at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, TypeAlias

import pyarrow as pa

Rows: TypeAlias = pa.Table | Sequence[Mapping[str, Any]]
Record: TypeAlias = dict[str, Any]


def records(table: Rows) -> list[Record]:
    """The rows of an Arrow table or a list of dicts as records that JSON can hold.

    Times are drawn as they are written: bring them to the company's zone before. A zone in the value is dropped, not
    converted, and the chart's axis is UTC, so that no reader's own zone moves a day.
    """
    rows: Iterable[Mapping[str, Any]] = table.to_pylist() if isinstance(table, pa.Table) else table
    return [{str(name): _plain(value) for name, value in row.items()} for row in rows]


def wall_clock(value: datetime | date | str) -> datetime:
    """A time as the naive wall clock it is drawn at. Raises ValueError for text that is no ISO 8601 time."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    return datetime.combine(value, time())


def timed(rows: list[Record], column: str, language: str) -> list[Record]:
    """The rows in order of time, the time as an ISO text for a UTC axis, with `when` for the tooltip."""
    pairs = sorted(((wall_clock(row[column]), row) for row in rows), key=lambda pair: pair[0])
    whole_days = all(moment.hour == 0 and moment.minute == 0 for moment, _ in pairs)
    return [
        {**row, column: moment.isoformat(timespec="minutes") + "Z", "when": _tooltip_time(moment, whole_days, language)}
        for moment, row in pairs
    ]


def time_format(rows: list[Record], column: str, language: str) -> str:
    """The axis format that fits the span of the times: hours, days or months."""
    moments = [wall_clock(row[column]) for row in rows]
    days = (max(moments) - min(moments)).days if moments else 0
    chinese = language == "zh"
    if days < 3:
        return "%H:%M"
    if days <= 200:
        return "%-m月%-d日" if chinese else "%-d %b"
    return "%Y年%-m月" if chinese else "%b %Y"


_WEEKDAYS = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def weekdays(language: str) -> tuple[str, ...]:
    """Short names of the weekdays, Monday first."""
    return _WEEKDAYS[language]


def _tooltip_time(moment: datetime, whole_days: bool, language: str) -> str:
    weekday = _WEEKDAYS[language][moment.weekday()]
    if language == "zh":
        text = f"{moment.year}年{moment.month}月{moment.day}日 {weekday}"
    else:
        text = f"{weekday} {moment.day} {_MONTHS[moment.month - 1]} {moment.year}"
    return text if whole_days else f"{text} {moment:%H:%M}"


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value
