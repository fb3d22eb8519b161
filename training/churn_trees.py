"""The hazard learned: LightGBM from a linear score on, how many trees, and fitted how.

The trees alone can't say what lies beyond their rows, such as the later steps of a horizon never followed to its
end, and need many rows. A linear score of the same columns can, with few: they start from it and learn what it misses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb

from training.bundle.churn import LearnedHazard
from training.bundle.linear import Linear
from training.bundle.rowwise import Floats
from training.churn_linear import fit_linear
from training.churn_rows import Rows

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


@dataclass(frozen=True)
class Learned:
    """A linear score and the trees that go on from it."""

    linear: Linear
    booster: lgb.Booster

    @property
    def rounds(self) -> int:
        """How many trees."""
        return max(1, int(self.booster.best_iteration))


def fit(rows: Rows, columns: Sequence[str], rounds: int) -> Learned:
    """The linear score of these rows, and `rounds` trees from it on."""
    inputs = rows.inputs
    linear = fit_linear(inputs, rows.happened)
    return Learned(linear, lgb.train(_parameters(rows), _dataset(rows, inputs, columns, linear), rounds))


def rounds_on(rows: Rows, later: Rows, columns: Sequence[str]) -> Learned:
    """Trees fitted on `rows`, stopped where log loss on the `later` rows no longer falls."""
    inputs = rows.inputs
    linear = fit_linear(inputs, rows.happened)
    data = _dataset(rows, inputs, columns, linear)
    stop = lgb.early_stopping(PATIENCE, verbose=False)
    seen = data.create_valid(later.inputs, later.happened, init_score=linear.log_odds(later.inputs))
    return Learned(linear, lgb.train(_parameters(rows), data, MOST_ROUNDS, valid_sets=[seen], callbacks=[stop]))


def hazard(learned: Learned) -> LearnedHazard:
    """What was learned, not yet put level."""
    return LearnedHazard(learned.linear, learned.booster, 0.0, 1.0)


def _dataset(rows: Rows, inputs: Floats, columns: Sequence[str], linear: Linear) -> lgb.Dataset:
    return lgb.Dataset(inputs, rows.happened, init_score=linear.log_odds(inputs), feature_name=list(columns))


def _parameters(rows: Rows) -> dict[str, Any]:
    # In small data a leaf of a hundred would leave no room for a split.
    leaf = int(min(PARAMETERS["min_data_in_leaf"], max(10, rows.happened.size // 50)))
    threads = 2 if rows.happened.size >= ROWS_FOR_TWO_THREADS else 1
    return {**PARAMETERS, "min_data_in_leaf": leaf, "num_threads": threads}
