"""The volume model as served."""

import numpy as np
import pytest

from training.bundle.volume import VolumeModel, bucket_of, spread


def model(reach: dict[str, list[float | None]]) -> VolumeModel:
    return VolumeModel("0" * 16, None, (), 7, (80, 95), {}, {}, {"all": 0.0}, {"all": reach}, {}, {})


def test_buckets_of_horizons_begin_at_weeks_1_2_3_5_and_9() -> None:
    steps = np.array([1, 7, 8, 14, 15, 28, 29, 56, 57, 90])
    assert bucket_of(steps, 7).tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]


def test_spread_is_poissons_with_a_share_of_the_mean() -> None:
    assert spread(np.array([100.0]), np.array(0.0))[0] == 10
    assert spread(np.array([100.0]), np.array(0.01))[0] == pytest.approx(np.sqrt(200))
    assert spread(np.array([0.0]), np.array(0.0))[0] == 0.5


def test_an_interval_is_reach_times_spread_and_never_below_zero() -> None:
    lower, upper = model({"80": [2.0]}).interval("all", np.array([100.0, 1.0]), 80)
    assert lower.tolist() == [80.0, 0.0]
    assert upper.tolist() == [120.0, 3.0]


def test_a_refused_bucket_level_or_unknown_channel_has_no_interval() -> None:
    served = model({"80": [2.0, None]})
    lower, _ = served.interval("all", np.full(15, 9.0), 80)
    assert np.isnan(lower).tolist() == [False] * 7 + [True] * 8
    assert np.isnan(served.interval("all", np.full(3, 9.0), 95)[0]).all()
    assert np.isnan(served.interval("fax", np.full(3, 9.0), 80)[1]).all()
