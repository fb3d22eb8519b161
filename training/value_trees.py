"""The value model learned: LightGBM with a Tweedie loss, from the shrunk spend on.

Most customers order nothing in the horizon and a few order much: a Tweedie distribution of power 1.5 is such a mix. The
trees multiply the shrunk spend, so that with few rows the model is close to the rule, never far from any reason.
"""

from __future__ import annotations

from typing import Any

import lightgbm as lgb
import numpy as np

from training.bundle.expected_value import Spending
from training.bundle.matrix import FEATURES
from training.value_rows import ValueRows

PARAMETERS: dict[str, Any] = {
    "objective": "tweedie",
    "tweedie_variance_power": 1.5,
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
ROWS_FOR_TWO_THREADS = 50_000
MOST_ROUNDS, PATIENCE = 400, 30
# Where no later rows can say how many trees: few, so that they can't learn much noise.
ROUNDS_UNSEEN = 40


def fit(rows: ValueRows, spending: Spending, rounds: int) -> lgb.Booster:
    """`rounds` trees on from the shrunk spend."""
    return lgb.train(_parameters(rows), _dataset(rows, spending), rounds)


def rounds_on(rows: ValueRows, later: ValueRows, spending: Spending) -> int:
    """How many trees fitted on `rows` until the loss on `later` rows falls no more, one at least."""
    data = _dataset(rows, spending)
    target, start = _target(later, spending)
    seen = data.create_valid(later.inputs, target, init_score=start)
    stop = lgb.early_stopping(PATIENCE, verbose=False)
    booster = lgb.train(_parameters(rows), data, MOST_ROUNDS, valid_sets=[seen], callbacks=[stop])
    return max(1, int(booster.best_iteration))


def _dataset(rows: ValueRows, spending: Spending) -> lgb.Dataset:
    target, start = _target(rows, spending)
    return lgb.Dataset(rows.inputs, target, init_score=start, feature_name=list(FEATURES))


def _target(rows: ValueRows, spending: Spending) -> tuple[Any, Any]:
    """Rates and the logarithm of the shrunk ones in units of anybody's: the currency must not matter."""
    shrunk = spending.shrunk(rows.spent, rows.tenure_days)
    return rows.rate / spending.mean_rate, np.log(shrunk / spending.mean_rate)


def _parameters(rows: ValueRows) -> dict[str, Any]:
    leaf = int(min(PARAMETERS["min_data_in_leaf"], max(10, rows.rate.size // 50)))
    threads = 2 if rows.rate.size >= ROWS_FOR_TWO_THREADS else 1
    return {**PARAMETERS, "min_data_in_leaf": leaf, "num_threads": threads}
