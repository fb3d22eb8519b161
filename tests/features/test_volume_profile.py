"""When on a day its contacts come."""

import numpy as np
import pytest

from features.volume_profile import day_shares


def test_shares_are_those_of_the_counts_where_there_are_many() -> None:
    day = np.array([0.0, 100_000, 300_000, 0])
    counts = np.tile(day, (1, 28, 1))
    assert day_shares(counts)[0] == pytest.approx(np.tile([0, 0.25, 0.75, 0], (7, 1)), abs=1e-4)


def test_each_weekday_adds_up_to_one_and_silence_everywhere_is_spread_evenly() -> None:
    counts = np.random.default_rng(1).poisson(0.3, (3, 60, 24)).astype(float)
    assert day_shares(counts).sum(axis=2) == pytest.approx(np.ones((3, 7)))
    assert day_shares(np.zeros((1, 14, 24)))[0, 0] == pytest.approx(np.full(24, 1 / 24))


def test_a_slot_closed_on_one_weekday_is_zero_there_and_a_quiet_one_is_not() -> None:
    generator = np.random.default_rng(2)
    counts = generator.poisson(np.array([3.0, 3.0, 0.05]), (1, 70, 3)).astype(float)
    counts[0, 6::7, 1] = 0
    shares = day_shares(counts)[0]
    assert shares[6, 1] == 0
    assert (shares[:6, 1] > 0.3).all()
    assert (shares[:, 2] > 0).all()


def test_a_slot_closed_all_week_is_zero() -> None:
    counts = np.random.default_rng(3).poisson(np.array([0.0, 5.0, 5.0, 0.0]), (2, 70, 4)).astype(float)
    assert (day_shares(counts)[:, :, [0, 3]] == 0).all()


def test_a_small_series_leans_on_the_others() -> None:
    generator = np.random.default_rng(4)
    mean = np.array([8.0, 4.0, 2.0, 2.0])
    counts = np.stack([generator.poisson(mean, (56, 4)), generator.poisson(mean / 800, (56, 4))]).astype(float)
    assert np.abs(day_shares(counts)[1] - mean / 16).max() < 0.1


def test_newer_weeks_weigh_more_and_unknown_days_do_not_count() -> None:
    early, late = np.array([400.0, 0.0]), np.array([0.0, 400.0])
    counts = np.concatenate([np.tile(early, (1, 91, 1)), np.tile(late, (1, 91, 1))], axis=1)
    assert (day_shares(counts)[0, :, 1] > 0.75).all()
    counts[:, 91:] = np.nan
    assert (day_shares(counts)[0, :, 0] > 0.9).all()
