"""Intervals as they would have been given at past origins, each from what was known then, and how they did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from training.bundle.volume_widths import bucket_of, spread
from training.volume_intervals import Calibration, adapted, calibrate
from training.volume_panel import Floats, Ints
from training.volume_walk import Walk


@dataclass(frozen=True)
class Given:
    """Of the intervals given at each origin: `inside` 1 where they held the count, 0 where not; `score` the interval
    score (Winkler 1972; Gneiting and Raftery 2007: width + 2/(1 - level) times what the count lay outside by). Both
    [levels, origins, series, horizon], NaN where there was none. asked [series, buckets, levels]: what to ask for
    next."""

    levels: tuple[float, ...]
    origins: Ints
    inside: Floats
    score: Floats
    asked: Floats

    def at(self, origins: Ints) -> Given:
        """The same for some of the origins."""
        chosen = np.isin(self.origins, origins)
        return Given(self.levels, self.origins[chosen], self.inside[:, chosen], self.score[:, chosen], self.asked)


def given(done: Walk, name: str, levels: Sequence[float]) -> Given:
    """The intervals around forecast `name` at every origin of a walk, from the outcomes known there."""
    season, (_, count, horizon) = done.panel.grain.season, done.actual.shape
    buckets = bucket_of(np.arange(1, horizon + 1), season)
    asked = np.tile(np.array(levels), (count, int(buckets.max()) + 1, 1))
    inside = np.full((len(levels), *done.actual.shape), np.nan)
    score = inside.copy()
    heard = np.zeros(int(buckets.max()) + 1, np.int64)
    for number, origin in enumerate(done.origins):
        past = done.known_before(int(origin))
        for bucket in range(len(heard)):
            steps = np.flatnonzero(buckets == bucket)
            # A window counts once all of the bucket's steps are over; they end in the order of their origins.
            while heard[bucket] < number and done.end(int(heard[bucket]), int(steps[-1])) <= origin:
                held = _shares(inside[:, heard[bucket]][:, :, steps])
                asked[:, bucket] = adapted(asked[:, bucket], levels, held)
                heard[bucket] += 1
        if len(past.origins) == 0:
            continue
        widths = calibrate(past.actual, past.means[name], season, levels, asked)
        for place, level in enumerate(levels):
            half = half_widths(widths, done.means[name][number], buckets, place)
            inside[place, number], score[place, number] = _judged(
                done.actual[number], done.means[name][number], half, level
            )
    return Given(tuple(levels), done.origins, inside, score, asked)


def half_widths(widths: Calibration, mean: Floats, buckets: Ints, place: int) -> Floats:
    """Half of the interval [series, horizon] of the level at `place`."""
    return widths.reach[:, buckets, place] * spread(mean, widths.extra[:, None])


def _judged(actual: Floats, mean: Floats, half: Floats, level: float) -> tuple[Floats, Floats]:
    lower, upper = np.maximum(mean - half, 0.0), mean + half
    unknown = np.isnan(half) | np.isnan(actual)
    held = (actual >= lower) & (actual <= upper)
    outside = np.maximum(lower - actual, 0.0) + np.maximum(actual - upper, 0.0)
    score = upper - lower + 2 / (1 - level) * outside
    return np.where(unknown, np.nan, held), np.where(unknown, np.nan, score)


def _shares(inside: Floats) -> Floats:
    """Share [series, levels] of steps [levels, series, steps] that were held; NaN where none is known."""
    known = ~np.isnan(inside)
    held = np.where(known, inside, 0.0).sum(axis=2)
    return np.where(known.any(axis=2), held / np.maximum(known.sum(axis=2), 1), np.nan).T
