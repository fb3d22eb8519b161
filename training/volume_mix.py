"""Several forecasts mixed into one: weights that would have done best on past windows, held back where those are few.

The weights of a series and horizon bucket are not negative and add up to 1 (Granger and Ramanathan 1984, constrained).
They minimise the absolute errors of windows whose outcome was known, newer ones weighing more, drawn towards the
weights of all series together and those towards a prior.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from training.bundle.volume_widths import bucket_of
from training.volume_model import LAST_YEAR, LEARNED
from training.volume_panel import Floats

# After half a year of weeks a window counts half.
_HALF_LIFE_WINDOWS = 26.0
# Windows' worth of trust in the broader weights.
_PRIOR_WINDOWS = 6.0
# What is mixed, and its weights before anything is known: of a learned forecast that has seen a year and more six
# tenths (less of one that has seen less), the rest among the simple ones.
_LEARNED_SHARE = 0.6
_SIMPLE = {"smooth": 0.5, "smooth_quick": 0.2, "smooth_trend": 0.15, LAST_YEAR: 0.15}
MIXED = (LEARNED, *_SIMPLE)
_ROUNDS, _STEPS = 4, 60


def prior(years: float) -> Floats:
    """Weights of MIXED before any window is known, after so many years of counts."""
    learned = _LEARNED_SHARE * min(1.0, years)
    return np.array([learned, *((1 - learned) * share for share in _SIMPLE.values())])


def weights(actual: Floats, means: Mapping[str, Floats], season: int, prior: Floats) -> Floats:
    """Weights [series, buckets, MIXED] from past windows [windows, series, horizon], oldest first; NaN: not known.

    A bucket nobody knows yet takes the weights of the one before it.
    """
    stacked = np.stack([means[name] for name in MIXED], axis=-1)
    windows, count, horizon, forecasts = stacked.shape
    buckets = bucket_of(np.arange(1, horizon + 1), season)
    found = np.zeros((count, int(buckets.max()) + 1, forecasts))
    before = np.tile(prior, (count, 1))
    for bucket in range(found.shape[1]):
        steps = buckets == bucket
        if windows and steps.any():
            before = _of_bucket(actual[:, :, steps], stacked[:, :, steps], before, prior)
        found[:, bucket] = before
    return found


def mixed(means: Mapping[str, Floats], weighing: Floats, season: int) -> Floats:
    """The mix [..., series, horizon] of forecasts of that shape."""
    stacked = np.stack([means[name] for name in MIXED], axis=-1)
    buckets = bucket_of(np.arange(1, stacked.shape[-2] + 1), season)
    # A term at a time, in one order: the same sum on any machine.
    total = np.zeros(stacked.shape[:-1])
    for place in range(stacked.shape[-1]):
        total = total + stacked[..., place] * weighing[:, buckets, place]
    return total


def _of_bucket(actual: Floats, stacked: Floats, before: Floats, prior: Floats) -> Floats:
    """Weights [series, forecasts] of one bucket: actual [windows, series, steps], stacked [..., forecasts]."""
    known = np.isfinite(actual)
    if not known.any():
        return before
    errors = np.where(known[..., None], stacked - np.where(known, actual, 0.0)[..., None], 0.0)
    size = np.maximum(np.where(known, actual, 0.0).sum(axis=(0, 2)) / np.maximum(known.sum(axis=(0, 2)), 1), 0.25)
    errors = errors / size[None, :, None, None]
    # Newest window first: a window without any known outcome ages nobody.
    newer = np.cumsum(np.asarray(known.any(axis=(1, 2)))[::-1])[::-1] - 1
    age = 0.5 ** (newer / _HALF_LIFE_WINDOWS)
    cell = np.where(known, age[:, None, None], 0.0) / actual.shape[2]
    # Series with large relative noise would own the pool.
    noise = np.maximum(
        (cell[..., None] * np.abs(errors)).sum(axis=(0, 2, 3)) / np.maximum(cell.sum(axis=(0, 2)), 1e-9), 1e-9
    )
    pooled = _least(errors / noise[None, :, None, None], cell, prior, together=True)
    return _least(errors / noise[None, :, None, None], cell, pooled, together=False)


def _least(errors: Floats, cell: Floats, towards: Floats, together: bool) -> Floats:
    """Weights of least absolute error, by repeatedly reweighted squares."""
    count = errors.shape[1]
    start = np.tile(towards, (count, 1)) if towards.ndim == 1 else towards
    found = start
    for _ in range(_ROUNDS):
        left = np.abs((errors * found[None, :, None, :]).sum(axis=3))
        reweighted = cell / np.maximum(left, 0.05)
        products = np.einsum("wsh,wshi,wshj->sij", reweighted, errors, errors)
        trust = (
            _PRIOR_WINDOWS
            * np.trace(products, axis1=1, axis2=2)
            / np.maximum(cell.sum(axis=(0, 2)), 1e-9)
            / products.shape[1]
        )
        if together:
            products = np.tile(products.sum(axis=0) / count, (count, 1, 1))
            trust = np.full(count, trust.mean())
        found = _descend(products, trust, start)
    return found


def _descend(products: Floats, trust: Floats, towards: Floats) -> Floats:
    """Minimise w'Pw + trust |w - towards|^2 over weights that add up to 1, by exponentiated gradients."""
    found = (towards + 1e-4) / (towards + 1e-4).sum(axis=1, keepdims=True)
    rate = 0.7 / np.maximum(np.abs(products).max(axis=(1, 2)) + trust, 1e-9)
    for _ in range(_STEPS):
        slope = np.einsum("sij,sj->si", products, found) + trust[:, None] * (found - towards)
        slope = slope - (slope * found).sum(axis=1, keepdims=True)
        found = found * np.exp(-np.clip(rate[:, None] * slope, -1.0, 1.0) * 4)
        found = found / found.sum(axis=1, keepdims=True)
    return np.asarray(found)
