"""The steps a horizon is cut into, and the rows (customer, step) that a hazard is learned on and asked for."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.bundle.rowwise import Floats, softplus

# A longer step would hide when in it a customer came back.
LONGEST_STEP_DAYS = 31
_DAYS_A_YEAR = 365.25
_HALF = math.log(2)

STEP_FEATURES = ("step_start_days", "step_days")
SEASON_FEATURES = ("season_sin", "season_cos")


@dataclass(frozen=True)
class Steps:
    """`edges`: days after the cutoff between which steps lie, the first 0; `horizons`: the steps each horizon takes."""

    edges: tuple[float, ...]
    horizons: tuple[int, ...]

    @property
    def count(self) -> int:
        return len(self.edges) - 1

    @property
    def longest(self) -> float:
        """Days from the cutoff to the end of the last step."""
        return self.edges[-1]


def steps(horizon_days: Sequence[int], longest_days: float = LONGEST_STEP_DAYS) -> Steps:
    """Cut `horizon_days` into steps no longer than the first horizon, 31 days or `longest_days`.

    (30, 60, 90) gives three steps of 30 days, (7, 14, 28) four of 7, (273,) nine of 30.3, (28,) in a week's steps four.
    """
    longest = min(horizon_days[0], LONGEST_STEP_DAYS, longest_days)
    edges = [0.0]
    horizons = []
    for horizon in horizon_days:
        begin = edges[-1]
        parts = math.ceil((horizon - begin) / longest)
        edges.extend(begin + (horizon - begin) * part / parts for part in range(1, parts + 1))
        horizons.append(len(edges) - 1)
    return Steps(tuple(edges), tuple(horizons))


def step_columns(edges: Sequence[float], step: int, day_of_year: Floats, seasonal: bool) -> Floats:
    """The columns that describe a step, [rows, 2 or 4]: its start and length, and the season it starts in.

    `day_of_year` is that of each row's cutoff, 0 to 366.
    """
    start, length = edges[step], edges[step + 1] - edges[step]
    columns = [np.full(day_of_year.size, start), np.full(day_of_year.size, length)]
    if seasonal:
        angle = 2 * math.pi * (day_of_year + start) / _DAYS_A_YEAR
        columns += [_each_angle(math.sin, angle), _each_angle(math.cos, angle)]
    return np.column_stack(columns)


def _each_angle(function: Callable[[float], float], angles: Floats) -> Floats:
    return np.fromiter(map(function, angles.tolist()), dtype=np.float64, count=angles.size)


def silence(hazards: Sequence[Floats], horizons: Sequence[int]) -> Floats:
    """Probability of no event up to each horizon, [rows, horizons]: the running product of 1 - hazard.

    Discrete-time survival (Cox 1972; Singer and Willett 1993), here of silence: the hazard of a step is the probability
    of the first event in it, given none before. A running product of numbers up to 1 can't rise.
    """
    running = np.ones(hazards[0].size)
    curve = []
    for hazard in hazards:
        running = running * (1.0 - hazard)
        curve.append(running)
    return np.column_stack([curve[horizon - 1] for horizon in horizons])


def median(log_odds: Floats, edges: Sequence[float]) -> Floats:
    """Days until the silence of each row of log-odds [rows, steps] falls to one half; NaN where it never does."""
    result = np.full(log_odds.shape[0], np.nan)
    reached = np.zeros(log_odds.shape[0])
    for step, odds in enumerate(log_odds.T):
        # softplus(log-odds) = -log(1 - hazard): what the step takes off the log of silence.
        taken = softplus(np.ascontiguousarray(odds))
        crosses = np.isnan(result) & (reached + taken >= _HALF)
        share = (_HALF - reached) / np.where(taken > 0, taken, 1.0)
        result = np.where(crosses, edges[step] + share * (edges[step + 1] - edges[step]), result)
        reached = reached + taken
    return result


def day_of_year(cutoffs: npt.NDArray[np.datetime64]) -> Floats:
    """Days since the first of January of each cutoff's UTC year."""
    days = cutoffs.astype("datetime64[D]")
    result: Floats = (days - cutoffs.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.float64)
    return result
