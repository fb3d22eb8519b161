import pytest

from charts.calibration import calibration

BINS = [
    {"predicted": share, "observed": share * 1.1, "customers": 100} for share in (0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7)
]


def test_bins_against_the_diagonal(drawn, values):
    specification = drawn(calibration(BINS, title="Calibration"))
    assert {row["predicted"] for row in BINS} <= set(values(specification, "predicted"))
    diagonal = specification["layer"][0]["data"]["values"]
    assert [row["predicted"] == row["observed"] for row in diagonal] == [True, True]


def test_whiskers_are_two_standard_errors(values):
    specification = calibration([{"predicted": 0.5, "observed": 0.5, "customers": 100}]).to_dict()
    assert values(specification, "below") == pytest.approx([0.4] * len(values(specification, "below")))
    assert values(specification, "above")[0] == pytest.approx(0.6)
