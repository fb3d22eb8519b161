"""How many agents to put on, period by period: the forecast's upper side, and the rule the channel is answered by."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from serving.answers.forms import moment, plain
from serving.answers.periods_ahead import PART_MINUTES, Ahead, ahead, horizon_of
from serving.answers.statistics import as_moment
from serving.snapshot import Snapshot
from training.bundle import deadline, erlang
from training.bundle.volume_widths import Widths
from workspace.errors import QueryError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

GRAINS = tuple(PART_MINUTES)
DEFAULT_DAYS = 7
ERLANG_C, DEADLINE = "erlang_c", "deadline"
# Letters wait; whoever calls or chats doesn't.
_MAY_WAIT = ("email", "social", "sms", "other")
_MEASURED_DAYS = (90, 365, 3650)


@dataclass(frozen=True)
class Asked:
    """A question about staffing; None where the default is the channel's own: its measured mean handling time, its
    rule, the first week of the forecast. `contacts`: so many in one period, instead of the forecast."""

    channel: str = "phone"
    grain: str = "30min"
    begin: date | datetime | None = None
    end: date | datetime | None = None
    service_level: float = 0.8
    within_seconds: float = 20.0
    handle_seconds: float | None = None
    quantile: float = 0.8
    shrinkage: float = 0.0
    rule: str | None = None
    deadline_hours: float = 24.0
    contacts: float | None = None


def staffing(snapshot: Snapshot, asked: Asked) -> dict[str, Any]:
    """Agents per period for the `quantile` of its forecast contacts.

    erlang_c: the fewest who answer `service_level` of them within `within_seconds`. deadline: the fewest, the same in
    every open period, who finish all within `deadline_hours`. `scheduled` adds who is away (`shrinkage`).
    Raises QueryError for a channel, grain or range without a forecast, an unmeasured handling time, or too high a load.
    """
    periods, planned, basis = _planned(snapshot, asked)
    handle, measured = asked.handle_seconds, asked.handle_seconds is None
    if handle is None:
        handle = measured_seconds(snapshot, asked.channel)
    rule = asked.rule or (DEADLINE if asked.channel in _MAY_WAIT else ERLANG_C)
    figures = (
        _by_deadline(asked, periods, planned, handle)
        if rule == DEADLINE
        else _by_queue(asked, periods, planned, handle)
    )
    scheduled = erlang.with_shrinkage(figures["agents"], asked.shrinkage)
    rows = _rows(periods, planned, {**figures, "scheduled": scheduled})
    return {
        "version": snapshot.version,
        "cutoff": moment(snapshot.cutoff),
        "model": snapshot.model_version("volume"),
        "channel": asked.channel,
        "grain": asked.grain,
        "rule": rule,
        "service_level": asked.service_level,
        "within_seconds": asked.within_seconds,
        "deadline_hours": asked.deadline_hours if rule == DEADLINE else None,
        "handle_seconds": handle,
        "handle_measured": measured,
        "quantile": asked.quantile,
        "basis": basis,
        "shrinkage": asked.shrinkage,
        "most_scheduled": int(scheduled.max(initial=0)),
        "scheduled_hours": float((scheduled * periods.minutes).sum() / 60),
        "rows": rows,
    }


def measured_seconds(snapshot: Snapshot, channel: str) -> float:
    """Mean handling time of answered contacts, of the last 90 days, else of the last year, else of all.

    Raises QueryError where none was measured.
    """
    from features.statistics.figure import Query

    where = {} if channel == "all" else {"channel": (channel,)}
    for days in _MEASURED_DAYS:
        since = snapshot.cutoff - timedelta(days=days)
        found = snapshot.figure(Query("service_seconds_mean", since, snapshot.cutoff, where=where)).to_pylist()
        if found and found[0]["value"]:
            return float(found[0]["value"])
    raise QueryError(
        f"No handling time of {channel} was ever measured. Say it: handle_seconds, of a contact on average."
    )


def _planned(snapshot: Snapshot, asked: Asked) -> tuple[Ahead, Floats, str]:
    """The periods asked for, the contacts to staff for in each, and where their quantile comes from."""
    if asked.contacts is not None:
        minutes = np.array([PART_MINUTES[asked.grain]], np.int64)
        one = Ahead([snapshot.cutoff], minutes, minutes, np.array([asked.contacts]), [])
        return one, one.mean, "given"
    found = ahead(snapshot, asked.channel, asked.grain)
    chosen = _range(snapshot, asked, found)
    planned, basis = _quantile(snapshot, asked, found, chosen)
    part = Ahead(
        found.starts[chosen], found.minutes[chosen], found.open_minutes[chosen], found.mean[chosen], found.days
    )
    # Most quarters of a quiet channel bring nobody; the load is still that of all of them together.
    return part, np.maximum(planned, part.mean), basis


def _range(snapshot: Snapshot, asked: Asked, found: Ahead) -> slice:
    first, last = horizon_of(found.days)
    begin = as_moment(snapshot, asked.begin) or first
    end = as_moment(snapshot, asked.end) or begin + timedelta(days=DEFAULT_DAYS)
    if begin >= end:
        raise QueryError("`from` must lie before `to`; the range is half-open.")
    chosen = found.between(begin, end)
    if chosen.stop == chosen.start:
        raise QueryError(f"The forecast reaches from {moment(first)} to {moment(last)}. Ask for a part of that.")
    return chosen


def _quantile(snapshot: Snapshot, asked: Asked, found: Ahead, chosen: slice) -> tuple[Floats, str]:
    """By the widths of the backtest at this grain; else by the day's range, and chance beside it."""
    widths = Widths.of(snapshot.bundles.get("volume", {}), asked.channel, asked.grain)
    rough, basis = _from_days(asked, found)
    rough, mean = rough[chosen], found.mean[chosen]
    if widths is None:
        return rough, basis
    known = widths.quantile(mean, found.steps[chosen], asked.quantile)
    planned = np.where(np.isnan(known), rough, known)
    # A closed period expects nobody: the least width of a silent one would put agents there.
    return np.where(mean > 0, planned, 0.0), "backtest" if not np.isnan(known).any() else f"backtest, then {basis}"


def _from_days(asked: Asked, found: Ahead) -> tuple[Floats, str]:
    """A normal quantile of Poisson's variance and the day's own relative one; without ranges, of Poisson's alone."""
    starts = [row["period_start"] for row in found.days]
    upper = np.array([math.nan if row["upper_80"] is None else row["upper_80"] for row in found.days])
    mean = np.array([row["mean"] for row in found.days])
    deviation = (upper - mean) / NormalDist().inv_cdf(0.9)
    relative = np.maximum(deviation**2 - mean, 0.0) / np.maximum(mean, 1e-9) ** 2
    basis = "day's range" if not np.isnan(relative).any() else "chance alone"
    day = (
        np.searchsorted([start.timestamp() for start in starts], [at.timestamp() for at in found.starts], side="right")
        - 1
    )
    sure = np.nan_to_num(relative)[np.clip(day, 0, None)]
    normal = NormalDist().inv_cdf(asked.quantile)
    return np.maximum(found.mean + normal * np.sqrt(found.mean + sure * found.mean**2), 0.0), basis


def _by_queue(asked: Asked, periods: Ahead, planned: Floats, handle: float) -> dict[str, Any]:
    load = erlang.load(planned, handle, _seconds(periods.minutes))
    found = erlang.least_agents(load, asked.service_level, handle, asked.within_seconds)
    return {
        "erlangs": found.erlangs,
        "agents": found.agents,
        "service_level": found.service_level,
        "occupancy": found.occupancy,
        "answer_seconds": found.answer_seconds,
        "left": np.full(len(planned), math.nan),
    }


def _by_deadline(asked: Asked, periods: Ahead, planned: Floats, handle: float) -> dict[str, Any]:
    length = PART_MINUTES[asked.grain]
    due = int(asked.deadline_hours * 60 // length)
    found = deadline.least_agents(planned * handle, _seconds(periods.open_minutes), due)
    unknown = np.full(len(planned), math.nan)
    return {
        "erlangs": erlang.load(planned, handle, _seconds(periods.minutes)),
        "agents": np.where(periods.open_minutes > 0, found.agents, 0).astype(np.int64),
        "service_level": unknown,
        "occupancy": found.occupancy,
        "answer_seconds": unknown,
        "left": found.left_seconds / handle,
    }


def _seconds(minutes: Ints) -> Floats:
    return np.asarray(minutes * 60, np.float64)


def _rows(periods: Ahead, planned: Floats, figures: dict[str, Any]) -> list[dict[str, Any]]:
    columns = {
        "minutes": periods.minutes,
        "expected": periods.mean,
        "planned_for": planned,
        **{name: figures[name] for name in ("erlangs", "agents", "scheduled")},
        **{name: figures[name] for name in ("service_level", "occupancy", "answer_seconds", "left")},
    }
    listed = {name: values.tolist() for name, values in columns.items()}
    return [
        {"period_start": moment(start), **{name: plain(values[place]) for name, values in listed.items()}}
        for place, start in enumerate(periods.starts)
    ]
