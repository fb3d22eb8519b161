"""A total's forecast split among groups."""

import numpy as np
import pytest

from features.volume_split import group_shares, parted


def test_shares_are_those_of_lately_by_weekday() -> None:
    counts = np.tile(np.array([[600.0] * 6 + [0.0], [200.0] * 6 + [400.0]]), (1, 20))
    found = group_shares(counts, counts.sum(axis=0))
    assert found.shape == (7, 2)
    assert found[0] == pytest.approx([0.75, 0.25], abs=0.01)
    assert found[6] == pytest.approx([0.0, 1.0], abs=0.02)


def test_a_group_that_began_late_had_nothing_before_and_an_unknown_day_says_nothing() -> None:
    counts = np.array([[np.nan] * 14 + [500.0] * 14, [500.0] * 28])
    total = np.nan_to_num(counts).sum(axis=0)
    total[20] = np.nan
    found = group_shares(counts, total)
    assert found[0, 0] == pytest.approx(0.36, abs=0.01)
    assert found.sum(axis=1) == pytest.approx(np.ones(7))


def test_parts_add_up_exactly_in_any_order() -> None:
    generator = np.random.default_rng(1)
    total = np.round(generator.gamma(2.0, 50.0, 90) * 2**20) / 2**20
    shares = generator.dirichlet(np.ones(9), 7)
    found = parted(total, shares)
    assert (found.sum(axis=0) == total).all()
    assert (found[::-1].sum(axis=0) == total).all()
    assert found[:, 8] == pytest.approx(total[8] * shares[1], abs=1e-5)
    assert (parted(np.zeros(3), shares) == 0).all()
