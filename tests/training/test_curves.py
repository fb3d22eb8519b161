import numpy as np
import pytest

from training.curves import calibration_bins, gain_points, gains
from training.judged import Judged

RISK = np.linspace(0.01, 1.0, 100)
TRUTH = (RISK > 0.8).astype(float)


def test_bins_are_tenths_of_rising_risk() -> None:
    bins = calibration_bins(TRUTH, RISK)
    assert [row["customers"] for row in bins] == [10] * 10
    assert bins[0]["predicted"] == pytest.approx(0.055)
    assert [row["observed"] for row in bins] == [0.0] * 8 + [1.0] * 2


def test_gains_of_a_perfect_order_rise_as_fast_as_they_can() -> None:
    points = gain_points("model", TRUTH, RISK)
    assert [row["found"] for row in points] == pytest.approx([0, 0.25, 0.5, 0.75] + [1.0] * 17)
    worst = gain_points("model", TRUTH, -RISK)
    assert [row["found"] for row in worst[:17]] == pytest.approx([0.0] * 17)


def test_gains_tell_the_model_and_every_rule() -> None:
    judged = Judged(TRUTH, RISK, {"recency": RISK}, {"recency": RISK, "frequency": -RISK})
    assert {row["model"] for row in gains(judged)} == {"model", "recency", "frequency"}
