"""The honest grade of a churn model, A to D, beside the best simple rule."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.bootstrap import percentiles
from training.bundle.rowwise import Floats
from training.compared import Compared

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


def grade(compared: Compared, score: str = "model") -> Grade:
    """Grade one score beside the best of the others, the rules, in average precision.

    A: gain of at least .10 and its paired bootstrap interval clear of 0; B: clear of 0; C: not clear; D: worse.
    """
    rules = sorted(set(compared.scores) - {score})
    rule = max(rules, key=lambda name: compared.marks[name][1])
    found = _gain(np.array(compared.marks[score][1]), np.array(compared.marks[rule][1]))
    low, high = percentiles(_gain(compared.drawn[score][:, 1], compared.drawn[rule][:, 1]))
    return Grade(letter_of(float(found), low), rule, float(found), (low, high))


def _gain(score: Floats, rule: Floats) -> Floats:
    """What is gained of what the rule leaves to gain; 0 where it leaves nothing."""
    leaves = 1 - rule
    return np.where(leaves > 0, (score - rule) / np.where(leaves > 0, leaves, 1.0), 0.0)


def letter_of(gain: float, low: float) -> str:
    """The grade of a gain whose interval begins at `low`."""
    if low > 0:
        return "A" if gain >= GAIN_OF_AN_A else "B"
    return "C" if gain >= 0 else "D"
