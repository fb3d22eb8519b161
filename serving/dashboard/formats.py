"""Numbers, money, days and durations as a reader of each language expects them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

NOTHING = "–"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LONG_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_WEEKDAYS = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
}
_STAGES_ZH = {"new": "新客户", "returning": "常客", "resurrecting": "重新活跃", "dormant": "沉睡"}
_SIGNS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "HKD": "HK$", "INR": "₹"}


@dataclass(frozen=True)
class Formats:
    """How values look in one language, in the company's time zone and money. Unknown values are a dash."""

    language: str
    zone: ZoneInfo
    currency: str

    @property
    def chinese(self) -> bool:
        return self.language == "zh"

    def count(self, value: float | None) -> str:
        """A whole number with thousands separated."""
        return NOTHING if value is None else f"{round(float(value)):,}"

    def decimal(self, value: float | None, places: int = 2) -> str:
        """A number with up to `places` decimals."""
        if value is None:
            return NOTHING
        text = f"{float(value):,.{places}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text

    def score(self, value: float | None) -> str:
        """A score on [0, 1]."""
        return NOTHING if value is None else f"{float(value):.2f}"

    def share(self, value: float | None, places: int = 0) -> str:
        """A share on [0, 1] in per cent."""
        return NOTHING if value is None else f"{100 * float(value):.{places}f}%"

    def change(self, growth: float | None) -> str:
        """A relative change with its sign."""
        return NOTHING if growth is None else f"{100 * float(growth):+.1f}%"

    def money(self, value: str | float | None, places: int = 0) -> str:
        """An amount in the company's currency; exact amounts come as text."""
        if value is None:
            return NOTHING
        sign = _SIGNS.get(self.currency, f"{self.currency} ")
        amount = Decimal(str(value))
        return f"{'-' if amount < 0 else ''}{sign}{abs(amount):,.{places}f}"

    def duration(self, seconds: float | None) -> str:
        """A duration in its two largest units."""
        if seconds is None:
            return NOTHING
        minutes, rest = divmod(round(float(seconds)), 60)
        hours, minutes = divmod(minutes, 60)
        words = ("小时", "分", "秒") if self.chinese else (" h", " min", " s")
        parts = [f"{value}{word}" for value, word in zip((hours, minutes, rest), words, strict=True) if value]
        return ("" if self.chinese else " ").join(parts[:2]) or f"0{words[2]}"

    def local(self, moment: str | datetime) -> datetime:
        """A time of an answer on the company's clock; one without a zone is there already."""
        found = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        return found if found.tzinfo is None else found.astimezone(self.zone).replace(tzinfo=None)

    def day(self, moment: str | datetime | date | None, weekday: bool = False) -> str:
        """The company's day of a time."""
        if moment is None:
            return NOTHING
        day = self.local(moment) if isinstance(moment, str | datetime) else moment
        if self.chinese:
            text = f"{day.year}年{day.month}月{day.day}日"
        else:
            text = f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
        if not weekday:
            return text
        name = _WEEKDAYS[self.language][day.weekday()]
        return f"{text} {name}" if self.chinese else f"{name} {text}"

    def until(self, cutoff: str | datetime) -> str:
        """The last day before a cutoff: what "data until" means to a reader."""
        return self.day(self.local(cutoff) - timedelta(microseconds=1))

    def clock(self, moment: str | datetime | None) -> str:
        """Day and time of day."""
        return NOTHING if moment is None else f"{self.day(moment)} {self.local(moment):%H:%M}"

    def month(self, moment: str | datetime | date, long: bool = True) -> str:
        """The company's month of a time."""
        at = self.local(moment) if isinstance(moment, str | datetime) else moment
        if self.chinese:
            return f"{at.year}年{at.month}月"
        return f"{_LONG_MONTHS[at.month - 1]} {at.year}" if long else f"{_MONTHS[at.month - 1]} {at.year}"

    def period(self, moment: str | datetime, grain: str) -> str:
        """The name of a period that begins at a time."""
        at = self.local(moment)
        if grain == "hour":
            return self.clock(at)
        if grain == "month":
            return self.month(at, long=False)
        if grain == "quarter":
            quarter = (at.month - 1) // 3 + 1
            return f"{at.year}年第{quarter}季度" if self.chinese else f"Q{quarter} {at.year}"
        if grain == "year":
            return f"{at.year}年" if self.chinese else str(at.year)
        return self.day(at, weekday=grain == "day")

    def measure(self, value: float | None, unit: str) -> str:
        """A figure in its unit, as a reader would say it."""
        if value is None:
            return NOTHING
        if unit == "share":
            return self.share(value, 1)
        if unit == "seconds":
            return (
                self.duration(value)
                if float(value) >= 60
                else f"{self.decimal(value, 1)}{'秒' if self.chinese else ' s'}"
            )
        if unit == "minutes":
            return self.duration(60 * float(value))
        if unit == "hours":
            return f"{self.decimal(value, 1)}{' 小时' if self.chinese else ' h'}"
        if unit in ("company currency", "currency", self.currency):
            return self.money(value)
        if float(value) == round(float(value)):
            return self.count(value)
        return self.decimal(value)

    def feature(self, value: Any, unit: str) -> str:
        """A feature in the unit that tables.py gives it."""
        if value is None:
            return NOTHING
        if isinstance(value, str) and not unit:
            return _STAGES_ZH.get(value, value) if self.chinese else value
        if unit == "share":
            return self.share(value)
        if unit == "company currency":
            return self.money(value)
        return self.decimal(float(value), 1 if unit in ("days", "minutes", "seconds") or abs(float(value)) >= 10 else 2)
