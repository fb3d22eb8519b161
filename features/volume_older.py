"""Counts of volume_history, which exist only as totals of channels, in front of the contacts that were counted."""

from __future__ import annotations

from datetime import datetime

import ibis
import pandas as pd

from features.clock import micros
from features.history import latest
from features.volume_contacts import ALL, QUARTER_US, By, known_before
from workspace.tables import TABLES


def older_totals(volume_history: ibis.Table, until: datetime | None, minutes: int) -> ibis.Table:
    """Older totals as contacts are counted: quarter (900 s since 1970, UTC) they begin in, channel, count.

    As known before `until`; of periods no longer than `minutes`: a longer one can't be split. A total that names no
    channel is one of "all".
    """
    rows = latest(known_before(volume_history, until), TABLES["volume_history"].key)
    rows = rows.filter(rows.period_minutes <= minutes)
    quarter = micros(rows.period_start) // QUARTER_US
    channel = rows.channel.fill_null(ALL)
    return (
        rows.group_by(quarter=quarter, channel=channel)
        .aggregate(count=lambda row: row["count"].sum())
        .order_by("quarter", "channel")
    )


def in_front(older: pd.DataFrame, counted: pd.DataFrame, by: By) -> pd.DataFrame:
    """Contacts with what volume_history knows of the days before them; group "all" is made for every moment.

    older: at, local, channel, count. counted: at, local, what `by` names, count, and so is the result. Of a day its
    total "all" counts before the sum of its channels. By region, owner or kind the totals reach "all" alone: whose they
    were nobody knows, and "unknown" would look like a fact about the callers.
    """
    if len(counted):
        older = older[older["local"] < counted["local"].min().normalize()]
    totals = older[older["channel"] == ALL]
    named = older[older["channel"] != ALL]
    summed = named[~named["local"].dt.normalize().isin(totals["local"].dt.normalize())]
    front = pd.concat([totals, summed])[["at", "local", "count"]]
    parts = [counted, front.assign(**{by: ALL}), counted.assign(**{by: ALL})]
    if by == "channel":
        parts.append(named)
    joined: pd.DataFrame = pd.concat([part for part in parts if len(part)] or [counted], ignore_index=True)
    return joined
