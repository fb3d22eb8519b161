"""The volume forecast as a table: each day of every channel with its mean and ranges."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from training.bundle.volume import VolumeModel
from training.volume_panel import Floats, Panel
from workspace.tables import VOLUME_FORECAST


def forecast_table(
    model: VolumeModel, counts: Panel, means: Floats, zone: ZoneInfo, levels: Sequence[int] = (80, 95)
) -> pa.Table:
    """Means [series, days] after the panel in the schema of volume_forecast, sorted by period_start and channel."""
    horizon = means.shape[1]
    starts = _utc_starts(counts, horizon, zone)
    minutes = [int((after - start).total_seconds() // 60) for start, after in pairwise(starts)]
    parts = []
    for place, channel in enumerate(counts.channels):
        bounds = {}
        for level in levels:
            lower, upper = model.interval(channel, means[place], level)
            bounds[f"lower_{level}"] = pa.array(lower, from_pandas=True)
            bounds[f"upper_{level}"] = pa.array(upper, from_pandas=True)
        widths = model.of(channel)
        realised = widths.coverage if widths is not None else {}
        columns = {
            "period_start": pa.array(starts[:-1], pa.timestamp("us", tz="UTC")),
            "channel": pa.array([channel] * horizon),
            "period_minutes": pa.array(minutes, pa.int64()),
            "mean": pa.array(means[place]),
            **bounds,
            "volume_version": pa.array([model.hash] * horizon),
            **{f"coverage_{level}": pa.array([realised.get(str(level))] * horizon, pa.float64()) for level in levels},
        }
        parts.append(pa.table(columns).select(VOLUME_FORECAST.schema.names).cast(VOLUME_FORECAST.schema))
    return pa.concat_tables(parts).sort_by([("period_start", "ascending"), ("channel", "ascending")])


def _utc_starts(counts: Panel, horizon: int, zone: ZoneInfo) -> list[datetime]:
    """Starts of the days after the panel, and the end of the last one, in UTC."""
    local = counts.local(np.arange(counts.periods, counts.periods + horizon + 1)).astype("datetime64[us]")
    utc = ZoneInfo("UTC")
    return [moment.replace(tzinfo=zone).astimezone(utc) for moment in local.astype(object)]
