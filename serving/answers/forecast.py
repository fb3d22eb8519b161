"""The volume forecast: how much contact is coming, how sure that is, and how well it did before."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow.compute as pc

from features.volume_split import parted
from serving.answers.forms import moment, plain
from serving.answers.periods_ahead import GRAINS as GRAINS
from serving.answers.periods_ahead import Ahead, ahead, channels_of
from serving.callers import Caller
from serving.snapshot import Snapshot
from training.bundle.volume_widths import Widths
from workspace.errors import QueryError

HISTORY_DAYS = 90

_BOUNDS = ("lower_80", "upper_80", "lower_95", "upper_95")


def forecast(
    snapshot: Snapshot, _caller: Caller, channel: str = "all", grain: str = "day", by: str | None = None
) -> dict[str, Any]:
    """Expected contacts per period with 80 and 95 % intervals; by the day also the last 90 days' counts.

    Parts of a day add up to the day, weeks are sums of days. They concern no customer. by="region": a row for each day
    and region, whose means add up to the total. `wape` and `baseline_wape` are the backtest's, of days.
    Raises QueryError for a channel, grain or split without a forecast.
    """
    found = ahead(snapshot, channel, grain)
    widths = Widths.of(snapshot.bundles.get("volume", {}), channel, grain)
    judged = _judged(snapshot, channel)
    return {
        "version": snapshot.version,
        "cutoff": moment(snapshot.cutoff),
        "model": snapshot.model_version("volume"),
        "channel": channel,
        "channels": channels_of(snapshot),
        "grain": grain,
        "coverage": _coverage(found, grain, widths) if by is None else _coverage_of_regions(snapshot),
        "wape": judged.get("wape"),
        "baseline_wape": judged.get("baselines", {}).get("seasonal_naive", {}).get("wape"),
        "rows": _periods(found, grain, widths) if by is None else _regions(snapshot, found, channel, grain),
        "history": _history(snapshot, channel) if grain == "day" else [],
    }


def _regions(snapshot: Snapshot, found: Ahead, channel: str, grain: str) -> list[dict[str, Any]]:
    """The total's days parted by the regions' shares, each region's ranges from what its own past parts were off by."""
    if channel != "all" or grain != "day":
        raise QueryError("Regions have a forecast of all channels together, by the day. Leave channel and grain out.")
    shares = snapshot.tables.get("volume_shares")
    if shares is None or len(shares) == 0:
        raise QueryError("No contact's region is known. Collect the customers' regions, then run `rapport run`.")
    names = sorted(set(shares["region"].to_pylist()))
    first = found.starts[0].astimezone(ZoneInfo(snapshot.company["timezone"])).weekday()
    by_weekday = shares["share"].to_numpy().reshape(len(names), 7).T
    parts = parted(found.mean, np.roll(by_weekday, -first, axis=0))
    bounds = [
        _bounds(replace(found, mean=part), _of_region(snapshot, name)) for name, part in zip(names, parts, strict=True)
    ]
    return [
        {
            "period_start": moment(start),
            "mean": float(parts[group, place]),
            **{side: plain(values[place]) for side, values in bounds[group].items()},
            "region": name,
        }
        for place, start in enumerate(found.starts)
        for group, name in enumerate(names)
    ]


def _of_region(snapshot: Snapshot, region: str) -> Widths | None:
    return Widths.of(snapshot.bundles.get("volume", {}), region, "region")


def _coverage_of_regions(snapshot: Snapshot) -> dict[str, float | None]:
    """Mean over the regions of the share of past counts that their ranges held."""
    regions = snapshot.bundles.get("volume", {}).get("widths", {}).get("region", {})
    told = {
        level: [widths["coverage"].get(level) for name, widths in regions.items() if name != "all"]
        for level in ("80", "95")
    }
    known = {level: [share for share in shares if share is not None] for level, shares in told.items()}
    return {level: math.fsum(shares) / len(shares) if shares else None for level, shares in known.items()}


def _coverage(found: Ahead, grain: str, widths: Widths | None) -> dict[str, float | None]:
    if grain == "day":
        return {level: found.days[0][f"coverage_{level}"] for level in ("80", "95")}
    return {level: widths.coverage.get(level) if widths is not None else None for level in ("80", "95")}


def _periods(found: Ahead, grain: str, widths: Widths | None) -> list[dict[str, Any]]:
    bounds = {name: [row[name] for row in found.days] for name in _BOUNDS} if grain == "day" else _bounds(found, widths)
    return [
        {
            "period_start": moment(start),
            "mean": float(found.mean[place]),
            **{name: plain(values[place]) for name, values in bounds.items()},
        }
        for place, start in enumerate(found.starts)
    ]


def _bounds(found: Ahead, widths: Widths | None) -> dict[str, list[float]]:
    """Not known where the bundle has no widths of this grain."""
    if widths is None:
        return {name: [float("nan")] * len(found.starts) for name in _BOUNDS}
    bounds: dict[str, list[float]] = {}
    for level in (80, 95):
        lower, upper = widths.interval(found.mean, found.steps, level)
        # Where nobody can come, nobody does.
        upper = np.where(found.mean > 0, upper, np.where(np.isnan(upper), np.nan, 0.0))
        bounds |= {f"lower_{level}": lower.tolist(), f"upper_{level}": upper.tolist()}
    return bounds


def _history(snapshot: Snapshot, channel: str) -> list[dict[str, Any]]:
    table = snapshot.tables["volume"]
    since: datetime = snapshot.cutoff - timedelta(days=HISTORY_DAYS)
    chosen = pc.and_(pc.equal(table["channel"], channel), pc.greater_equal(table["period_start"], since))
    rows = table.filter(chosen).select(["period_start", "count"]).to_pylist()
    return [{"period_start": moment(row["period_start"]), "count": row["count"]} for row in rows]


def _judged(snapshot: Snapshot, channel: str) -> Mapping[str, Any]:
    """The backtest's figures for a channel, from the bundle's manifest; empty where there was too little to judge."""
    metrics = snapshot.bundles.get("volume", {}).get("metrics", {})
    found: Mapping[str, Any] = metrics.get("channels", {}).get(channel, metrics if channel == "all" else {})
    return found
