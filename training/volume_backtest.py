"""`rapport backtest volume`: the forecast made again at past origins and judged on what came after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa

from features.volume import volume
from features.volume_periods import Grain
from training.volume_calendar import known_days
from training.volume_groups import in_groups, named_channel, total_of
from training.volume_history import volume_history
from training.volume_intraday import days_of, in_parts, slots_a_day
from training.volume_panel import GRAINS, WEEKS_NEEDED, Ints, Panel, grain_named, panel
from training.volume_quality import report, series_of
from training.volume_walk import Walk, origins_of, spaced, walk
from workspace.errors import QueryError
from workspace.folder import Workspace
from workspace.progress import Progress, silent

LEVELS = (80, 95)
_DEFAULT_HORIZON = {"15min": 672, "30min": 336, "hour": 168, "day": 14, "week": 4}
# Widths of a backtest's first judged window come from this many windows before it, where there are as many.
_EARLIER_WEEKS = 26
_REFIT_DAYS = 14


def backtest(
    workspace: Workspace,
    grain: str,
    horizon: int | None,
    windows: int,
    levels: Sequence[int] = LEVELS,
    by: str | None = None,
    history: Path | None = None,
    progress: Progress = silent,
) -> dict[str, Any]:
    """`backtest_volume` on a workspace's contacts, or on the counts of the file `history`."""
    grain_named(grain)
    if by not in (None, "channel", "region"):
        raise QueryError(
            f"A volume backtest can be split by channel or region, not by `{by}`. Choose one, or leave it out."
        )
    if by == "region" and (history is not None or grain != "day"):
        raise QueryError(
            "Regions are judged by the day and on a workspace's contacts. Leave --history and --grain out."
        )
    if history is not None:
        table = volume_history(history, grain)
    elif by == "region":
        table = named_channel(volume(workspace, None, "day", "region"), "region")
    else:
        table = volume(workspace, None, cast(Grain, grain))
    country = workspace.settings.company.calendar
    return backtest_volume(
        table,
        grain=grain,
        horizon=horizon,
        windows=windows,
        levels=levels,
        by=by,
        country=country,
        progress=progress,
    )


def backtest_volume(
    table: pa.Table,
    *,
    grain: str = "day",
    horizon: int | None = None,
    windows: int = 26,
    levels: Sequence[int] = LEVELS,
    by: str | None = None,
    country: str = "CN",
    progress: Progress = silent,
) -> dict[str, Any]:
    """Judge the forecast on the last `windows` windows of `horizon` periods, refitted at the start of each.

    table: period_local, channel, count (features.volume or volume_history). Returns {grain, horizon, windows, series,
    wape, mase, bias, coverage: {"80", "95"}, coverage_spread (of the windows' shares), interval_score (per contact),
    baselines: {seasonal_naive: {wape, mase, bias, interval_score}, seasonal_mean: ...}, channels: {channel: the same}}.
    The figures on top are the total's ("all"), or with by all channels' or regions' together. Coverage is out of
    sample; null where too few earlier windows could support the level.
    Raises NotEnoughHistoryError when not one window fits, QueryError for an unknown grain.
    """
    if by not in (None, "channel", "region"):
        raise QueryError(
            f"A volume backtest can be split by channel or region, not by `{by}`. Leave it out, or say one."
        )
    _check_levels(levels)
    counts = panel(table, grain)
    steps = horizon or _DEFAULT_HORIZON[grain]
    week = counts.grain.a_week if counts.grain.season > 1 else 1
    earliest = max(WEEKS_NEEDED * week, 4)
    judged = origins_of(counts.periods, steps, windows, earliest, counts.grain)
    before = spaced(max(earliest, int(judged[0]) - _EARLIER_WEEKS * week - steps), int(judged[-1]), week)
    whole = total_of(counts) if by == "region" else counts
    done = _walked(whole, before, judged, steps, country, lambda share: progress("backtest", share))
    if by == "region":
        done = in_groups(done, counts)
    # A window in a gap of months judges nothing.
    judged = judged[~np.isnan(done.at(judged).actual).all(axis=(1, 2))]
    series = series_of(counts, by is not None and len(counts.channels) > 1)
    return {
        "grain": grain,
        "horizon": steps,
        "windows": len(judged),
        "series": len(series),
        **report(done, judged, series, levels),
    }


def _walked(
    counts: Panel, before: Ints, judged: Ints, steps: int, country: str, progress: Callable[[float], None]
) -> Walk:
    """Forecasts from all origins, refitted at each judged one and, before those, every horizon."""
    origins = np.unique(np.concatenate([before, judged]))
    week = counts.grain.a_week if counts.grain.season > 1 else 1
    fits = np.unique(np.concatenate([before[before < judged[0]][:: max(1, steps // week)], judged]))
    if counts.grain.minutes >= GRAINS["day"].minutes:
        return walk(counts, known_days(counts, steps, country), origins, fits, steps, steps, progress)
    # Parts of a day follow from its days. These are refitted once in so many weeks: judged windows may lie hours apart.
    slots = slots_a_day(counts)
    ahead = -(-(steps + slots - 1) // slots)
    daily = days_of(counts)
    days = np.unique(origins // slots)
    done = walk(daily, known_days(daily, ahead, country), days, _apart(fits // slots), ahead, ahead, progress)
    return in_parts(done, counts, origins, steps)


def _apart(fits: Ints) -> Ints:
    """Of rising days the first, and each that is _REFIT_DAYS or more after the one kept before it."""
    found = [int(fits[0])]
    for day in fits.tolist():
        if day - found[-1] >= _REFIT_DAYS:
            found.append(day)
    return np.array(found, np.int64)


def _check_levels(levels: Sequence[int]) -> None:
    for level in levels:
        if not 0 < level < 100:
            raise QueryError(f"An interval level is a percentage between 1 and 99, not {level}. Try 80,95.")
