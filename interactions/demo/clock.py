"""The company's local clock: seconds since the first simulated midnight, and their UTC times."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from interactions.demo.arrays import Flags, Floats, Ints
from workspace.tables import TIMESTAMP

DAY = 86_400
HOUR = 3_600
NEVER = np.iinfo(np.int64).min  # a time that does not exist: null in tables
OLDEST_DAYS = 1_600  # how long before the first day a customer may have joined


@dataclass(frozen=True)
class Clock:
    """`days` company days up to and including `end`; the local second 0 is midnight of the first of them."""

    end: date
    days: int
    zone: ZoneInfo
    offsets: Ints  # seconds east of UTC of every local hour from OLDEST_DAYS before the first day

    @property
    def start(self) -> date:
        return self.end - timedelta(days=self.days - 1)

    @property
    def seconds(self) -> int:
        """Local length of the simulation; nothing is known from then on."""
        return self.days * DAY

    def dates(self) -> list[date]:
        return [self.start + timedelta(days=day) for day in range(self.days)]

    def utc_microseconds(self, seconds: Ints) -> Ints:
        """Local seconds since the start to UTC microseconds since 1970."""
        hour = np.clip(seconds // HOUR + OLDEST_DAYS * 24, 0, len(self.offsets) - 1)
        midnight = (self.start - date(1970, 1, 1)).days * DAY
        return np.asarray((seconds + midnight - self.offsets[hour]) * 1_000_000, dtype=np.int64)

    def timestamps(self, seconds: Ints) -> pa.Array:
        """The same as an Arrow array; NEVER becomes null."""
        missing = seconds == NEVER
        values = self.utc_microseconds(np.where(missing, 0, seconds))
        return pa.array(values, mask=missing, type=pa.int64()).cast(TIMESTAMP)

    def moment(self, seconds: int) -> datetime:
        """One local second as an aware UTC datetime."""
        micro = int(self.utc_microseconds(np.array([seconds], dtype=np.int64))[0])
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micro)

    def known(self, seconds: Ints) -> Ints:
        """What has not happened before the last midnight is not known: those times become NEVER."""
        return np.where(seconds >= self.seconds, NEVER, seconds)


def make_clock(end: date, days: int, timezone: str) -> Clock:
    """The clock of `days` days that end with `end` in the zone of that name."""
    zone = ZoneInfo(timezone)
    start = end - timedelta(days=days - 1)
    first = datetime.combine(start - timedelta(days=OLDEST_DAYS), time())
    hours = (days + OLDEST_DAYS + 2) * 24
    # An hour that comes twice is taken as the later one, as cleaning reads it.
    moments = (first + timedelta(hours=hour) for hour in range(hours))
    offsets = [moment.replace(tzinfo=zone, fold=1).utcoffset() for moment in moments]
    seconds = [0 if offset is None else int(offset.total_seconds()) for offset in offsets]
    return Clock(end, days, zone, np.array(seconds, dtype=np.int64))


def local_seconds(timezone: str, utc: Ints) -> Ints:
    """UTC seconds since 1970 as what a clock in that zone shows, in seconds since 1970 too."""
    zone = ZoneInfo(timezone)
    hours, place = np.unique(utc // HOUR, return_inverse=True)
    starts = [datetime.fromtimestamp(hour * HOUR, tz=zone).utcoffset() or timedelta() for hour in hours.tolist()]
    offsets = np.array([int(offset.total_seconds()) for offset in starts], dtype=np.int64)
    return np.asarray(utc + offsets[place.reshape(-1)], dtype=np.int64)


def at_desk(seconds: Ints, rng: np.random.Generator, opens: int = 9, closes: int = 18) -> Ints:
    """The first moment from `seconds` on at which somebody is at the desk; mornings start within the first hour."""
    hour = seconds % DAY // HOUR
    early, late = hour < opens, hour >= closes
    morning = seconds // DAY * DAY + opens * HOUR + rng.integers(0, HOUR, len(seconds))
    return np.asarray(np.where(early, morning, np.where(late, morning + DAY, seconds)), dtype=np.int64)


def is_night(seconds: Ints) -> Flags:
    """Whether nobody works at that moment."""
    hour = seconds % DAY // HOUR
    return np.asarray((hour < 9) | (hour >= 18), dtype=np.bool_)


def seconds_within(rng: np.random.Generator, hours: Ints) -> Ints:
    """A random second of each of those hours of the day."""
    return np.asarray(hours * HOUR + rng.integers(0, HOUR, len(hours)), dtype=np.int64)


def draw_hours(rng: np.random.Generator, cumulative: Floats) -> Ints:
    """One hour of the day for each row of cumulative hour shares [contacts, 24]."""
    drawn = rng.random(len(cumulative))
    return np.asarray(np.minimum((drawn[:, None] > cumulative).sum(axis=1), 23), dtype=np.int64)
