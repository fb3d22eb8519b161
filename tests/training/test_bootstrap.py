import numpy as np
import pytest

from training import metrics
from training.bootstrap import RESAMPLES, drawn, draws, interval, percentiles
from training.bundle.rowwise import Floats


def sample(rows: int, seed: int) -> tuple[Floats, Floats]:
    """Calibrated probabilities and what came true."""
    random = np.random.default_rng(seed)
    risk = random.beta(1, 3, rows)
    return (random.random(rows) < risk).astype(np.float64), risk


def test_a_draw_has_as_many_as_there_are_each_as_likely_as_any_other() -> None:
    every = np.array(list(draws(50, 2000)))
    assert (every.sum(axis=1) == 50).all()
    assert every.mean(axis=0) == pytest.approx(np.ones(50), abs=0.12)
    # How often one of n is drawn n times is binomial: its variance is 1 - 1/n.
    assert float(every.var()) == pytest.approx(1 - 1 / 50, rel=0.02)


def test_the_same_seed_draws_the_same_and_another_does_not() -> None:
    first, again, other = (np.array(list(draws(20, 3, seed))) for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()
    assert len(list(draws(3))) == RESAMPLES


def test_an_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    inside = 0
    for seed in range(60):
        truth, risk = sample(150, 100 + seed)
        low, high = interval(metrics.Ranked(truth, risk).auc, 150)
        inside += low <= 0.7857 <= high
    large = metrics.auc(*sample(400_000, 1))
    assert large == pytest.approx(0.7857, abs=0.002)
    assert inside >= 50


def test_the_interval_of_a_mean_is_that_of_its_standard_error() -> None:
    values = np.random.default_rng(3).normal(size=4_000)
    low, high = interval(lambda weight: float((weight * values).sum() / weight.sum()), values.size)
    error = 1.96 * values.std() / np.sqrt(values.size)
    assert (low, high) == pytest.approx((values.mean() - error, values.mean() + error), abs=0.2 * error)


def test_several_figures_have_the_intervals_each_has_alone() -> None:
    truth, risk = sample(80, 5)
    ranked = metrics.Ranked(truth, risk)
    together = [percentiles(figure) for figure in drawn(ranked.both, truth.size, seed=4).T]
    assert together == [interval(one, truth.size, seed=4) for one in (ranked.auc, ranked.average_precision)]


def test_what_no_draw_knows_has_no_interval() -> None:
    assert np.isnan(interval(lambda weight: float("nan"), 5)).all()
