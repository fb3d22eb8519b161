"""Widths of days, weeks and parts of days."""

import numpy as np
import pytest

from training.bundle.volume_widths import Widths
from training.volume_intraday import days_of
from training.volume_panel import GRAINS, Panel
from training.volume_ranges import PARTS, ranges
from training.volume_walk import MODEL, Walk, outcomes

START = np.datetime64("2025-01-06T00:00")


@pytest.fixture(scope="module")
def quarters() -> Panel:
    hour = np.arange(96) / 4
    mean = np.where((hour >= 8) & (hour < 20), 4.0, 0.0)
    counts = np.random.default_rng(1).poisson(np.tile(mean, 400)).astype(float)
    return Panel(GRAINS["15min"], ("all",), START, counts[None])


@pytest.fixture(scope="module")
def done(quarters: Panel) -> Walk:
    """The true mean of days that have 192 contacts, forecast every week."""
    days = days_of(quarters)
    origins = np.arange(100, 400, 7)
    return Walk(days, origins, outcomes(days, origins, 28), {MODEL: np.full((len(origins), 1, 28), 192.0)})


def test_every_grain_has_ranges_that_hold(done: Walk, quarters: Panel) -> None:
    found = ranges(done, quarters, (80, 95))
    assert set(found) == {"day", "week", *PARTS}
    for grain in ("day", "week", "hour"):
        assert found[grain]["all"]["coverage"]["80"] == pytest.approx(0.8, abs=0.07), grain
    for grain, mean in (("day", 192.0), ("hour", 16.0), ("15min", 4.0)):
        widths = Widths.of({"widths": found}, "all", grain)
        assert widths is not None
        _, upper = widths.interval(np.array([mean]), np.array([1]), 80)
        # 90 % of Poisson counts lie below mean + 1.28 sqrt(mean); a closed hour's certainty is not an open one's.
        assert upper[0] - mean < 1.28 * np.sqrt(mean) * 1.3
        at_most = widths.quantile(np.array([mean]), np.array([1]), 0.95)[0]
        assert mean < at_most < mean + 1.65 * np.sqrt(mean) * 1.3


def test_weeks_add_their_days_up(done: Walk) -> None:
    widths = Widths.of({"widths": ranges(done, None, (80,))}, "all", "week")
    assert widths is not None
    _, upper = widths.interval(np.array([7 * 192.0]), np.array([1]), 80)
    assert upper[0] - 7 * 192 == pytest.approx(1.28 * np.sqrt(7 * 192), rel=0.35)


def test_without_times_of_day_there_are_days_and_weeks(done: Walk, quarters: Panel) -> None:
    assert set(ranges(done, None, (80,))) == {"day", "week"}
    short = Panel(quarters.grain, quarters.channels, START + np.timedelta64(50, "D"), quarters.counts[:, 50 * 96 :])
    assert set(ranges(done, short, (80,))) == {"day", "week"}
