"""Regions: the total's forecast parted."""

import numpy as np
import pyarrow as pa

from training.volume_backtest import backtest_volume
from training.volume_groups import in_groups, named_channel, total_of
from training.volume_panel import panel
from training.volume_walk import MODEL, walk


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
