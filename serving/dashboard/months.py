"""Months of the company's calendar around a cutoff."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo


def month_before(month: date, months: int = 1) -> date:
    """The first day of the month that many months earlier."""
    number = month.year * 12 + month.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def last_full_month(cutoff: datetime, zone: ZoneInfo) -> date:
    """First day of the last month that lies wholly before the cutoff."""
    local = cutoff.astimezone(zone)
    return month_before(date(local.year, local.month, 1))
