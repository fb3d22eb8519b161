import numpy as np
from sklearn.linear_model import LogisticRegression

from training.bundle.linear import standard
from training.churn_linear import MOST_ROWS, RIDGE, fit_linear


def _rows(count: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(3)
    inputs = random.gamma(1.0, 20.0, (count, 4))
    inputs[:, 2] = 7.0
    inputs[random.random((count, 4)) < 0.05] = np.nan
    odds = 1 - 0.8 * np.log1p(np.nan_to_num(inputs[:, 0])) + 0.5 * np.log1p(np.nan_to_num(inputs[:, 1]))
    return inputs, (random.random(count) < 1 / (1 + np.exp(-odds))).astype(float)


def test_the_coefficients_are_those_of_scikit_learn() -> None:
    inputs, happened = _rows(3_000)
    found = fit_linear(inputs, happened)
    design = standard(inputs, np.array(found.centre), np.array(found.spread))
    peer = LogisticRegression(C=1 / RIDGE, tol=1e-10, max_iter=1_000).fit(design, happened)
    np.testing.assert_allclose(found.coefficient, peer.coef_[0], atol=1e-5)
    assert abs(found.intercept - peer.intercept_[0]) < 1e-4


def test_a_constant_column_says_nothing() -> None:
    inputs, happened = _rows(500)
    inputs[:, 3] = np.nan
    found = fit_linear(inputs, happened)
    assert found.coefficient[2:] == (0.0, 0.0)


def test_one_outcome_alone_gives_finite_numbers() -> None:
    inputs, _ = _rows(200)
    for outcome in (0.0, 1.0):
        found = fit_linear(inputs, np.full(200, outcome))
        assert np.isfinite([found.intercept, *found.coefficient]).all()


def test_of_many_rows_some_are_taken() -> None:
    inputs, happened = _rows(2 * MOST_ROWS)
    assert fit_linear(inputs, happened) == fit_linear(inputs[::2], happened[::2])
