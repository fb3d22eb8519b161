"""Published sums per hour or day, channel and one more dimension: what additive figures are answered from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from features.local_time import offsets
from features.statistics.query import Query
from features.statistics.statistic import CLOCK_DIMENSIONS

HOUR = timedelta(hours=1)
_START = "cube-"
_NOTHING = timedelta(0)

Range = tuple[datetime, datetime]


@dataclass(frozen=True)
class Cube:
    """A table of at_us (the cell's start, microseconds), `dimensions` and the sums named by the statistics' SQL.

    grain: cells are hours of UTC, or days of the company's calendar.
    """

    grain: Literal["hour", "day"]
    dimensions: tuple[str, ...]

    @property
    def name(self) -> str:
        """The published table's name: cube-hour-channel-owner."""
        return f"{_START}{'-'.join((self.grain, *self.dimensions))}"


def cube_named(table: str) -> Cube | None:
    """The cube that a published table is; None for any other table."""
    if not table.startswith(_START):
        return None
    grain, *dimensions = table.removeprefix(_START).split("-")
    return Cube("hour" if grain == "hour" else "day", tuple(dimensions))


def answering(cubes: Sequence[Cube], query: Query, ranges: Sequence[Range], sql: Mapping[str, str]) -> Cube | None:
    """The first cube that gives the very numbers that the rows would give, or None."""
    if not any(name.startswith(f"{query.metric}.cube.") for name in sql):
        return None
    named = {*query.by, *query.where}
    stored = named - set(CLOCK_DIMENSIONS)
    for cube in cubes:
        fine = cube.grain == "hour" or (query.grain != "hour" and "hour_of_day" not in named)
        if fine and stored <= set(cube.dimensions) and _are_whole(cube.grain, ranges, sql["timezone"]):
            return cube
    return None


def has_whole_hours(timezone: str, start: datetime, end: datetime) -> bool:
    """Whether the zone's hours begin with those of UTC all the time."""
    return all(offset % HOUR == _NOTHING for _, offset in offsets(timezone, start, end))


def _are_whole(grain: str, ranges: Sequence[Range], timezone: str) -> bool:
    """Whether no cell is cut by a range."""
    if grain == "day":
        zone = ZoneInfo(timezone)
        return all(_begins_day(moment, zone) for both in ranges for moment in both)
    if any(moment.timestamp() % 3600 for both in ranges for moment in both):
        return False
    return has_whole_hours(timezone, min(start for start, _ in ranges), max(end for _, end in ranges))


def _begins_day(moment: datetime, zone: ZoneInfo) -> bool:
    midnight = datetime.combine(moment.astimezone(zone).date(), time(), tzinfo=zone)
    return midnight.timestamp() == moment.timestamp()
