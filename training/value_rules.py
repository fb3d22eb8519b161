"""What a value model must beat: last year's spend pro rata, and the same drawn towards everybody's."""

from __future__ import annotations

import numpy as np

from training.bundle.expected_value import Spending
from training.bundle.rowwise import Floats
from training.value_rows import ValueRows

RULES = ("pro_rata", "shrunk")
PRIOR_DAYS = (15.0, 30.0, 60.0, 120.0, 240.0, 480.0, 960.0)


def fit_spending(rows: ValueRows, observation_days: int) -> Spending:
    """The rules learned: anybody's rate, and how many days of it count, by Tweedie deviance on the rows.

    rows: some amount above 0 among their outcomes.
    """
    mean = float(np.mean(rows.rate))
    tried = [Spending(mean, days, observation_days) for days in PRIOR_DAYS]
    return min(tried, key=lambda one: deviance(rows.rate, one.shrunk(rows.spent, rows.tenure_days)))


def rule_rates(spending: Spending, rule: str, spent: Floats, tenure_days: Floats) -> Floats:
    """Amount a day by the rule named, before it is put level, [rows]."""
    return spending.pro_rata(spent, tenure_days) if rule == "pro_rata" else spending.shrunk(spent, tenure_days)


def level(truth: Floats, said: Floats) -> float:
    """What `said` is multiplied by to add up to the truth; 1 where nothing was said."""
    total = float(np.sum(said))
    return float(np.sum(truth)) / total if total > 0 else 1.0


def deviance(truth: Floats, said: Floats) -> float:
    """Mean Tweedie deviance of power 1.5 up to what depends on the truth alone; `said` above 0."""
    root = np.sqrt(said)
    return float(np.mean(truth / root + root))
