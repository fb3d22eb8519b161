"""One LightGBM over all series, for every horizon at once: learns how counts differ from the plain base forecast."""

from __future__ import annotations

from typing import Any

import lightgbm as lgb
import numpy as np

from training.volume_calendar import Days
from training.volume_features import FEATURES, finite, rows, sampled
from training.volume_panel import Floats, Ints, Panel

LEARNED, LEVEL, LAST_YEAR = "lightgbm", "level", "last_year"
ROUNDS = 120
MOST_ROWS = 150_000
PARAMETERS: dict[str, Any] = {
    "objective": "l2",
    "learning_rate": 0.03,
    "num_leaves": 15,
    "min_data_in_leaf": 20,
    "lambda_l2": 50.0,
    "feature_fraction": 0.7,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "seed": 7,
    "deterministic": True,
    "force_col_wise": True,
    # On a busy machine of two cores two threads wait for each other: 80 s where one took 4.6.
    "num_threads": 1,
    "verbose": -1,
}
# Spread of counts around their mean beyond Poisson, as a share of the mean: keeps one big channel from owning the fit.
_EXTRA_SPREAD = 0.02
_FARTHEST = 4.0


def fit(
    panel: Panel, days: Days | None, horizon: int, per_target: int = 10, parameters: Any = None, rounds: int = ROUNDS
) -> lgb.Booster | None:
    """Fit on all targets of the panel at horizons 1..horizon; None when nothing can be learned from yet."""
    first = 2 * panel.grain.a_week if panel.grain.season > 1 else 8
    origin, target = sampled(panel.periods, horizon, first, per_target)
    count = len(panel.channels)
    stride = _stride(len(origin) * count)
    origin, target = origin[::stride], target[::stride]
    series = np.repeat(np.arange(count, dtype=np.int64), len(origin))
    origin, target = np.tile(origin, count), np.tile(target, count)
    actual = panel.counts[series, target]
    known = ~np.isnan(actual)
    series, origin, target, actual = series[known], origin[known], target[known], actual[known]
    built = rows(panel, days, series, origin, target)
    useful = finite(built.matrix)
    if useful.sum() < 200:
        return None
    error = np.minimum((actual - built.base) / built.scale, _FARTHEST)
    weight = _weights(series, built.scale, count)
    data = lgb.Dataset(built.matrix[useful], error[useful], weight=weight[useful], feature_name=list(FEATURES))
    return lgb.train({**PARAMETERS, **(parameters or {})}, data, rounds)


def _stride(rows: int) -> int:
    """Every how many rows are enough: a prime that is no part of a day or a week, so that all hours get their turn."""
    return next(prime for prime in (1, 5, 11, 17, 29, 53, 97, 193, 389) if rows / prime <= MOST_ROWS or prime == 389)


def _weights(series: Ints, scale: Floats, count: int) -> Floats:
    """Within a series a period weighs by its size (as WAPE does), a series by how well its counts can be known."""
    sizes = np.bincount(series, weights=scale, minlength=count) / np.maximum(np.bincount(series, minlength=count), 1)
    size = np.maximum(sizes[series], 1e-9)
    return np.asarray(scale / size / (1 / size + _EXTRA_SPREAD))


def predict(booster: lgb.Booster | None, panel: Panel, days: Days | None, origins: Ints, horizon: int) -> Floats:
    """Expected counts [origins, series, horizon]; the plain base forecast where there is no booster."""
    return forecasts(booster, panel, days, origins, horizon)[LEARNED]


def forecasts(
    booster: lgb.Booster | None, panel: Panel, days: Days | None, origins: Ints, horizon: int
) -> dict[str, Floats]:
    """Expected counts [origins, series, horizon] by LightGBM and by what its features hold ready.

    lightgbm; level: recent level x weekly profile; last_year: the count a year before x the growth of the last four
    weeks over a year, level where that isn't known.
    """
    series, origin, target = grid(len(panel.channels), origins, horizon)
    built = rows(panel, days, series, origin, target)
    learned = built.base
    if booster is not None:
        learned = np.maximum(learned + built.scale * booster.predict(built.matrix, num_threads=1), 0.0)
    carried = built.matrix[:, FEATURES.index("last_year_carried")] * built.scale
    found = {LEARNED: learned, LEVEL: built.base, LAST_YEAR: np.where(np.isnan(carried), built.base, carried)}
    shape = (len(origins), len(panel.channels), horizon)
    return {name: np.asarray(mean).reshape(shape) for name, mean in found.items()}


def grid(count: int, origins: Ints, horizon: int) -> tuple[Ints, Ints, Ints]:
    """Series, origin and target of every cell of an array [origins, series, horizon]."""
    origin, series, step = np.meshgrid(origins, np.arange(count), np.arange(horizon), indexing="ij")
    return series.ravel(), origin.ravel(), (origin + step).ravel()
