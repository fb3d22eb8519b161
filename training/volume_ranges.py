"""The widths that a volume bundle carries: of days, weeks and parts of days, learned from the same past windows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from training.bundle.volume_widths import QUANTILES
from training.volume_coverage import given
from training.volume_intervals import calibrate
from training.volume_intraday import coarser, in_parts, slots_a_day
from training.volume_panel import GRAINS, Floats, Panel
from training.volume_quality import share
from training.volume_walk import MODEL, Walk

# Beyond two weeks a half hour's range is its day's: enough for rotas, and quick.
_DAYS_IN_PARTS = 14
_WINDOWS_IN_PARTS = 40
# Coverage is told of the last half year: before, the model was another.
_WINDOWS_TOLD = 26
PARTS = ("15min", "30min", "hour")


def ranges(done: Walk, quarters: Panel | None, levels: Sequence[int]) -> dict[str, dict[str, Any]]:
    """Widths by grain and channel, as `bundle.volume_widths.Widths` reads them, of the walk's "model".

    quarters: counts by 15 minutes from the same midnight as the walk's days; None or another beginning: no parts.
    """
    found = {"day": of_grain(done, levels), "week": of_grain(_weeks(done), levels)}
    if quarters is None or quarters.channels != done.panel.channels:
        return found
    late = max(int((done.panel.start - quarters.start) // np.timedelta64(1, "D")), 0)
    if quarters.start > done.panel.start or quarters.periods // slots_a_day(quarters) - late < done.panel.periods:
        return found
    near = _near(done)
    for grain in PARTS:
        fine = quarters if grain == "15min" else coarser(quarters, grain)
        slots = slots_a_day(fine)
        fine = Panel(fine.grain, fine.channels, done.panel.start, fine.counts[:, late * slots :])
        parts = in_parts(near, fine, near.origins * slots, _DAYS_IN_PARTS * slots)
        found[grain] = of_grain(parts, levels)
    return found


def _near(done: Walk) -> Walk:
    """The last windows' first days."""
    kept = slice(-_WINDOWS_IN_PARTS, None)
    means = {MODEL: done.means[MODEL][kept, :, :_DAYS_IN_PARTS]}
    return Walk(done.panel, done.origins[kept], done.actual[kept, :, :_DAYS_IN_PARTS], means)


def _weeks(done: Walk) -> Walk:
    """Whole weeks ahead of each origin; unknown where a day of one is."""
    weeks = done.actual.shape[2] // 7

    def summed(days: Floats) -> Floats:
        cut = days[:, :, : 7 * weeks]
        return np.asarray(cut.reshape(*cut.shape[:2], weeks, 7).sum(axis=3))

    # Origins are days still, and a step is seven of them; the panel tells that weeks have no season within.
    panel = Panel(GRAINS["week"], done.panel.channels, done.panel.start, done.panel.counts)
    return Walk(panel, done.origins, summed(done.actual), {MODEL: summed(done.means[MODEL])}, stride=7)


def of_grain(done: Walk, levels: Sequence[int]) -> dict[str, Any]:
    """Widths by series of a walk's "model", each from its own past errors."""
    shares = [level / 100 for level in levels]
    season = done.panel.grain.season
    judged = given(done, MODEL, shares)
    lately = judged.at(done.origins[-_WINDOWS_TOLD:])
    learned = calibrate(done.actual, done.means[MODEL], season, shares, judged.asked)
    return {
        channel: {
            "season": season,
            "extra": float(learned.extra[place]),
            "reach": _listed(learned.reach[place], levels),
            "below": _listed(learned.below[place], QUANTILES),
            "coverage": {str(level): share(lately.inside[number][:, place]) for number, level in enumerate(levels)},
            "windows": learned.windows[place].tolist(),
        }
        for place, channel in enumerate(done.panel.channels)
    }


def _listed(widths: Floats, names: Sequence[float]) -> Mapping[str, list[float | None]]:
    """Widths [buckets, names] by name."""
    return {
        str(name): [None if np.isnan(width) else float(width) for width in widths[:, number]]
        for number, name in enumerate(names)
    }
