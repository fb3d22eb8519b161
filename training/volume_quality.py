"""How good past volume forecasts were: accuracy, bias, and how often the intervals held, beside the simple rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from training.bundle.volume import bucket_of, spread
from training.volume_intervals import calibrate
from training.volume_panel import ALL, Floats, Ints, Panel
from training.volume_walk import MODEL, RULES, Walk


def accuracy(done: Walk, name: str, series: Sequence[int]) -> dict[str, float | None]:
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


def covered(done: Walk, judged: Ints, name: str, levels: Sequence[float]) -> Floats:
    """1 where the interval of a judged window held the count, 0 where not, NaN where there was none.

    [levels, judged, series, horizon]. A window's widths come only from windows whose outcome was known at its origin.
    """
    season = done.panel.grain.season
    found = np.full((len(levels), len(judged), *done.actual.shape[1:]), np.nan)
    buckets = bucket_of(np.arange(1, done.actual.shape[2] + 1), season)
    for number, origin in enumerate(judged):
        past = done.known_before(int(origin))
        if len(past.origins) == 0:
            continue
        widths = calibrate(past.actual, past.means[name], season, levels)
        now = done.at(np.array([origin]))
        actual, mean = now.actual[0], now.means[name][0]
        scale = spread(mean, widths.extra[:, None])
        for place in range(len(levels)):
            half = widths.reach[:, buckets, place] * scale
            inside = np.abs(actual - mean) <= half
            found[place, number] = np.where(np.isnan(half) | np.isnan(actual), np.nan, inside)
    return found


def share(inside: Floats) -> float | None:
    """Share of ones among the known; None when nothing is known."""
    known = inside[~np.isnan(inside)]
    return float(known.sum() / len(known)) if len(known) else None


def report(done: Walk, judged: Ints, series: Sequence[int], levels: Sequence[int]) -> dict[str, Any]:
    """Accuracy and realised coverage of the model over the judged windows, beside the simple rules."""
    window = done.at(judged)
    inside = covered(done, judged, MODEL, [level / 100 for level in levels])
    return {**_figures(window, MODEL, inside, series, levels), "baselines": _baselines(window, series)}


def by_channel(done: Walk, judged: Ints, levels: Sequence[int]) -> dict[str, dict[str, Any]]:
    """The same for every series alone."""
    window = done.at(judged)
    inside = covered(done, judged, MODEL, [level / 100 for level in levels])
    return {
        channel: {**_figures(window, MODEL, inside, [place], levels), "baselines": _baselines(window, [place])}
        for place, channel in enumerate(done.panel.channels)
    }


def _figures(window: Walk, name: str, inside: Floats, series: Sequence[int], levels: Sequence[int]) -> dict[str, Any]:
    realised = {str(level): share(inside[place][:, list(series)]) for place, level in enumerate(levels)}
    return {**accuracy(window, name, series), "coverage": realised}


def _baselines(window: Walk, series: Sequence[int]) -> dict[str, dict[str, float | None]]:
    return {rule: accuracy(window, rule, series) for rule in RULES}


def series_of(panel: Panel, channels: bool) -> list[int]:
    """Places of the series judged together: the channels, or the total alone."""
    return [place for place, name in enumerate(panel.channels) if (name == ALL) is not channels]
