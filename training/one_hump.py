"""A distribution with several clear humps, smoothed until it has one; others are left as they are."""

from __future__ import annotations

import numpy as np

from training.bundle.rowwise import Floats

# In spreads: two equal normal humps need a smoothing of half a spread from 2.6 of their own spreads apart on.
CLEARLY_SEVERAL = 0.5
_GRID, _MOST = 256, 1.5


def one_hump(values: Floats, random: np.random.Generator) -> Floats:
    """The values, or, where their logs have several clear humps, values of one hump with the same mean and spread.

    The smoothed bootstrap at the critical bandwidth, the least at which a Gaussian kernel density has one mode
    (Silverman 1981), of the logs. Values of 0 or less stay.
    """
    positive = values > 0
    logs = np.log(values[positive])
    spread = float(np.std(logs)) if logs.size else 0.0
    if not spread > 0 or _modes(logs, CLEARLY_SEVERAL * spread) < 2:
        return values
    low, high = CLEARLY_SEVERAL, _MOST
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (middle, high) if _modes(logs, middle * spread) > 1 else (low, middle)
    smoothed = logs + high * spread * random.normal(size=logs.size)
    centre = float(np.mean(logs))
    result = values.copy()
    result[positive] = np.exp(centre + (smoothed - centre) / np.sqrt(1 + high**2))
    return result


def _modes(values: Floats, bandwidth: float) -> int:
    """Modes of the Gaussian kernel density, on a grid."""
    edges = np.linspace(values.min() - 3 * bandwidth, values.max() + 3 * bandwidth, _GRID + 1)
    counts = np.histogram(values, edges)[0].astype(np.float64)
    steps = (np.arange(2 * _GRID + 1) - _GRID) * (edges[1] - edges[0])
    density = np.convolve(counts, np.exp(-0.5 * (steps / bandwidth) ** 2))[_GRID : 2 * _GRID]
    slopes = np.sign(np.diff(density))
    slopes = slopes[slopes != 0]
    return int(((slopes[:-1] > 0) & (slopes[1:] < 0)).sum())
