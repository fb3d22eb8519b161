"""What rises: a planted rise is found, and where nothing changes alarms stay within the budget."""

import numpy as np
import pytest
from scipy import stats

from training.rising import RECENT_WEEKS, WEEKS_BEFORE, changes

WEEKS = RECENT_WEEKS + WEEKS_BEFORE
THINGS = 30


def counted(random: np.random.Generator, totals: np.ndarray, share: float, wobble: float = 0.0) -> np.ndarray:
    shares = np.full((THINGS, WEEKS), share) * np.exp(random.normal(0, wobble, (THINGS, WEEKS)))
    return random.binomial(totals.astype(int), shares).astype(float)


@pytest.mark.parametrize("wobble", [0.0, 0.4])
@pytest.mark.parametrize("share", [0.01, 0.1])
def test_alarms_where_nothing_changes(wobble: float, share: float) -> None:
    random = np.random.default_rng(5)
    totals = random.integers(150, 250, WEEKS).astype(float)
    alarms = sum(changes(counted(random, totals, share, wobble), totals).rises.any() for _ in range(400))
    # 5 % of 400 families, and three standard errors.
    assert alarms <= 20 + 3 * np.sqrt(400 * 0.05 * 0.95)


def test_a_rise_is_found_and_a_fall_is_none() -> None:
    random = np.random.default_rng(6)
    totals = np.full(WEEKS, 200.0)
    counts = counted(random, totals, 0.05)
    counts[3, -RECENT_WEEKS:] = 30
    counts[4, -RECENT_WEEKS:] = 0
    found = changes(counts, totals)
    assert np.flatnonzero(found.rises).tolist() == [3]
    assert found.share[3] == pytest.approx(30 / 200)
    assert found.share_before[3] == pytest.approx(counts[3, :-RECENT_WEEKS].sum() / (200 * WEEKS_BEFORE))


def test_more_contacts_of_everything_are_no_rise() -> None:
    random = np.random.default_rng(7)
    totals = np.array([100.0] * WEEKS_BEFORE + [1_000.0] * RECENT_WEEKS)
    assert not changes(counted(random, totals, 0.1), totals).rises.any()


def test_the_p_value_of_what_is_new_is_the_larger_of_both_tests() -> None:
    totals = np.full(WEEKS, 100.0)
    counts = np.zeros((1, WEEKS))
    counts[0, -RECENT_WEEKS:] = 5
    pooled = 20 / 1_600
    t = (20 / 400) / np.sqrt(pooled * (1 - pooled) * (1 / 400 + 1 / 1_200))
    expected = max(stats.t.sf(t, WEEKS_BEFORE - 1), 0.25**20)
    assert changes(counts, totals).p_value[0] == pytest.approx(expected)


@pytest.mark.parametrize("weeks", [0, 3, RECENT_WEEKS, RECENT_WEEKS + 3])
def test_too_few_weeks_say_nothing(weeks: int) -> None:
    assert not changes(np.full((2, weeks), 50.0), np.full(weeks, 100.0)).rises.any()


def test_nothing_at_all_says_nothing() -> None:
    assert not changes(np.zeros((2, WEEKS)), np.zeros(WEEKS)).rises.any()
    assert changes(np.zeros((0, WEEKS)), np.ones(WEEKS)).rises.size == 0
