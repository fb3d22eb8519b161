"""The difference of two shares against the examples of the paper that its interval comes from."""

import pytest
from scipy.stats import binom

from serving.newcombe import difference, wilson


@pytest.mark.parametrize(
    ("groups", "low", "high"),
    [
        # Newcombe 1998, table II, method 10: the contrasts (a) to (h).
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((6, 7, 2, 7), 0.0582, 0.8062),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 20), -0.1611, 0.2775),
        ((0, 10, 0, 10), -0.2775, 0.2775),
        ((10, 10, 0, 20), 0.6791, 1.0000),
        ((10, 10, 0, 10), 0.6075, 1.0000),
    ],
)
def test_the_papers_examples(groups: tuple[int, int, int, int], low: float, high: float) -> None:
    gap, found_low, found_high = difference(*groups)
    assert gap == groups[0] / groups[1] - groups[2] / groups[3]
    assert (found_low, found_high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_exchanged_groups_exchange_signs() -> None:
    gap, low, high = difference(56, 70, 48, 80)
    assert difference(48, 80, 56, 70) == pytest.approx((-gap, -high, -low))


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6])
def test_without_an_effect_the_interval_holds_zero_as_often_as_it_says(share: float) -> None:
    size, other_size = 180, 20
    of_size, of_others = (binom.pmf(range(n + 1), n, share) for n in (size, other_size))
    covered = 0.0
    for successes in range(size + 1):
        for others in range(other_size + 1):
            _, low, high = difference(successes, size, others, other_size)
            if low <= 0 <= high:
                covered += of_size[successes] * of_others[others]
    assert 0.93 < covered < 0.99


def test_wilson_of_the_extremes() -> None:
    assert wilson(0, 10) == pytest.approx((0.0, 0.2775), abs=5e-5)
    assert wilson(10, 10) == pytest.approx((0.7225, 1.0), abs=5e-5)
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize("groups", [(0, 0, 1, 2), (1, 2, 0, 0)])
def test_an_empty_group_has_no_difference(groups: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="both groups"):
        difference(*groups)
