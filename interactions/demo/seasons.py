"""When people get in touch and when they buy: week, year, holidays, shopping festivals, hours, trend and noise."""

from datetime import date, timedelta

import holidays
import numpy as np

from interactions.demo.arrays import Floats
from interactions.demo.clock import Clock
from interactions.demo.segments import CHANNELS

# Monday to Sunday, by channel of CHANNELS.
_WEEK = np.array(
    [
        [1.28, 1.16, 1.10, 1.06, 1.10, 0.70, 0.60],
        [1.25, 1.22, 1.18, 1.12, 1.08, 0.62, 0.53],
        [1.04, 0.98, 0.96, 0.96, 1.00, 1.04, 1.02],
        [0.88, 0.90, 0.92, 0.96, 1.06, 1.16, 1.12],
        [1.02, 0.98, 0.96, 0.95, 0.97, 1.08, 1.04],
        [1.05, 1.05, 1.05, 1.05, 1.05, 0.90, 0.85],
        [0.85, 0.85, 0.90, 0.95, 1.15, 1.30, 1.00],
    ]
)
_WORKING_DAY = 2  # a shifted working weekend runs like a Wednesday
_HOLIDAY = np.array([0.50, 0.42, 0.78, 1.02, 0.85, 0.80, 0.45])
_SPRING_FESTIVAL = np.array([0.30, 0.26, 0.52, 0.86, 0.60, 0.90, 0.22])
_REBOUND = np.array([1.28, 1.34, 1.16, 1.02, 1.08, 1.00, 1.05])
_TREND = np.array([-0.14, -0.05, 0.20, 0.12, 0.05, -0.10, -0.08])  # a year, beside the growth by new customers
_YEAR_SIZE = np.array([0.07, 0.05, 0.06, 0.09, 0.07, 0.04, 0.12])
_YEAR_PEAK = np.array([20, 15, 350, 200, 340, 1, 120])  # day of the year at its highest
_FESTIVAL_TASTE = np.array([0.9, 0.7, 1.25, 1.1, 1.2, 0.8, 0.4])  # how much a channel feels a shopping festival

_HOURS = {
    "phone": (1, 0, 0, 0, 0, 1, 2, 6, 30, 70, 78, 62, 34, 48, 70, 72, 62, 48, 34, 30, 26, 16, 6, 2),
    "email": (6, 3, 2, 2, 2, 4, 8, 18, 42, 66, 64, 50, 30, 44, 58, 58, 52, 40, 28, 24, 24, 22, 16, 10),
    "chat": (12, 6, 3, 2, 2, 2, 5, 12, 24, 38, 44, 46, 50, 42, 40, 42, 44, 46, 54, 68, 78, 74, 52, 28),
    "social": (22, 12, 7, 4, 3, 4, 8, 16, 24, 28, 32, 36, 50, 40, 32, 32, 36, 42, 54, 66, 78, 82, 66, 40),
    "web": (18, 10, 6, 4, 4, 5, 9, 16, 28, 40, 46, 44, 44, 42, 42, 44, 44, 42, 46, 56, 66, 64, 50, 32),
    "sms": (4, 2, 1, 1, 1, 2, 6, 16, 30, 44, 48, 46, 44, 40, 40, 42, 44, 46, 46, 44, 40, 30, 16, 8),
    "in_person": (0, 0, 0, 0, 0, 0, 0, 0, 4, 30, 52, 54, 34, 44, 60, 62, 54, 42, 30, 20, 8, 0, 0, 0),
    "order": (20, 10, 5, 3, 3, 4, 8, 16, 26, 40, 50, 48, 50, 42, 40, 40, 42, 44, 52, 68, 86, 84, 62, 38),
}


def hour_shares(name: str) -> Floats:
    """Share of each hour of the day, [24], of a channel or of "order"."""
    counts = np.array(_HOURS[name], dtype=np.float64)
    return np.asarray(counts / counts.sum(), dtype=np.float64)


def cumulative_hours() -> Floats:
    """Cumulative hour shares by channel: [channels, 24]."""
    return np.cumsum([hour_shares(channel) for channel in CHANNELS], axis=1)


def _calendar(days: list[date]) -> "holidays.HolidayBase":
    years = range(days[0].year - 1, days[-1].year + 2)
    return holidays.country_holidays("CN", years=years, language="en_US")


def _spring_festivals(calendar: "holidays.HolidayBase") -> list[date]:
    return sorted(day for day, name in calendar.items() if "Spring Festival" in name)


def _weekday(day: date, calendar: "holidays.HolidayBase") -> int:
    shifted = day.weekday() >= 5 and calendar.is_working_day(day)
    return _WORKING_DAY if shifted else day.weekday()


def _holiday_factors(days: list[date]) -> Floats:
    """Quiet on holidays, quieter around Spring Festival, busy on the working days that follow."""
    calendar = _calendar(days)
    festivals = set(_spring_festivals(calendar))
    around = {first + timedelta(days=shift) for first in festivals for shift in range(-1, 6)}
    factors = np.ones((len(days), len(CHANNELS)))
    since_break = 99
    for row, day in enumerate(days):
        quiet = day in calendar or day in around
        if quiet:
            factors[row] = _SPRING_FESTIVAL if day in around else _HOLIDAY
        elif since_break <= 4 and day.weekday() < 5:
            factors[row] = 1 + (_REBOUND - 1) * (5 - since_break) / 5
        long_break = day in around or (day.month == 10 and day.day <= 7)
        since_break = 0 if quiet and long_break else since_break + 1
    return factors


def _week_factors(days: list[date]) -> Floats:
    calendar = _calendar(days)
    return np.array([_WEEK[:, _weekday(day, calendar)] for day in days])


def _festival(day: date) -> float:
    """Extra contacts of 11.11 and 6.18: questions before, deliveries and refunds after."""
    for month, first, peak, last, size in ((11, 1, 11, 22, 0.65), (6, 8, 18, 27, 0.45)):
        if day.month == month and first <= day.day <= last:
            before = (day.day - first + 1) / (peak - first + 1)
            after = 1 - (day.day - peak) / (last - peak + 1)
            return size * (before**2 if day.day <= peak else after)
    return 0.0


def _noise(rng: np.random.Generator, days: int, size: float) -> Floats:
    """Days that are busier than anybody could know, remembered from one day to the next: exp of an AR(1), [days]."""
    level = 0.0
    out = np.empty(days)
    for day, shock in enumerate(rng.normal(0, size, days)):
        level = 0.55 * level + float(shock)
        out[day] = level
    return np.exp(out)


def channel_seasons(days: list[date], rng: np.random.Generator) -> Floats:
    """How much busier than usual each channel is, [days, channels]; about 1 on average."""
    row = np.arange(len(days))[:, None]
    of_year = np.array([day.timetuple().tm_yday for day in days])[:, None]
    year = 1 + _YEAR_SIZE * np.cos(2 * np.pi * (of_year - _YEAR_PEAK) / 365.25)
    trend = 1 + _TREND * (row - len(days) / 2) / 365.25
    festival = 1 + np.array([_festival(day) for day in days])[:, None] * _FESTIVAL_TASTE
    noise = np.column_stack([_noise(rng, len(days), 0.05) for _ in CHANNELS]) * _noise(rng, len(days), 0.03)[:, None]
    factors = _week_factors(days) * _holiday_factors(days) * year * np.maximum(trend, 0.3) * festival * noise
    return np.asarray(factors, dtype=np.float64)


_ORDER_DAYS = {
    (11, 1): 1.8, (11, 9): 1.3, (11, 10): 2.4, (11, 11): 4.6, (11, 12): 1.3, (12, 12): 1.9,
    (6, 1): 1.5, (6, 16): 1.3, (6, 17): 2.0, (6, 18): 3.4, (8, 18): 1.4,
}  # fmt: skip


def order_seasons(days: list[date], rng: np.random.Generator) -> Floats:
    """How much more than usual is bought each day, [days]."""
    calendar = _calendar(days)
    festivals = _spring_festivals(calendar)
    week = np.array([0.94, 0.92, 0.93, 0.96, 1.04, 1.14, 1.07])
    factors = np.empty(len(days))
    for row, day in enumerate(days):
        gifts = any(0 < (first - day).days <= 18 for first in festivals)
        quiet = any(0 <= (day - first).days <= 5 for first in festivals)
        factors[row] = week[day.weekday()] * _ORDER_DAYS.get((day.month, day.day), 1.0)
        factors[row] *= 1.45 if gifts and not quiet else 0.45 if quiet else 1.0
    return factors * _noise(rng, len(days), 0.06)


def first_weeks(clock: Clock, seasons: Floats) -> Floats:
    """Mean season of the first four weeks by day of the week and channel: [7, channels]."""
    weeks = seasons[:28].reshape(4, 7, -1).mean(axis=0)
    return np.roll(weeks, clock.start.weekday(), axis=0)
