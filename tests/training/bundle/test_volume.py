"""The volume model as served."""

import numpy as np

from training.bundle.volume import VolumeModel


def model(reach: dict[str, list[float | None]]) -> VolumeModel:
    widths = {"season": 7, "extra": 0.0, "reach": reach, "below": {}, "coverage": {"80": 0.79}}
    return VolumeModel("0" * 16, None, (), 7, (80, 95), {}, {}, {"day": {"all": widths}}, {})


def test_an_interval_is_that_of_the_channels_days() -> None:
    lower, upper = model({"80": [2.0]}).interval("all", np.array([100.0, 1.0]), 80)
    assert lower.tolist() == [80.0, 0.0]
    assert upper.tolist() == [120.0, 3.0]


def test_a_refused_bucket_level_or_unknown_channel_has_no_interval() -> None:
    served = model({"80": [2.0, None]})
    lower, _ = served.interval("all", np.full(15, 9.0), 80)
    assert np.isnan(lower).tolist() == [False] * 7 + [True] * 8
    assert np.isnan(served.interval("all", np.full(3, 9.0), 95)[0]).all()
    assert np.isnan(served.interval("fax", np.full(3, 9.0), 80)[1]).all()


def test_what_is_known_of_a_channel_tells_how_its_ranges_did() -> None:
    found = model({}).of("all")
    assert found is not None
    assert found.coverage == {"80": 0.79}
    assert model({}).of("all", "hour") is None
