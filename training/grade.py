"""The honest grade of a churn model, A to D, beside the best simple rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from training import metrics
from training.bundle.rowwise import Floats

GAIN_OF_AN_A = 0.10


@dataclass(frozen=True)
class Grade:
    """`gain` = (AP - AP of the rule) / (1 - AP of the rule) in average precision, with its bootstrap interval."""

    letter: str
    rule: str
    gain: float
    interval: tuple[float, float]

    @property
    def beats_the_rule(self) -> bool:
        """Whether the model is clearly better than the rule: then it may be served."""
        return self.letter in ("A", "B")


def grade(truth: Floats, score: Floats, rules: Mapping[str, Floats], seed: int = 0) -> Grade:
    """Grade `score` beside the best of `rules` in average precision; all arrays [customers], higher is riskier.

    A: gain of at least .10 and its paired bootstrap interval clear of 0; B: clear of 0; C: not clear; D: worse.
    """
    rule = max(sorted(rules), key=lambda name: metrics.average_precision(truth, rules[name]))
    model_of = metrics.by_rank(truth, score, "average_precision")
    rule_of = metrics.by_rank(truth, rules[rule], "average_precision")

    def gain(weight: Floats) -> float:
        best = rule_of(weight)
        return (model_of(weight) - best) / (1 - best) if best < 1 else 0.0

    found = gain(np.ones(truth.size))
    low, high = metrics.interval(gain, truth.size, seed)
    return Grade(letter_of(found, low), rule, found, (low, high))


def letter_of(gain: float, low: float) -> str:
    """The grade of a gain whose interval begins at `low`."""
    if low > 0:
        return "A" if gain >= GAIN_OF_AN_A else "B"
    return "C" if gain >= 0 else "D"
