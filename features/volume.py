"""How many contacts came in each period and channel: what the volume forecast learns from.

Contacts are counted per UTC quarter of an hour by the engine, and those few numbers are then put into the company's
periods: every time zone's offset is a whole number of quarters, so days of 23 and 25 hours come out right.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa

from features.clock import micros
from features.contact import from_customer
from features.history import latest
from features.windows import micros_of
from workspace.engine import connect_by, lake_tables
from workspace.errors import NotEnoughHistoryError, QueryError
from workspace.folder import Workspace
from workspace.settings import WEEKDAYS, Company
from workspace.tables import TABLES, TIMESTAMP

VOLUME_TABLES = ("interactions", "volume_history")
ALL = "all"

Grain = Literal["30min", "hour", "day", "week"]

SCHEMA = pa.schema(
    [
        pa.field("period_start", TIMESTAMP),
        pa.field("period_local", pa.timestamp("us")),
        pa.field("channel", pa.string()),
        pa.field("count", pa.int64()),
    ]
)

_MINUTES: dict[str, int] = {"30min": 30, "hour": 60, "day": 1440, "week": 10080}
_QUARTER_US = 900_000_000


def volume(workspace: Workspace, until: datetime | None, grain: Grain = "day") -> pa.Table:
    """Contacts per company-local period and channel of a workspace; see `volume_of`."""
    settings = workspace.settings
    backend = connect_by(settings, str(workspace.temp))
    try:
        tables = lake_tables(backend, workspace.lake, VOLUME_TABLES)
        return volume_of(tables, settings.company, until, grain)
    finally:
        backend.disconnect()


def volume_of(
    tables: Mapping[str, ibis.Table], company: Company, until: datetime | None, grain: Grain = "day"
) -> pa.Table:
    """Contacts the customers began, per period and channel, and of all channels together (channel "all").

    period_start (UTC), period_local (the company's clock, no zone), channel, count; sorted by channel and period.
    Only complete periods that end at or before `until` (default: the local midnight after the last contact), counted
    as they were known then. Gaps are 0, from the first day of interactions on for every channel they have. Where
    volume_history reaches further back it is joined in front: its periods must be no longer than the grain, and its
    channel "all" counts before the sum of its named ones.

    Raises QueryError for a grain that isn't one, NotEnoughHistoryError when no period is complete.
    """
    if grain not in _MINUTES:
        raise QueryError(f"There is no grain {grain!r}; choose one of {', '.join(_MINUTES)}.")
    counted = _local(contacts(tables["interactions"], until).to_pyarrow().to_pandas(), company)
    older = _local(_history(tables["volume_history"], until, _MINUTES[grain]).to_pyarrow().to_pandas(), company)
    joined = _in_front(older, counted)
    end = _end(joined, company, until)
    periods = _periods(joined, company, grain, end)
    if len(periods) == 0:
        raise NotEnoughHistoryError(
            f"No complete {grain} of contacts{'' if until is None else f' before {until}'}. "
            "Collect a longer history, or choose a finer grain or a later date."
        )
    first = len(periods)
    if len(counted):
        first = int(periods["local"].searchsorted(counted["local"].min().normalize()))
    return _filled(joined, periods, first)


def contacts(interactions: ibis.Table, until: datetime | None = None) -> ibis.Table:
    """Contacts the customers began per quarter of an hour: quarter (900 s since 1970, UTC), channel, count.

    Unidentified callers count, machines don't. Of several versions of a row the latest known before `until` counts.
    """
    rows = interactions
    if until is not None:
        limit = micros_of(until)
        rows = rows.filter((micros(rows.known_at) < limit) & (micros(rows.occurred_at) < limit))
    rows = latest(rows, TABLES["interactions"].key)
    rows = rows.filter(from_customer(rows))
    quarter = micros(rows.occurred_at) // _QUARTER_US
    channel = rows.channel.fill_null("other")
    return (
        rows.group_by(quarter=quarter, channel=channel)
        .aggregate(count=lambda row: row.count())
        .order_by("quarter", "channel")
    )


def _history(volume_history: ibis.Table, until: datetime | None, minutes: int) -> ibis.Table:
    """Older totals in the same shape, of periods no longer than the grain: a longer one can't be split."""
    rows = volume_history
    if until is not None:
        rows = rows.filter(micros(rows.known_at) < micros_of(until))
    rows = latest(rows, TABLES["volume_history"].key)
    rows = rows.filter(rows.period_minutes <= minutes)
    quarter = micros(rows.period_start) // _QUARTER_US
    channel = rows.channel.fill_null(ALL)
    return (
        rows.group_by(quarter=quarter, channel=channel)
        .aggregate(count=lambda row: row["count"].sum())
        .order_by("quarter", "channel")
    )


def _local(quarters: pd.DataFrame, company: Company) -> pd.DataFrame:
    """The same counts with `at` (UTC) and `local` (the company's clock, without its zone)."""
    at = pd.to_datetime(quarters["quarter"].astype("int64") * (_QUARTER_US // 1_000_000), unit="s", utc=True)
    local = at.dt.tz_convert(company.timezone).dt.tz_localize(None)
    count = quarters["count"].astype("int64")
    return pd.DataFrame({"at": at, "local": local, "channel": quarters["channel"].astype("object"), "count": count})


def _in_front(older: pd.DataFrame, counted: pd.DataFrame) -> pd.DataFrame:
    """Interactions with what volume_history knows of the days before them; "all" is made for every moment."""
    if len(counted):
        older = older[older["local"] < counted["local"].min().normalize()]
    totals = older[older["channel"] == ALL]
    named = older[older["channel"] != ALL]
    summed = named[~named["local"].dt.normalize().isin(totals["local"].dt.normalize())]
    parts = [named, counted, totals, summed.assign(channel=ALL), counted.assign(channel=ALL)]
    joined: pd.DataFrame = pd.concat([part for part in parts if len(part)] or [counted], ignore_index=True)
    return joined


def _end(joined: pd.DataFrame, company: Company, until: datetime | None) -> pd.Timestamp:
    """The company-local moment at which the last complete period may end."""
    if until is not None:
        return pd.Timestamp(until).tz_convert(company.timezone).tz_localize(None)
    if not len(joined):
        return pd.Timestamp(0)
    last: pd.Timestamp = joined["local"].max()
    return last.normalize() + pd.Timedelta(days=1)


def _periods(joined: pd.DataFrame, company: Company, grain: Grain, end: pd.Timestamp) -> pd.DataFrame:
    """Every complete period from the first day on: `start` and `stop` in UTC, `local` start."""
    if not len(joined):
        return pd.DataFrame({"start": [], "stop": [], "local": []})
    first = joined["local"].min().normalize()
    if grain in ("day", "week"):
        days = 1
        if grain == "week":
            days = 7
            first += pd.Timedelta(days=(WEEKDAYS.index(company.week_start) - first.weekday()) % 7)
        local = pd.date_range(first, end, freq=f"{days}D")
        edges = _to_utc(local, company)
    else:
        span = _to_utc(pd.DatetimeIndex([first, end]), company)
        edges = pd.date_range(span[0], span[1], freq=f"{_MINUTES[grain]}min")
        local = edges.tz_convert(company.timezone).tz_localize(None)
    return pd.DataFrame({"start": edges[:-1], "stop": edges[1:], "local": local[:-1]})


def _to_utc(local: pd.DatetimeIndex, company: Company) -> pd.DatetimeIndex:
    """Local starts of days as UTC; a midnight that the clock skips is the first moment after it."""
    zoned = local.tz_localize(company.timezone, nonexistent="shift_forward", ambiguous=np.full(len(local), True))
    return zoned.tz_convert("UTC")


def _filled(joined: pd.DataFrame, periods: pd.DataFrame, first: int) -> pa.Table:
    """Counts per period and channel with zeros in the gaps; a channel begins at period `first` or where it is older."""
    place = periods["start"].searchsorted(joined["at"], side="right") - 1
    inside = (place >= 0) & (joined["at"] < periods["stop"].iloc[-1]).to_numpy()
    rows = joined[inside].assign(place=place[inside])
    counts = rows.groupby(["channel", "place"], sort=True)["count"].sum()
    channels = sorted(rows["channel"].unique())
    parts = [_series(counts[channel], channel, periods, first) for channel in channels]
    return _arrow(pd.concat(parts, ignore_index=True))


def _arrow(rows: pd.DataFrame) -> pa.Table:
    """Column by column: Arrow's own conversion of zoned times still uses what pandas 3.1 deprecates."""
    start = rows["period_start"].dt.tz_convert(None)
    columns = [start, rows["period_local"], rows["channel"], rows["count"]]
    arrays = [pa.array(column.to_numpy()).cast(field.type) for column, field in zip(columns, SCHEMA, strict=True)]
    return pa.Table.from_arrays(arrays, schema=SCHEMA)


def _series(found: pd.Series[int], channel: str, periods: pd.DataFrame, first: int) -> pd.DataFrame:
    begin = 0 if channel == ALL else min(first, int(found.index[0]))
    spans = periods.iloc[begin:]
    count = found.reindex(spans.index, fill_value=0)
    return pd.DataFrame(
        {"period_start": spans["start"], "period_local": spans["local"], "channel": channel, "count": count}
    )
