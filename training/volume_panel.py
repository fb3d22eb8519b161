"""Contact counts as a matrix of series by periods: what the volume forecast learns from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from workspace.errors import NotEnoughHistoryError, QueryError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

ALL = "all"
_DAY = 24 * 60
WEEKS_NEEDED = 3


@dataclass(frozen=True)
class Grain:
    """A period length: `season` periods make the weekly cycle, `year` periods 52 whole weeks (364 days)."""

    name: str
    minutes: int
    season: int
    year: int

    @property
    def a_week(self) -> int:
        """Periods in seven days."""
        return 7 * 24 * 60 // self.minutes


GRAINS: Mapping[str, Grain] = {
    "15min": Grain("15min", 15, 672, 34_944),
    "30min": Grain("30min", 30, 336, 17_472),
    "hour": Grain("hour", 60, 168, 8_736),
    "day": Grain("day", 24 * 60, 7, 364),
    "week": Grain("week", 7 * 24 * 60, 1, 52),
}


@dataclass(frozen=True)
class Panel:
    """Counts [series, periods] from `start` on (company-local); NaN where nothing is known, never for a zero."""

    grain: Grain
    channels: tuple[str, ...]
    start: np.datetime64
    counts: Floats

    @property
    def periods(self) -> int:
        return int(self.counts.shape[1])

    def local(self, periods: Ints) -> npt.NDArray[np.datetime64]:
        """Company-local start of each period number; periods after the last one are the future."""
        return np.asarray(self.start + periods * np.timedelta64(self.grain.minutes, "m"))

    def until(self, period: int) -> Panel:
        """The panel as it was known at the start of `period`."""
        return Panel(self.grain, self.channels, self.start, self.counts[:, :period])


def grain_named(name: str) -> Grain:
    """The grain called 15min, 30min, hour, day or week. Raises QueryError for any other."""
    if name not in GRAINS:
        raise QueryError(f"The volume forecast has no grain `{name}`. Choose one of {', '.join(GRAINS)}.")
    return GRAINS[name]


def panel(table: pa.Table, grain: str = "day") -> Panel:
    """Arrange counts (period_local, channel, count) by series and period.

    A series "all" is the sum of the channels where the table has none. Periods without a row, and those before a
    channel's first contact, are unknown (NaN): a channel that opened last month was not silent for two years.
    Raises NotEnoughHistoryError below three weeks of periods.
    """
    form = grain_named(grain)
    local = table["period_local"].to_numpy().astype("datetime64[m]")
    if len(local) == 0:
        raise NotEnoughHistoryError(_too_short(form, 0))
    # Parts of a day are counted from a midnight on, so that days can be told.
    start = local.min() if form.minutes > _DAY else local.min().astype("datetime64[D]").astype("datetime64[m]")
    index = ((local - start) // np.timedelta64(form.minutes, "m")).astype(np.int64)
    names = table["channel"].to_numpy(zero_copy_only=False).astype(str)
    counts = table["count"].to_numpy(zero_copy_only=False).astype(np.float64)
    if index.max() + 1 < WEEKS_NEEDED * form.a_week:
        raise NotEnoughHistoryError(_too_short(form, int(index.max()) + 1))
    channels, matrix = _matrix(names, index, counts)
    return Panel(form, channels, start, matrix)


def _matrix(names: npt.NDArray[np.str_], index: Ints, counts: Floats) -> tuple[tuple[str, ...], Floats]:
    found = sorted(set(names.tolist()))
    total = int(index.max()) + 1
    rows = {name: _series(index[names == name], counts[names == name], total) for name in found}
    if ALL not in rows:
        stacked = np.stack([rows[name] for name in found])
        known = ~np.isnan(stacked).all(axis=0)
        rows[ALL] = np.where(known, np.nansum(stacked, axis=0), np.nan)
    kept = {name: _from_first_contact(row) for name, row in rows.items() if np.nansum(row) > 0 or name == ALL}
    channels = tuple(sorted(kept, key=lambda name: (name == ALL, name)))
    return channels, np.stack([kept[name] for name in channels])


def _series(index: Ints, counts: Floats, total: int) -> Floats:
    """Counts by period; two rows of one period (the hour that daylight saving repeats) add up."""
    seen = np.bincount(index, minlength=total)
    summed = np.bincount(index, weights=counts, minlength=total)
    return np.where(seen > 0, summed, np.nan)


def _from_first_contact(row: Floats) -> Floats:
    first = int(np.argmax(np.nan_to_num(row) > 0))
    return np.where(np.arange(len(row)) < first, np.nan, row)


def _too_short(grain: Grain, found: int) -> str:
    return (
        f"A volume forecast needs {WEEKS_NEEDED} weeks of counts ({WEEKS_NEEDED * grain.a_week} periods of grain "
        f"{grain.name}); found {found}. Collect more history, or load older totals with "
        "`rapport collect FILE --table volume_history`."
    )
