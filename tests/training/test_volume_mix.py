"""Several forecasts mixed into one."""

import numpy as np
import pytest

from training.volume_mix import MIXED, mixed, prior, weights


def past(seed: int, noise: dict[str, float], windows: int = 60, count: int = 2, horizon: int = 14):
    """Outcomes around 100 and forecasts that miss by so much each."""
    generator = np.random.default_rng(seed)
    actual = generator.poisson(100, (windows, count, horizon)).astype(float)
    means = {name: 100 + generator.normal(0, noise.get(name, 40.0), actual.shape) for name in MIXED}
    return actual, means


def test_the_prior_trusts_a_learned_forecast_with_the_years_it_has_seen() -> None:
    for years in (0.0, 0.5, 1.0, 3.0):
        assert prior(years).sum() == pytest.approx(1)
        assert prior(years)[0] == pytest.approx(0.6 * min(years, 1))
    assert weights(np.zeros((0, 1, 7)), {name: np.zeros((0, 1, 7)) for name in MIXED}, 7, prior(1))[
        0, 0
    ] == pytest.approx(prior(1))


@pytest.mark.parametrize("best", MIXED)
def test_whoever_was_right_gets_most(best: str) -> None:
    actual, means = past(1, {best: 1.0})
    found = weights(actual, means, 7, prior(1))
    assert found.sum(axis=2) == pytest.approx(np.ones((2, 2)))
    assert (found >= 0).all()
    assert (found[:, :, MIXED.index(best)] > 0.5).all()


def test_two_that_err_independently_share() -> None:
    actual, means = past(2, {"smooth": 10.0, "smooth_quick": 10.0}, windows=200)
    found = weights(actual, means, 7, prior(1))[:, :, [1, 2]]
    assert (found > 0.3).all()


def test_the_mix_is_better_than_any_part_where_errors_are_independent() -> None:
    actual, means = past(3, dict.fromkeys(MIXED, 30.0), windows=120)
    mix = mixed(means, weights(actual[:80], {name: mean[:80] for name, mean in means.items()}, 7, prior(1)), 7)
    missed = {name: np.abs(mean[80:] - actual[80:]).mean() for name, mean in means.items()}
    assert np.abs(mix[80:] - actual[80:]).mean() < 0.75 * min(missed.values())


def test_few_windows_stay_near_the_prior_and_unknown_ones_do_not_count() -> None:
    actual, means = past(4, {"smooth": 1.0}, windows=60)
    few = np.where(np.arange(60)[:, None, None] >= 58, actual, np.nan)
    one = weights(few, means, 7, prior(1))[0, 0]
    assert prior(1)[1] < one[1] < weights(actual, means, 7, prior(1))[0, 0, 1]


def test_another_week_another_bucket() -> None:
    actual, means = past(5, {}, windows=80, count=1)
    means["smooth"][:, :, :7] = actual[:, :, :7]
    means["smooth_trend"][:, :, 7:] = actual[:, :, 7:]
    found = weights(actual, means, 7, prior(1))[0]
    assert found[0, MIXED.index("smooth")] > 0.5
    assert found[1, MIXED.index("smooth_trend")] > 0.4
