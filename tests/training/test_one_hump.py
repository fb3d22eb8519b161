import numpy as np
import pytest

from training.one_hump import one_hump


def test_what_has_one_hump_stays() -> None:
    random = np.random.default_rng(1)
    for values in (np.exp(random.normal(size=2000)), random.gamma(2, 3, 2000), np.ones(50), np.zeros(5), np.array([])):
        assert one_hump(values, random) is values


def test_two_humps_become_one_of_the_same_mean_and_spread() -> None:
    random = np.random.default_rng(2)
    logs = np.concatenate([random.normal(-2, 0.5, 1000), random.normal(2, 0.5, 1000)])
    found = np.log(one_hump(np.exp(logs), random))
    assert found.mean() == pytest.approx(logs.mean(), abs=0.1)
    assert found.std() == pytest.approx(logs.std(), rel=0.05)
    assert (np.abs(logs) < 0.5).mean() < 0.01
    assert (np.abs(found) < 0.5).mean() > 0.1


def test_nought_stays_nought() -> None:
    random = np.random.default_rng(3)
    values = np.concatenate([np.zeros(100), np.exp(random.normal(-3, 0.3, 500)), np.exp(random.normal(3, 0.3, 500))])
    found = one_hump(values, random)
    assert (found[:100] == 0).all()
    assert (found[100:] > 0).all()
