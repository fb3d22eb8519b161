"""Older counts from a file: the history that `rapport backtest volume --history FILE.csv` judges."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from training.volume_panel import ALL, grain_named
from workspace.errors import SourceError

_STARTS = ("period_start", "date")
_COUNTS = ("count", "calls")
_MINUTES_A_DAY = 24 * 60


def volume_history(file: Path, grain: str = "day") -> pa.Table:
    """Counts of a CSV file as period_local (company-local), channel, count: one row per period of `grain` and channel.

    Columns: period_start or date, count or calls, and optionally period_minutes and channel ("all" without it). Times
    are taken as the company's clock. Finer periods are added up to the grain; a period that is not in the file stays
    unknown.
    Raises SourceError for a missing or empty file, missing columns, values that can't be read, or too coarse periods.
    """
    table = _read(file)
    start, count = _column(file, table, _STARTS), _column(file, table, _COUNTS)
    local = _local(file, table[start])
    minutes = grain_named(grain).minutes
    _check_length(file, table, local, minutes, grain)
    numbers = _whole(file, count, table[count])
    channel = pc.fill_null(table["channel"].cast(pa.string()), ALL) if "channel" in table.column_names else None
    names = channel if channel is not None else pa.array([ALL] * len(local))
    found = pa.table({"period_local": _floor(local, minutes), "channel": names, "count": numbers})
    summed = found.group_by(["period_local", "channel"]).aggregate([("count", "sum")])
    ordered = summed.sort_by([("channel", "ascending"), ("period_local", "ascending")])
    return ordered.rename_columns({"count_sum": "count"}).select(["period_local", "channel", "count"])


def _read(file: Path) -> pa.Table:
    if not file.is_file():
        raise SourceError(f"There is no file {file}. Check the path.")
    try:
        # Starts stay text: the reader would turn 09:00+08:00 into 01:00 UTC, and the file's clock is the company's.
        text = {name: pa.string() for name in (*_STARTS, "channel")}
        table = csv.read_csv(file, convert_options=csv.ConvertOptions(strings_can_be_null=True, column_types=text))
    except pa.ArrowInvalid as error:
        raise SourceError(f"{file} can't be read as CSV: {_first_line(error)}. Save it as UTF-8 with commas.") from None
    if table.num_rows == 0:
        raise SourceError(f"{file} has no rows. It needs one row for each period: date, count.")
    return table.rename_columns([name.strip().lower() for name in table.column_names])


def _column(file: Path, table: pa.Table, names: tuple[str, ...]) -> str:
    for name in names:
        if name in table.column_names:
            return name
    raise SourceError(f"{file} has no column {' or '.join(names)}; it has {', '.join(table.column_names)}. Rename one.")


def _local(file: Path, column: pa.ChunkedArray) -> pa.Array:
    """Clock times in microseconds; an offset in the file is dropped, for its clock is the company's."""
    try:
        if pa.types.is_string(column.type):
            column = pc.replace_substring_regex(column, r"(\d\d:\d\d.*)(Z|[+-]\d\d:?\d\d)$", r"\1")
        return column.cast(pa.timestamp("us")).combine_chunks()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise SourceError(
            f"{file}: the periods can't be read as dates or times. Write them like 2026-01-31 or 2026-01-31 09:30."
        ) from None


def _whole(file: Path, name: str, column: pa.ChunkedArray) -> pa.Array:
    try:
        numbers = column.cast(pa.int64()).combine_chunks()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise SourceError(f"{file}: column {name} must hold whole numbers of contacts. Correct it.") from None
    if pc.min(numbers).as_py() is None or pc.min(numbers).as_py() < 0:
        raise SourceError(f"{file}: column {name} holds no counts, or negative ones. Correct it.")
    return numbers


def _check_length(file: Path, table: pa.Table, local: pa.Array, minutes: int, grain: str) -> None:
    """Counts of a day can't be split into hours."""
    given = _minutes_given(table, local)
    if given is not None and given > minutes:
        raise SourceError(
            f"{file} counts periods of {given} minutes; grain {grain} needs {minutes} or fewer. Choose a coarser grain."
        )


def _minutes_given(table: pa.Table, local: pa.Array) -> int | None:
    if "period_minutes" in table.column_names:
        return int(pc.max(table["period_minutes"]).as_py() or 0)
    starts = np.unique(local.to_numpy(zero_copy_only=False).astype("datetime64[m]"))
    return int(np.diff(starts).min().astype(np.int64)) if len(starts) > 1 else None


def _floor(local: pa.Array, minutes: int) -> pa.Array:
    """Start of the period each time lies in; weeks begin on Monday."""
    at = local.to_numpy(zero_copy_only=False).astype("datetime64[m]").astype(np.int64)
    # 1970-01-01 was a Thursday: Monday is three days before.
    offset = 3 * _MINUTES_A_DAY if minutes > _MINUTES_A_DAY else 0
    floored = (at + offset) // minutes * minutes - offset
    return pa.array(floored.astype("datetime64[m]").astype("datetime64[us]"))


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:120]
