"""LightGBM on the rows of the hazard: how many trees, fitted how, put level on later rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np

from training.bundle.churn import TreeHazard
from training.churn_rows import Rows
from training.logistic import fit_logistic

# No class weights: they would ruin the probabilities. Deterministic with fixed threads: same data, same trees.
PARAMETERS: dict[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.05,
    "num_leaves": 15,
    "min_data_in_leaf": 100,
    "feature_fraction": 0.7,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "seed": 7,
    "deterministic": True,
    "force_col_wise": True,
    "verbose": -1,
}
# Threads follow from the rows alone: trees may differ in a last bit with the number of threads.
ROWS_FOR_TWO_THREADS = 50_000
MOST_ROUNDS, PATIENCE = 500, 30
# Where no later rows can say how many trees: few, so that they can't learn much noise.
ROUNDS_UNSEEN = 60
# A slope learned on few rows is drawn to 1 as if by this many squared log-odds.
SLOPE_PRIOR = 10.0


@dataclass(frozen=True)
class Level:
    """How many trees, and the intercept and slope that put their log-odds level, as learned on later rows."""

    rounds: int
    intercept: float
    slope: float


def fit(rows: Rows, columns: Sequence[str], rounds: int) -> lgb.Booster:
    """`rounds` trees on these rows."""
    return lgb.train(_parameters(rows), _dataset(rows, columns), rounds)


def level_on(rows: Rows, later: Rows, columns: Sequence[str]) -> Level:
    """Trees fitted on `rows` and stopped where log loss on the `later` rows no longer falls; then put level there."""
    data = _dataset(rows, columns)
    stop = lgb.early_stopping(PATIENCE, verbose=False)
    seen = data.create_valid(later.inputs, later.came_back)
    booster = lgb.train(_parameters(rows), data, MOST_ROUNDS, valid_sets=[seen], callbacks=[stop])
    rounds = max(1, booster.best_iteration)
    return Level(rounds, *_intercept_and_slope(booster, rounds, later))


def level_again(booster: lgb.Booster, level: Level, later: Rows) -> Level:
    """The same number of trees, put level on rows later still."""
    return Level(level.rounds, *_intercept_and_slope(booster, level.rounds, later))


def hazard(booster: lgb.Booster, level: Level) -> TreeHazard:
    """The trees, put level, as the bundle would serve them."""
    return TreeHazard(booster, level.intercept, level.slope)


def _intercept_and_slope(booster: lgb.Booster, rounds: int, later: Rows) -> tuple[float, float]:
    raw = np.asarray(booster.predict(later.inputs, raw_score=True, num_iteration=rounds), dtype=np.float64)
    return fit_logistic(raw, later.came_back, prior_slope=1.0, prior_weight=SLOPE_PRIOR)


def _dataset(rows: Rows, columns: Sequence[str]) -> lgb.Dataset:
    return lgb.Dataset(rows.inputs, rows.came_back, feature_name=list(columns))


def _parameters(rows: Rows) -> dict[str, Any]:
    # In small data a leaf of a hundred would leave no room for a split.
    leaf = int(min(PARAMETERS["min_data_in_leaf"], max(10, rows.came_back.size // 50)))
    threads = 2 if rows.came_back.size >= ROWS_FOR_TWO_THREADS else 1
    return {**PARAMETERS, "min_data_in_leaf": leaf, "num_threads": threads}
