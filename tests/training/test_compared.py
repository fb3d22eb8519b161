import numpy as np
import pytest

from training import metrics
from training.bootstrap import RESAMPLES, draws, interval
from training.compared import Compared

RANDOM = np.random.default_rng(2)
TRUTH = (RANDOM.random(120) < 0.3).astype(np.float64)
SCORES = {"model": RANDOM.random(120) + TRUTH, "rule": np.round(RANDOM.random(120), 1)}


def test_each_score_has_the_figures_it_has_alone() -> None:
    compared = Compared(TRUTH, SCORES)
    for name, score in SCORES.items():
        assert compared.marks[name] == (metrics.auc(TRUTH, score), metrics.average_precision(TRUTH, score))
        ranked = metrics.Ranked(TRUTH, score)
        assert compared.intervals(name) == (interval(ranked.auc, 120), interval(ranked.average_precision, 120))


def test_scores_are_measured_on_the_same_draws() -> None:
    compared = Compared(TRUTH, {**SCORES, "again": SCORES["model"]})
    assert compared.drawn["model"].shape == (RESAMPLES, 2)
    assert (compared.drawn["again"] == compared.drawn["model"]).all()
    first = next(draws(120)).astype(int)
    copies = np.repeat(TRUTH, first), np.repeat(SCORES["rule"], first)
    expected = metrics.auc(*copies), metrics.average_precision(*copies)
    assert tuple(compared.drawn["rule"][0]) == pytest.approx(expected)
