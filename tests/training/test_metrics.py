import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

from training import metrics
from training.bundle.rowwise import Floats
from training.logistic import fit_logistic, logit


def drawn(rows: int, seed: int, digits: int = 6) -> tuple[Floats, Floats]:
    """Calibrated probabilities and what came true."""
    random = np.random.default_rng(seed)
    risk = np.round(random.beta(1, 3, rows), digits)
    return (random.random(rows) < risk).astype(np.float64), risk


@pytest.mark.parametrize("digits", [6, 1])
@pytest.mark.parametrize("seed", range(3))
def test_figures_agree_with_scikit_learn(seed: int, digits: int) -> None:
    truth, risk = drawn(500, seed, digits)
    assert metrics.auc(truth, risk) == pytest.approx(roc_auc_score(truth, risk))
    assert metrics.average_precision(truth, risk) == pytest.approx(average_precision_score(truth, risk))
    assert metrics.brier(truth, risk) == pytest.approx(brier_score_loss(truth, risk))
    inside = np.clip(risk, 1e-9, 1 - 1e-9)
    assert metrics.log_loss(truth, inside) == pytest.approx(log_loss(truth, inside))


def test_weights_are_as_good_as_copies() -> None:
    truth, risk = drawn(200, 4, 1)
    times = np.random.default_rng(0).integers(0, 4, 200)
    ranked, weight = metrics.Ranked(truth, risk), times.astype(np.float64)
    copies = np.repeat(truth, times), np.repeat(risk, times)
    assert ranked.both(weight) == pytest.approx((metrics.auc(*copies), metrics.average_precision(*copies)))
    assert ranked.both(weight) == (ranked.auc(weight), ranked.average_precision(weight))


def test_one_class_has_no_ranking() -> None:
    nobody, everybody = np.zeros(5), np.ones(5)
    assert np.isnan(metrics.auc(nobody, np.arange(5.0)))
    assert np.isnan(metrics.auc(everybody, np.arange(5.0)))
    assert np.isnan(metrics.average_precision(nobody, np.arange(5.0)))
    assert np.isnan(metrics.calibration_slope(nobody, np.linspace(0.1, 0.9, 5)))


def test_calibration_slope_is_that_of_a_logistic_regression() -> None:
    truth, risk = drawn(2000, 5)
    too_sure = 1 / (1 + np.exp(-2 * logit(risk)))
    oracle = LogisticRegression(C=1e9, tol=1e-9).fit(logit(too_sure)[:, None], truth).coef_[0, 0]
    assert metrics.calibration_slope(truth, too_sure) == pytest.approx(oracle, rel=1e-3)
    assert metrics.calibration_slope(truth, risk) == pytest.approx(1, abs=0.15)
    assert metrics.calibration_slope(truth, too_sure) == pytest.approx(0.5, abs=0.08)


def test_calibration_error_is_the_mean_gap() -> None:
    truth, risk = np.array([0.0, 0.0, 1.0, 1.0]), np.array([0.1, 0.3, 0.6, 0.8])
    assert metrics.calibration_error(truth, risk, bins=2) == pytest.approx((0.2 + 0.3) / 2)
    assert metrics.calibration_error(truth, risk, bins=1) == pytest.approx(0.05)


def test_lift_counts_churners_among_the_riskiest_tenth() -> None:
    truth = np.zeros(100)
    truth[:20] = 1
    assert metrics.lift_at(truth, -np.arange(100.0)) == 5.0
    assert metrics.lift_at(truth, np.arange(100.0)) == 0.0


def test_a_separable_logistic_stays_finite() -> None:
    intercept, slope = fit_logistic(np.array([-1.0, -0.5, 0.5, 1.0]), np.array([0.0, 0, 1, 1]), prior_weight=1.0)
    assert np.isfinite([intercept, slope]).all()
    assert slope > 0


def test_a_strong_prior_holds_the_slope() -> None:
    truth, risk = drawn(50, 6)
    assert fit_logistic(logit(risk), truth, prior_slope=1.0, prior_weight=1e9)[1] == pytest.approx(1.0, abs=1e-6)
