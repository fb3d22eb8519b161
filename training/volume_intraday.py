"""Hours, half hours and quarters: the forecast of days, spread over each day as its weekday usually is.

A season within the week and one within the day are thus learned apart, from all the counts there are: a day's level by
the model of days, the time of day by shares (features/volume_profile.py). Parts add up to their day.
"""

from __future__ import annotations

import numpy as np

from features.volume_profile import day_shares
from training.volume_adding import adds_up, kept
from training.volume_panel import ALL, GRAINS, Floats, Ints, Panel
from training.volume_walk import MODEL, Walk, outcomes, rules

# Of the slots that usually have a row, so many must be there for a day's sum to be the day's count.
_COMPLETE = 0.9


def slots_a_day(panel: Panel) -> int:
    """Periods in a day of a grain finer than days."""
    return 24 * 60 // panel.grain.minutes


def by_day(fine: Panel) -> Floats:
    """Counts [series, whole days, slots]. A slot without a row is 0 on a day that has nearly all rows it usually has (a
    closed hour that nobody wrote down); all of any other day is unknown."""
    slots = slots_a_day(fine)
    days = fine.periods // slots
    counts = fine.counts[:, : days * slots].reshape(len(fine.channels), days, slots)
    known = ~np.isnan(counts)
    usual = known.mean(axis=1, keepdims=True) > 0.5
    begun = np.cumsum(known.any(axis=2), axis=1) > 0
    present = (known & usual).sum(axis=2) >= _COMPLETE * usual.sum(axis=2)
    whole = begun & present & known.any(axis=2)
    return np.where(whole[:, :, None], np.nan_to_num(counts), np.nan)


def days_of(fine: Panel) -> Panel:
    """The panel of whole days; NaN for a day of which too much is unknown."""
    return Panel(GRAINS["day"], fine.channels, fine.start, by_day(fine).sum(axis=2))


def coarser(fine: Panel, grain: str) -> Panel:
    """A panel of longer parts of a day; unknown where all of its parts are."""
    times = GRAINS[grain].minutes // fine.grain.minutes
    periods = fine.periods // times
    parts = fine.counts[:, : periods * times].reshape(len(fine.channels), periods, times)
    known = ~np.isnan(parts).all(axis=2)
    summed = np.where(known, np.nan_to_num(parts).sum(axis=2), np.nan)
    return Panel(GRAINS[grain], fine.channels, fine.start, summed)


def in_parts(days: Walk, fine: Panel, origins: Ints, horizon: int) -> Walk:
    """The walk of days as one of their parts, with the rules of that grain: from each of `origins` (periods of `fine`)
    by the forecast of days made at the midnight before it, which must be among those of `days`.

    The shares are those of the whole days before that midnight.
    """
    slots = slots_a_day(fine)
    counts = by_day(fine)
    total = adds_up(days.panel)
    found = np.zeros((len(origins), len(fine.channels), horizon))
    for number, origin in enumerate(origins):
        day, skipped = divmod(int(origin), slots)
        mean = days.means[MODEL][int(np.searchsorted(days.origins, day))]
        found[number] = _spread_out(mean, counts[:, :day], total, fine.channels)[:, skipped : skipped + horizon]
    means = {MODEL: found, **rules(fine, origins, horizon)}
    return Walk(fine, origins, outcomes(fine, origins, horizon), means)


def _spread_out(mean: Floats, counts: Floats, total: bool, channels: tuple[str, ...]) -> Floats:
    """Forecasts of days [series, days] as those of their slots [series, days x slots]."""
    shares = day_shares(counts)
    weekday = np.arange(mean.shape[1]) % 7
    parts = (mean[:, :, None] * shares[:, weekday]).reshape(len(channels), -1)
    if total:
        place = channels.index(ALL)
        others = kept(np.delete(parts, place, axis=0))
        return np.insert(others, place, others.sum(axis=0), axis=0)
    return kept(parts)
