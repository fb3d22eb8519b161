"""How good expected amounts are: the total, the order of customers, and the level in each tenth of them.

`truth` is what was ordered in the horizon, `said` what was expected, both company currency, [customers].
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy.stats import rankdata

from training import bootstrap
from training.bundle.rowwise import Floats
from training.grade import Grade, letter_of

TOP = 0.1
_TENTHS = 10


def value_quality(truth: Floats, said: Floats, intervals: bool = True) -> dict[str, Any]:
    """Figures of one model or rule; None where one can't be computed.

    bias: total expected / total ordered - 1. mae: mean distance, company currency. spearman: rank correlation.
    top_tenth_share: of all that was ordered, what the tenth of customers expected to order most did. gini: how well
    the amounts are sorted, 1 as by the truth, 0 as by chance. Each *_interval: bootstrap, 95 %, where
    `intervals` are asked for.
    """
    curve = ranked(truth, said)

    def drawn(weight: Floats) -> tuple[float, ...]:
        return (_bias(truth * weight, said * weight), *curve(weight))

    names = ("bias", "gini", "top_tenth_share")
    figures: dict[str, Any] = {
        **dict(zip(names, drawn(np.ones(truth.size)), strict=True)),
        "mae": float(np.mean(np.abs(said - truth))),
        "spearman": spearman(truth, said),
    }
    if intervals:
        every = bootstrap.drawn(drawn, truth.size)
        figures |= {f"{name}_interval": bootstrap.percentiles(one) for name, one in zip(names, every.T, strict=True)}
    return {name: _for_json(value) for name, value in figures.items()}


def tenths(truth: Floats, said: Floats) -> list[dict[str, float]]:
    """Customers in ten equal parts by what was expected of them: mean `said` and mean `ordered`, the least first."""
    order = np.argsort(said, kind="stable")
    return [
        {"customers": int(part.size), "said": float(np.mean(said[part])), "ordered": float(np.mean(truth[part]))}
        for part in np.array_split(order, _TENTHS)
        if part.size
    ]


def value_grade(truth: Floats, said: Floats, rules: Mapping[str, Floats], seed: int = 0) -> Grade:
    """Grade `said` beside the best of `rules` by Gini: gain = (G - G of the rule) / (1 - G of the rule).

    A: gain of at least .10 and its paired bootstrap interval clear of 0; B: clear of 0; C: not clear; D: worse.
    """
    every = np.ones(truth.size)
    curves = {rule: ranked(truth, rules[rule]) for rule in sorted(rules)}
    best = max(curves, key=lambda rule: _known(curves[rule](every)[0]))
    ours, theirs = ranked(truth, said), curves[best]

    def gain(weight: Floats) -> float:
        rule = theirs(weight)[0]
        return (ours(weight)[0] - rule) / (1 - rule) if rule < 1 else 0.0

    found = _known(gain(every))
    low, high = (_known(end) for end in bootstrap.interval(gain, truth.size, seed))
    return Grade(letter_of(found, low), best, found, (low, high))


def ranked(truth: Floats, said: Floats) -> Callable[[Floats], tuple[float, float]]:
    """Gini and the share that the top tenth ordered, as a function of weights; sorted once for many draws.

    Customers of equal expectation count alike; what was returned beyond what was ordered counts as nothing.
    """
    amount = np.maximum(truth, 0.0)
    order, best = np.argsort(-said, kind="stable"), np.argsort(-amount, kind="stable")
    falling, ideal = said[order], amount[best]
    starts = np.flatnonzero(np.concatenate([[True], falling[1:] != falling[:-1]]))
    ordered = amount[order]

    def measured(weight: Floats) -> tuple[float, float]:
        ours, perfect = weight[order], weight[best]
        people = np.concatenate([[0.0], np.cumsum(np.add.reduceat(ours, starts))])
        found = np.concatenate([[0.0], np.cumsum(np.add.reduceat(ours * ordered, starts))])
        if found[-1] <= 0:
            return float("nan"), float("nan")
        x, y = people / people[-1], found / found[-1]
        most = np.concatenate([[0.0], np.cumsum(perfect * ideal)]) / found[-1]
        reached = _area(x, y)
        possible = _area(np.concatenate([[0.0], np.cumsum(perfect)]) / people[-1], most)
        return (reached - 0.5) / (possible - 0.5) if possible > 0.5 else float("nan"), float(np.interp(TOP, x, y))

    return measured


def spearman(truth: Floats, said: Floats) -> float:
    """Correlation of the ranks, ties at their middle; NaN where either is the same for everybody."""
    ranks = rankdata(truth), rankdata(said)
    if any(np.ptp(one) == 0 for one in ranks):
        return float("nan")
    return float(np.corrcoef(*ranks)[0, 1])


def _area(x: Floats, y: Floats) -> float:
    return float(np.sum(np.diff(x) * (y[1:] + y[:-1]) / 2))


def _bias(truth: Floats, said: Floats) -> float:
    total = float(np.sum(truth))
    return float(np.sum(said)) / total - 1 if total > 0 else float("nan")


def _known(value: float) -> float:
    return 0.0 if math.isnan(value) else value


def _for_json(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_for_json(part) for part in value]
    return None if math.isnan(value) else value
