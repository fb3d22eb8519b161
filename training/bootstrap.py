"""How sure one can be of a figure: the same figure of customers drawn again and again (Efron's percentile interval)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from training.bundle.rowwise import Floats

# Draws of an interval and the share of them it covers.
RESAMPLES = 400
COVERED = 0.95


def draws(customers: int, count: int = RESAMPLES, seed: int = 0) -> Iterator[Floats]:
    """`count` draws of as many customers as there are, with replacement: how often each was drawn, [customers].

    The same seed gives the same draws: measures of the same customers are then compared in pairs.
    """
    random = np.random.default_rng(seed)
    for _ in range(count):
        # A hundred thousand numbers counted take a quarter of the time of a multinomial draw.
        yield np.bincount(random.integers(customers, size=customers), minlength=customers).astype(np.float64)


def drawn(measured: Callable[[Floats], Sequence[float]], customers: int, seed: int = 0) -> Floats:
    """The figures `measured(weight)` of each draw, [draws, figures]; all from the same draws, which cost time."""
    return np.array([measured(weight) for weight in draws(customers, seed=seed)], dtype=np.float64)


def percentiles(figure: Floats) -> tuple[float, float]:
    """The interval of one figure's draws; NaN where none is known."""
    known = figure[~np.isnan(figure)]
    if not known.size:
        return float("nan"), float("nan")
    low, high = np.quantile(known, [(1 - COVERED) / 2, (1 + COVERED) / 2])
    return float(low), float(high)


def interval(measured: Callable[[Floats], float], customers: int, seed: int = 0) -> tuple[float, float]:
    """The interval of one figure."""
    return percentiles(drawn(lambda weight: (measured(weight),), customers, seed)[:, 0])
