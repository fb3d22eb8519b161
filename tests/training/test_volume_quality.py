"""How good past forecasts were."""

import numpy as np
import pytest

from training.volume_panel import GRAINS, Panel
from training.volume_quality import accuracy, report, series_of, share
from training.volume_walk import MODEL, Walk


def made(actual: np.ndarray, mean: np.ndarray) -> Walk:
    panel = Panel(GRAINS["day"], ("phone", "all"), np.datetime64("2025-01-06T00:00"), np.tile(np.arange(400.0), (2, 1)))
    origins = 20 + 7 * np.arange(len(actual))
    return Walk(panel, origins, actual, {MODEL: mean})


def test_wape_bias_and_mase_by_hand() -> None:
    actual = np.array([[[10.0, 20.0], [1.0, 1.0]]])
    mean = np.array([[[12.0, 17.0], [1.0, 1.0]]])
    found = accuracy(made(actual, mean), MODEL, [0])
    # Every count is 7 more than the week before: the scale of MASE is 7 a step.
    assert found == {"wape": pytest.approx(5 / 30), "bias": pytest.approx(-1 / 30), "mase": pytest.approx(5 / 14)}
    assert accuracy(made(actual, mean), MODEL, [1])["wape"] == 0


def test_unknown_counts_are_not_judged() -> None:
    actual = np.array([[[10.0, np.nan], [np.nan, np.nan]]])
    mean = np.full((1, 2, 2), 8.0)
    assert accuracy(made(actual, mean), MODEL, [0])["wape"] == pytest.approx(0.2)
    assert accuracy(made(actual, mean), MODEL, [1])["wape"] is None


def test_the_report_has_scores_beside_the_naive_and_each_channel() -> None:
    mean = np.full((40, 2, 7), 50.0)
    done = made(np.random.default_rng(1).poisson(mean).astype(float), mean)
    naive = mean + np.random.default_rng(2).normal(0, 30, mean.shape)
    done = Walk(done.panel, done.origins, done.actual, {MODEL: mean, "seasonal_naive": naive, "seasonal_mean": naive})
    found = report(done, done.origins[20:], [1], (80, 95))
    assert found["coverage"]["80"] == pytest.approx(0.8, abs=0.06)
    for level in ("80", "95"):
        assert 0 < found["interval_score"][level] < found["baselines"]["seasonal_naive"]["interval_score"][level]
    assert found["coverage_spread"]["80"] > 0
    assert set(found["channels"]) == {"phone", "all"}
    assert found["channels"]["all"]["interval_score"] == found["interval_score"]


def test_nothing_known_has_no_share() -> None:
    assert share(np.array([np.nan])) is None


def test_series_judged_together_are_the_channels_or_the_total() -> None:
    panel = made(np.zeros((1, 2, 1)), np.zeros((1, 2, 1))).panel
    assert series_of(panel, channels=True) == [0]
    assert series_of(panel, channels=False) == [1]
