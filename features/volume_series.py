"""Counts laid out as series: a row for every period and group, zeros in the gaps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from features.volume_contacts import ALL, By
from features.volume_open import open_minutes
from features.volume_periods import midnight_of
from workspace.settings import Company
from workspace.tables import TIMESTAMP


def schema(by: By) -> pa.Schema:
    """Columns of contact volume: period_start (UTC), period_local, what `by` names, count, open_minutes."""
    return pa.schema(
        [
            pa.field("period_start", TIMESTAMP),
            pa.field("period_local", pa.timestamp("us")),
            pa.field(by, pa.string()),
            pa.field("count", pa.int64()),
            pa.field("open_minutes", pa.int64()),
        ]
    )


def filled(
    joined: pd.DataFrame, periods: pd.DataFrame, counted: pd.Series[pd.Timestamp], company: Company, by: By
) -> pa.Table:
    """Counts (at, what `by` names, count) per group and period in `schema(by)`, sorted by both.

    A group begins on the day of the first of `counted` (moments of contacts on the company's clock), or where older
    totals begin it; "all" with the first period.
    """
    place = periods["start"].searchsorted(joined["at"], side="right") - 1
    inside = (place >= 0) & (joined["at"] < periods["stop"].iloc[-1]).to_numpy()
    rows = joined[inside].assign(place=place[inside])
    first = len(periods)
    if len(counted):
        first = int(periods["start"].searchsorted(midnight_of(counted, company)))
    spans = _arrow(periods, company)
    parts = [
        _series(str(group), found, spans, first, by)
        for group, found in rows.groupby([by, "place"], sort=True)["count"].sum().groupby(level=by, sort=True)
    ]
    return pa.concat_tables([schema(by).empty_table(), *parts]).combine_chunks()


def _arrow(periods: pd.DataFrame, company: Company) -> pa.Table:
    """Column by column: Arrow's own conversion of zoned times still uses what pandas 3.1 deprecates."""
    start = pa.array(periods["start"].dt.tz_convert(None).to_numpy()).cast(TIMESTAMP)
    local = pa.array(periods["local"].to_numpy()).cast(pa.timestamp("us"))
    minutes = pa.array(open_minutes(periods, company))
    return pa.table({"period_start": start, "period_local": local, "open_minutes": minutes})


def _series(group: str, found: pd.Series[int], spans: pa.Table, first: int, by: By) -> pa.Table:
    places = found.index.get_level_values("place").to_numpy()
    begin = 0 if group == ALL else min(first, int(places[0]))
    count = np.zeros(spans.num_rows - begin, np.int64)
    count[places - begin] = found.to_numpy()
    rows = spans.slice(begin)
    columns = {**{name: rows[name] for name in rows.column_names}, by: pa.repeat(group, len(count)), "count": count}
    return pa.table({field.name: columns[field.name] for field in schema(by)}, schema=schema(by))
