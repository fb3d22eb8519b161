"""Made-up daily counts of many kinds, each with its own difficulty; NaN where nothing is known."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Floats = npt.NDArray[np.float64]

START = np.datetime64("2023-01-02", "D")
WEEK = np.array([1.3, 1.2, 1.1, 1.0, 1.0, 0.8, 0.6])
_DAYS = 1000


def series(seed: int = 12) -> Mapping[str, Floats]:
    """Counts [days] by name, more spread out than Poisson's."""
    generator = np.random.default_rng(seed)
    day = np.arange(_DAYS)
    week, year = WEEK[day % 7], 2 * np.pi * day / 365.25

    def counts(mean: Floats, extra: float = 0.02) -> Floats:
        return generator.poisson(mean * generator.gamma(1 / extra, extra, mean.shape)).astype(float)

    gap, silent = counts(100 * week), counts(60 * week)
    gap[300:420] = np.nan
    silent[500:560] = 0
    dates = START + day
    of_month = (dates - dates.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64)
    wandering = np.cumsum(generator.normal(0, 0.03, _DAYS))
    return {
        "steady": counts(60 * week),
        "growth, exponential": counts(50 * week * 1.0015**day),
        "growth, linear": counts((40 + 0.2 * day) * week),
        "decline": counts(300 * week * 0.998**day),
        "yearly season": counts(120 * week * (1 + 0.5 * np.sin(year))),
        "yearly season and growth": counts(80 * week * (1 + 0.4 * np.sin(year)) * 1.001**day),
        "level shifts": counts(80 * week * np.select([day < 600, day < 850], [1.0, 1.8], 1.2)),
        "intermittent": counts(0.25 * week),
        "small": counts(3 * week),
        "closed weekends": counts(90 * np.where(day % 7 < 5, week, 0)),
        "random walk": counts(100 * week * np.exp(wandering)),
        "no weekly profile": counts(np.full(_DAYS, 70.0)),
        "profile changes": counts(90 * np.where(day > 500, np.roll(WEEK, 3)[day % 7], week)),
        "days of the month": counts(80 * week * (1 + 1.2 * (of_month < 2))),
        "large": counts(2000 * week * (1 + 0.3 * np.sin(year)), 0.004),
        "a gap of months": gap,
        "two silent months": silent,
        "ten weeks": counts(60 * week[:75]),
        "half a year of growth": counts(60 * (week * 1.003**day)[:200]),
    }


def independent(count: int, days: int, seed: int) -> list[Floats]:
    """Series whose days err independently: what intervals are judged on."""
    generator = np.random.default_rng(seed)
    day = np.arange(days)
    found = []
    for _ in range(count):
        season = 1 + generator.uniform(0, 0.3) * np.sin(2 * np.pi * day / 365.25 + generator.uniform(0, 6))
        mean = generator.uniform(20, 400) * WEEK[day % 7] * season
        found.append(generator.poisson(mean * generator.gamma(50, 1 / 50, days)).astype(float))
    return found


def table(counts: Floats, channel: str = "all", start: np.datetime64 = START) -> pa.Table:
    """Counts as a backtest takes them: a row for each known day."""
    known = ~np.isnan(counts)
    at = start.astype("datetime64[us]") + np.arange(len(counts)) * np.timedelta64(1, "D")
    return pa.table(
        {"period_local": at[known], "channel": [channel] * int(known.sum()), "count": counts[known].astype(np.int64)}
    )
