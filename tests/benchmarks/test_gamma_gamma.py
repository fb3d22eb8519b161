from datetime import date
from pathlib import Path

import numpy as np
import pytest

from benchmarks.gamma_gamma import GammaGamma, fit

SAMPLE = Path(__file__).resolve().parents[3] / "shared" / "data" / "cdnow" / "CDNOW_sample.txt"


@pytest.mark.skipif(not SAMPLE.is_file(), reason="CDNOW's sample is not on this machine")
def test_the_published_parameters_of_cdnow_are_found() -> None:
    """Repeat purchases of the first 39 weeks, a day's orders together; 946 customers have one."""
    spent: dict[str, dict[date, float]] = {}
    for line in SAMPLE.read_text(encoding="utf-8").splitlines():
        _, customer, day, _, amount = line.split()
        days = spent.setdefault(customer, {})
        when = date(int(day[:4]), int(day[4:6]), int(day[6:]))
        days[when] = days.get(when, 0.0) + float(amount)
    repeats = [
        [amount for day, amount in sorted(days.items()) if day > min(days) and day <= date(1997, 9, 30)]
        for days in spent.values()
    ]
    x = np.array([len(one) for one in repeats], dtype=float)
    mean = np.array([np.mean(one) if one else 0.0 for one in repeats])
    assert (x > 0).sum() == 946
    found = fit(x, mean)
    assert (found.p, found.q, found.gamma) == pytest.approx((6.25, 3.74, 15.44), abs=0.02)


def test_who_bought_much_is_expected_to_go_on_and_who_did_not_is_anybody() -> None:
    model = GammaGamma(6.25, 3.74, 15.44)
    nobody, once, often = model.expected(np.array([0.0, 1.0, 50.0]), np.array([0.0, 100.0, 100.0]))
    assert nobody == pytest.approx(6.25 * 15.44 / 2.74)
    assert nobody < once < often < 101
