"""The measures of expected amounts beside plain NumPy, pandas and SciPy."""

import numpy as np
import pandas as pd
import pytest

from training.value_quality import ranked, spearman, tenths, value_grade, value_quality


def sample(seed: int = 0, rows: int = 400) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    rate = random.gamma(1.0, 20.0, rows)
    truth = np.where(random.random(rows) < 0.4, rate * random.lognormal(0, 0.5, rows), 0.0)
    return truth, np.round(rate * random.lognormal(0, 0.5, rows))


def test_gini_and_top_tenth_by_brute_force() -> None:
    truth, said = sample()

    def gini(score: np.ndarray) -> float:
        """Mean share found by the customers above each one, every order of equal ones averaged."""
        above = (score[None, :] > score[:, None]) + 0.5 * (score[None, :] == score[:, None])
        return float((above @ truth).mean() / truth.sum() - 0.5)

    found, _ = ranked(truth, said)(np.ones(truth.size))
    assert found == pytest.approx(gini(said) / gini(truth), rel=1e-9)
    distinct = said + np.random.default_rng(1).random(said.size) * 0.01
    _, top = ranked(truth, distinct)(np.ones(truth.size))
    assert top == pytest.approx(truth[np.argsort(-distinct)[:40]].sum() / truth.sum(), rel=1e-12)


def test_weights_are_customers_drawn_again() -> None:
    truth, said = sample(3, 60)
    weight = np.random.default_rng(0).integers(0, 4, 60)
    drawn = np.repeat(np.arange(60), weight)
    repeated = ranked(truth[drawn], said[drawn])(np.ones(drawn.size))
    assert ranked(truth, said)(weight.astype(float)) == pytest.approx(repeated, rel=1e-9)


def test_the_perfect_order_and_a_constant() -> None:
    truth, _ = sample()
    assert ranked(truth, truth)(np.ones(truth.size))[0] == pytest.approx(1.0)
    assert ranked(truth, np.full(truth.size, 3.0))(np.ones(truth.size)) == pytest.approx((0.0, 0.1), abs=1e-9)


def test_figures_and_tenths() -> None:
    truth, said = sample()
    found = value_quality(truth, said)
    assert found["bias"] == pytest.approx(said.sum() / truth.sum() - 1)
    assert found["mae"] == pytest.approx(np.abs(said - truth).mean())
    assert found["spearman"] == pytest.approx(pd.Series(truth).corr(pd.Series(said), method="spearman"))
    for name in ("bias", "gini", "top_tenth_share"):
        low, high = found[f"{name}_interval"]
        assert low < found[name] < high
    parts = tenths(truth, said)
    assert [part["customers"] for part in parts] == [40] * 10
    assert sum(part["ordered"] * part["customers"] for part in parts) == pytest.approx(truth.sum())
    assert [part["said"] for part in parts] == sorted(part["said"] for part in parts)


def test_what_cannot_be_said_is_null() -> None:
    nothing = value_quality(np.zeros(30), np.ones(30))
    assert nothing["bias"] is nothing["gini"] is nothing["spearman"] is nothing["top_tenth_share"] is None
    assert nothing["mae"] == 1.0
    assert np.isnan(spearman(np.zeros(3), np.arange(3.0)))
    assert len(tenths(np.ones(4), np.ones(4))) == 4


def test_the_grade_is_clear_of_chance() -> None:
    truth, said = sample(0, 3_000)
    random = np.random.default_rng(2)
    noisy = said * random.lognormal(0, 1.5, said.size)
    better = value_grade(truth, said, {"noisy": noisy})
    assert (better.letter, better.rule) == ("A", "noisy")
    assert better.beats_the_rule
    assert value_grade(truth, said, {"itself": said.copy()}).letter == "C"
    assert value_grade(truth, noisy, {"said": said, "noisy": noisy}).letter == "D"
