"""The volume forecast: how much contact is coming, how sure that is, and how well it did before."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pyarrow.compute as pc

from serving.answers.forms import moment, plain
from serving.callers import Caller
from serving.snapshot import Snapshot
from workspace.errors import QueryError

HISTORY_DAYS = 90
GRAINS = ("day",)

_INTERVALS = ("mean", "lower_80", "upper_80", "lower_95", "upper_95")


def forecast(snapshot: Snapshot, _caller: Caller, channel: str = "all", grain: str = "day") -> dict[str, Any]:
    """Expected contacts per period with 80 and 95 % intervals, and the last 90 days' counts. They concern no customer.

    `wape` and `baseline_wape` are the backtest's. Raises QueryError for a channel or grain without a forecast.
    """
    if grain not in GRAINS:
        raise QueryError(f"The forecast has the grain {', '.join(GRAINS)}.")
    table = snapshot.tables["volume_forecast"]
    channels = sorted(set(table["channel"].to_pylist()))
    if channel not in channels:
        raise QueryError(f"The forecast has the channels: {', '.join(channels) or 'none yet'}.")
    rows = table.filter(pc.equal(table["channel"], channel)).to_pylist()
    judged = _judged(snapshot, channel)
    return {
        "version": snapshot.version,
        "cutoff": moment(snapshot.cutoff),
        "model": snapshot.model_version("volume"),
        "channel": channel,
        "channels": channels,
        "grain": grain,
        "coverage": {"80": rows[0]["coverage_80"], "95": rows[0]["coverage_95"]},
        "wape": judged.get("wape"),
        "baseline_wape": judged.get("baselines", {}).get("seasonal_naive", {}).get("wape"),
        "rows": [_period(row) for row in rows],
        "history": _history(snapshot, channel),
    }


def _period(row: dict[str, Any]) -> dict[str, Any]:
    return {"period_start": moment(row["period_start"]), **{name: plain(row[name]) for name in _INTERVALS}}


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
