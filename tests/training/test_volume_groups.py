"""Regions: the total's forecast parted."""

import numpy as np
import pyarrow as pa
import pytest

from training.volume_backtest import backtest_volume
from training.volume_groups import alone, in_groups, largest, named_channel, total_of
from training.volume_panel import Panel, panel
from training.volume_ranges import of_grain
from training.volume_walk import MODEL, Walk, outcomes, walk


def table(days: int = 200) -> pa.Table:
    generator = np.random.default_rng(1)
    week = np.array([1.3, 1.2, 1.1, 1.0, 1.0, 0.8, 0.6])[np.arange(days) % 7]
    counts = {name: generator.poisson(size * week) for name, size in (("north", 60.0), ("south", 25.0), ("west", 3.0))}
    counts["all"] = sum(counts.values())
    local = np.datetime64("2025-01-06", "us") + np.arange(days) * np.timedelta64(1, "D")
    return pa.table(
        {
            "period_local": np.tile(local, len(counts)),
            "region": np.repeat(list(counts), days),
            "count": np.concatenate(list(counts.values())),
        }
    )


def test_regions_add_up_to_the_forecast_of_the_total_and_see_no_future() -> None:
    counts = panel(named_channel(table(), "region"))
    origins = np.array([150, 164])
    total = walk(total_of(counts), None, origins, origins, 14, 14)
    found = in_groups(total, counts).means[MODEL]
    assert (found[:, :3].sum(axis=1) == found[:, 3]).all()
    assert (found[:, 3] == total.means[MODEL][:, 0]).all()
    later = counts.counts.copy()
    later[:, 164:] = 0
    changed = type(counts)(counts.grain, counts.channels, counts.start, later)
    assert in_groups(total, changed).means[MODEL].tobytes() == found.tobytes()


def test_a_backtest_by_region_judges_the_regions() -> None:
    found = backtest_volume(named_channel(table(), "region"), windows=3, by="region")
    assert found["series"] == 3
    assert set(found["channels"]) == {"north", "south", "west", "all"}
    assert found["wape"] < found["baselines"]["seasonal_naive"]["wape"]


def known_mean(days: int = 600) -> tuple[Panel, Walk]:
    """Regions of Poisson contacts, and past forecasts of their total that know its mean."""
    counts = panel(named_channel(table(days), "region"))
    origins = np.arange(days // 2, days - 28, 7)
    week = np.array([1.3, 1.2, 1.1, 1.0, 1.0, 0.8, 0.6])
    mean = np.stack([88.0 * week[(origin + np.arange(28)) % 7] for origin in origins])
    total = total_of(counts)
    return counts, Walk(total, origins, outcomes(total, origins, 28), {MODEL: mean[:, None]})


def test_ranges_of_regions_hold_what_they_promise() -> None:
    counts, done = known_mean()
    found = of_grain(in_groups(done, counts), (80, 95))
    assert set(found) == {"north", "south", "west", "all"}
    for region, of_a_day in (("north", 60.0), ("south", 25.0), ("west", 3.0)):
        widths = found[region]
        assert abs(widths["coverage"]["80"] - 0.80) < 0.08
        assert abs(widths["coverage"]["95"] - 0.95) < 0.05
        # Of Poisson counts the normal law says how wide: 1.28 deviations, 3 contacts a day being too few for it.
        reach = widths["reach"]["80"][0] * np.sqrt(1 + widths["extra"] * of_a_day)
        assert reach == pytest.approx(1.28, rel=0.35)


def test_few_windows_have_no_ranges() -> None:
    counts, done = known_mean(70)
    widths = of_grain(in_groups(done, counts), (80, 95))["north"]
    assert widths["reach"]["95"] == [None] * len(widths["reach"]["95"])


def test_the_largest_regions() -> None:
    counts = panel(named_channel(table(), "region"))
    assert largest(counts, 2).channels == ("north", "south", "all")
    assert (largest(counts, 2).counts == counts.counts[[0, 1, 3]]).all()
    assert largest(counts, 10).channels == counts.channels


def test_the_total_alone() -> None:
    counts = panel(named_channel(table(), "region"))
    origins = np.array([150, 164])
    both = Walk(counts, origins, outcomes(counts, origins, 14), {MODEL: np.ones((2, 4, 14))})
    found = alone(both)
    assert found.panel.channels == ("all",)
    assert (found.actual[:, 0] == both.actual[:, 3]).all()
