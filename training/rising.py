"""Whether something is said more often lately, tested so that false alarms stay within a budget."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from training.bundle.rowwise import Floats

RECENT_WEEKS, WEEKS_BEFORE = 4, 12
# Of a family of tests in data where nothing changes, one in twenty may raise an alarm; it is shared among all tests.
BUDGET = 0.05
_LEAST_RATIO, _LEAST_COUNT = 1.25, 10


@dataclass(frozen=True)
class Change:
    """Of each thing: share of contacts in the recent weeks and before, p-value of no rise, and whether it rises."""

    share: Floats
    share_before: Floats
    p_value: Floats
    rises: npt.NDArray[np.bool_]


def changes(counts: Floats, totals: Floats, budget: float = BUDGET) -> Change:
    """counts: [things, weeks], totals: [weeks] of all contacts; the last RECENT_WEEKS against those before.

    Two proportions are compared by a t test with the spread from week to week that the weeks before show (Pearson's
    statistic / its degrees of freedom, at least 1: McCullagh and Nelder 1989, 4.5), and by the exact binomial test,
    which a small count needs; what was said every week is also compared by the log-odds of weeks, since weeks sway by
    factors. The largest p-value counts. A rise must be clear at budget / things (Bonferroni), of a
    quarter or more, and of ten contacts or more. With fewer than four weeks before nothing rises.
    """
    now, before = counts[:, -RECENT_WEEKS:], counts[:, :-RECENT_WEEKS]
    all_now, all_before = totals[-RECENT_WEEKS:].sum(), totals[:-RECENT_WEEKS].sum()
    things = counts.shape[0]
    share, earlier = _share(now.sum(axis=1), all_now), _share(before.sum(axis=1), all_before)
    if before.shape[1] < RECENT_WEEKS or not all_now or not all_before or not things:
        return Change(share, earlier, np.ones(things), np.zeros(things, dtype=bool))
    pooled = _share(counts.sum(axis=1), totals.sum())
    spread = np.sqrt(
        _dispersion(before, totals[:-RECENT_WEEKS]) * pooled * (1 - pooled) * (1 / all_now + 1 / all_before)
    )
    t = np.divide(share - earlier, spread, out=np.zeros(things), where=spread > 0)
    exact = stats.binom.sf(now.sum(axis=1) - 1, counts.sum(axis=1), all_now / (all_now + all_before))
    p_value = np.maximum.reduce([stats.t.sf(t, before.shape[1] - 1), exact, _by_log_odds(counts, totals)])
    large = (share >= _LEAST_RATIO * earlier) & (now.sum(axis=1) >= _LEAST_COUNT)
    return Change(share, earlier, p_value, large & (p_value < budget / things))


def _share(count: Floats, total: float) -> Floats:
    found: Floats = count / total if total else np.zeros_like(count)
    return found


def _by_log_odds(counts: Floats, totals: Floats) -> Floats:
    """p-value of a two-sample t test of the weeks' log-odds; 0, no objection, of what was said less than weekly."""
    odds = np.log((counts + 0.5) / (totals - counts + 0.5))
    now, before = odds[:, -RECENT_WEEKS:], odds[:, :-RECENT_WEEKS]
    free = odds.shape[1] - 2
    squares = sum(((part - part.mean(axis=1)[:, None]) ** 2).sum(axis=1) for part in (now, before))
    noise = (1 / (counts + 0.5)).mean(axis=1)
    spread = np.sqrt(np.maximum(squares / free, noise) * (1 / now.shape[1] + 1 / before.shape[1]))
    p_value = stats.t.sf((now.mean(axis=1) - before.mean(axis=1)) / spread, free)
    return np.where(counts[:, :-RECENT_WEEKS].mean(axis=1) >= 1, p_value, 0.0)


def _dispersion(before: Floats, totals: Floats) -> Floats:
    share = before.sum(axis=1) / totals.sum()
    expected = np.outer(share, totals)
    variance = expected * (1 - share)[:, None]
    pearson = np.divide((before - expected) ** 2, variance, out=np.zeros_like(before), where=variance > 0).sum(axis=1)
    found: Floats = np.maximum(1.0, pearson / (before.shape[1] - 1))
    return found
