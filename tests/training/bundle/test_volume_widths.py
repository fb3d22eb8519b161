"""Widths read from a bundle's manifest."""

import numpy as np
import pytest

from training.bundle.volume_widths import QUANTILES, Widths, bucket_of, spread


def widths(reach: dict[str, list[float | None]], below: dict[str, list[float | None]] | None = None) -> Widths:
    return Widths(7, 0.0, reach, below or {}, {})


def test_buckets_of_horizons_begin_at_weeks_1_2_3_5_and_9() -> None:
    steps = np.array([1, 7, 8, 14, 15, 28, 29, 56, 57, 90])
    assert bucket_of(steps, 7).tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]


def test_spread_is_poissons_with_a_share_of_the_mean() -> None:
    assert spread(np.array([100.0]), np.array(0.0))[0] == 10
    assert spread(np.array([100.0]), np.array(0.01))[0] == pytest.approx(np.sqrt(200))
    assert spread(np.array([0.0]), np.array(0.0))[0] == 0.5


def test_an_interval_is_reach_times_spread_and_never_below_zero() -> None:
    lower, upper = widths({"80": [2.0]}).interval(np.array([100.0, 1.0]), np.array([1, 2]), 80)
    assert lower.tolist() == [80.0, 0.0]
    assert upper.tolist() == [120.0, 3.0]


def test_a_refused_bucket_or_level_has_no_interval() -> None:
    served = widths({"80": [2.0, None]})
    lower, _ = served.interval(np.full(15, 9.0), np.arange(1, 16), 80)
    assert np.isnan(lower).tolist() == [False] * 7 + [True] * 8
    assert np.isnan(served.interval(np.full(3, 9.0), np.arange(1, 4), 95)[0]).all()


def test_quantiles_between_the_known_ones_are_between_them() -> None:
    known = widths({}, {str(share): [place / 2] for place, share in enumerate(QUANTILES)})
    mean, steps = np.array([100.0]), np.array([1])
    assert known.quantile(mean, steps, 0.5)[0] == 100
    assert known.quantile(mean, steps, 0.8)[0] == 115
    assert known.quantile(mean, steps, 0.75)[0] == pytest.approx(112.5)
    assert known.quantile(mean, steps, 0.95)[0] == 125
    assert np.isnan(known.quantile(mean, np.array([8]), 0.8)[0])


def test_a_manifest_without_the_channel_or_grain_has_none() -> None:
    one = {"season": 7, "extra": 0.1, "reach": {"80": [1.0]}, "below": {}, "coverage": {"80": 0.8}, "windows": [9]}
    manifest = {"widths": {"day": {"phone": one}}}
    found = Widths.of(manifest, "phone", "day")
    assert found is not None
    assert (found.extra, found.coverage) == (0.1, {"80": 0.8})
    assert Widths.of(manifest, "chat", "day") is None
    assert Widths.of(manifest, "phone", "hour") is None
    assert Widths.of({}, "phone", "day") is None
