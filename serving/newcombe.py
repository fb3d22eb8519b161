"""The difference of two shares with its interval."""

from math import sqrt
from statistics import NormalDist

_Z = NormalDist().inv_cdf(0.975)


def wilson(successes: int, size: int) -> tuple[float, float]:
    """95 % interval of a share by Wilson's score (Wilson 1927); (0, 1) of nobody."""
    if size == 0:
        return 0.0, 1.0
    share = successes / size
    centre = share + _Z**2 / (2 * size)
    half = _Z * sqrt(share * (1 - share) / size + _Z**2 / (4 * size**2))
    whole = 1 + _Z**2 / size
    # At 0 and at 1 the formula is exact, its floating point not quite.
    low = 0.0 if successes == 0 else (centre - half) / whole
    high = 1.0 if successes == size else (centre + half) / whole
    return low, high


def difference(successes: int, size: int, others: int, other_size: int) -> tuple[float, float, float]:
    """successes / size - others / other_size with its 95 % interval: Newcombe's hybrid score without correction.

    Method 10 of Newcombe, "Interval estimation for the difference between independent proportions", Statistics in
    Medicine 17 (1998), 873-890. Raises ValueError where either group is empty.
    """
    if size == 0 or other_size == 0:
        raise ValueError("A difference of shares needs somebody in both groups.")
    share, other = successes / size, others / other_size
    low, high = wilson(successes, size)
    other_low, other_high = wilson(others, other_size)
    gap = share - other
    return (
        gap,
        gap - sqrt((share - low) ** 2 + (other_high - other) ** 2),
        gap + sqrt((high - share) ** 2 + (other - other_low) ** 2),
    )
