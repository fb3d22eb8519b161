"""How good past volume forecasts were: accuracy, bias, and how often the intervals held, beside the simple rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from training.bundle.volume import SEASONAL_NAIVE
from training.volume_coverage import given
from training.volume_panel import ALL, Floats, Ints, Panel
from training.volume_walk import MODEL, RULES, Walk


def accuracy(done: Walk, name: str, series: Sequence[int]) -> dict[str, Any]:
    """WAPE, MASE and bias of one forecast over some series.

    WAPE = sum |error| / sum of counts; bias = sum of (forecast - count) / sum of counts; MASE = sum |error| / sum of
    the mean absolute change from one season to the next before each origin (Hyndman and Koehler 2006).
    """
    chosen = list(series)
    actual, mean = done.actual[:, chosen], done.means[name][:, chosen]
    known = ~np.isnan(actual)
    error = np.where(known, mean - actual, 0.0)
    total = float(np.where(known, actual, 0.0).sum())
    scale = float(np.where(known, _changes(done)[:, chosen, None], 0.0).sum())
    missed = float(np.abs(error).sum())
    return {
        "wape": missed / total if total > 0 else None,
        "mase": missed / scale if scale > 0 else None,
        "bias": float(error.sum()) / total if total > 0 else None,
    }


def _changes(done: Walk) -> Floats:
    """Mean absolute change from season to season before each origin [origins, series]."""
    counts, season = done.panel.counts, done.panel.grain.season
    change = np.abs(counts[:, season:] - counts[:, :-season])
    known = ~np.isnan(change)
    sums = np.cumsum(np.where(known, change, 0.0), axis=1)
    seen = np.cumsum(known, axis=1)
    last = np.maximum(done.origins - season - 1, 0)
    return np.asarray((sums[:, last] / np.maximum(seen[:, last], 1)).T)


def share(inside: Floats) -> float | None:
    """Share of ones among the known; None when nothing is known."""
    known = inside[~np.isnan(inside)]
    return float(known.sum() / len(known)) if len(known) else None


def report(done: Walk, judged: Ints, series: Sequence[int], levels: Sequence[int]) -> dict[str, Any]:
    """Accuracy, realised coverage and interval score of the model over the judged windows, beside the simple rules;
    `channels`: the same for every series alone."""
    judgement = Judgement(done, judged, levels)
    alone = {channel: judgement.figures([place]) for place, channel in enumerate(done.panel.channels)}
    return {**judgement.figures(series), "channels": alone}


class Judgement:
    """Judged windows of a walk, with the intervals given around the model and, by the same rule, around the naive."""

    def __init__(self, done: Walk, judged: Ints, levels: Sequence[int]) -> None:
        self.window, self.levels = done.at(judged), levels
        shares = [level / 100 for level in levels]
        self.given = {name: given(done, name, shares).at(judged) for name in (MODEL, SEASONAL_NAIVE)}

    def figures(self, series: Sequence[int]) -> dict[str, Any]:
        """{wape, mase, bias, coverage, coverage_spread, interval_score, baselines} of some series together."""
        rules = {rule: accuracy(self.window, rule, series) for rule in RULES}
        rules[SEASONAL_NAIVE] |= {"interval_score": self._scores(SEASONAL_NAIVE, series)}
        return {
            **accuracy(self.window, MODEL, series),
            "coverage": self._by_level(lambda place: share(self.given[MODEL].inside[place][:, list(series)])),
            "coverage_spread": self._by_level(lambda place: _spread(self.given[MODEL].inside[place][:, list(series)])),
            "interval_score": self._scores(MODEL, series),
            "baselines": rules,
        }

    def _scores(self, name: str, series: Sequence[int]) -> dict[str, float | None]:
        """Interval scores summed / counts summed, over the periods with an interval."""
        chosen = list(series)
        actual = self.window.actual[:, chosen]
        scores = [score[:, chosen] for score in self.given[name].score]
        totals = [float(np.where(np.isnan(score), 0.0, actual).sum()) for score in scores]
        return self._by_level(
            lambda place: float(np.nansum(scores[place])) / totals[place] if totals[place] > 0 else None
        )

    def _by_level(self, figure: Callable[[int], float | None]) -> dict[str, float | None]:
        return {str(level): figure(place) for place, level in enumerate(self.levels)}


def _spread(inside: Floats) -> float | None:
    """Standard deviation of the windows' shares; None below two windows with an interval."""
    shares = [found for found in map(share, inside) if found is not None]
    return float(np.std(shares, ddof=1)) if len(shares) > 1 else None


def series_of(panel: Panel, channels: bool) -> list[int]:
    """Places of the series judged together: the channels, or the total alone."""
    return [place for place, name in enumerate(panel.channels) if (name == ALL) is not channels]
