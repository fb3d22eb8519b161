import numpy as np
import pytest

from training.churn_level import Level, fit_level


def _silent(log_odds: np.ndarray, intercept: float, slope: float) -> np.ndarray:
    risk = np.prod(1 - 1 / (1 + np.exp(-(intercept + slope * log_odds))), axis=1)
    return (np.random.default_rng(5).random(len(risk)) < risk).astype(float)


@pytest.mark.parametrize(("intercept", "slope"), [(0.0, 1.0), (-0.5, 0.8), (0.4, 1.3)])
def test_it_finds_what_the_outcomes_were_drawn_by(intercept: float, slope: float) -> None:
    log_odds = np.random.default_rng(4).normal(-1, 1, (40_000, 3))
    found = fit_level(log_odds, _silent(log_odds, intercept, slope))
    np.testing.assert_allclose(found, (intercept, slope), atol=0.06)


def test_few_customers_hardly_move_it() -> None:
    log_odds = np.random.default_rng(4).normal(-1, 1, (5, 3))
    intercept, slope = fit_level(log_odds, np.ones(5))
    assert abs(intercept) < 0.7
    assert abs(slope - 1) < 0.5


def test_a_level_is_none_unless_learned() -> None:
    assert (Level(3).intercept, Level(3).slope) == (0.0, 1.0)
