import csv
from pathlib import Path

import numpy as np
import pytest

from benchmarks.bg_nbd import fit

SUMMARY = Path(__file__).resolve().parents[3] / "shared" / "data" / "cdnow" / "cdnow_customers_summary.csv"


@pytest.mark.skipif(not SUMMARY.is_file(), reason="CDNOW's summary is not on this machine")
def test_the_published_parameters_of_cdnow_are_found() -> None:
    with SUMMARY.open(encoding="utf-8", newline="") as lines:
        table = np.array(
            [[float(row[name]) for name in ("frequency", "recency", "T")] for row in csv.DictReader(lines)]
        )
    found = fit(*table.T)
    assert (found.r, found.alpha, found.a, found.b) == pytest.approx((0.243, 4.414, 0.793, 2.426), abs=2e-3)
    assert found.log_likelihood == pytest.approx(-9582.4, abs=0.1)


def test_nobody_is_expected_less_than_never_and_more_time_brings_more() -> None:
    x, t_x, age = np.array([0.0, 3.0]), np.array([0.0, 20.0]), np.array([30.0, 30.0])
    found = fit(np.array([0.0, 1, 2, 5, 0, 3]), np.array([0.0, 4, 9, 25, 0, 20]), np.array([30.0, 28, 30, 29, 31, 30]))
    short, long = found.expected(x, t_x, age, 10), found.expected(x, t_x, age, 20)
    assert (short >= 0).all()
    assert (long >= short).all()
