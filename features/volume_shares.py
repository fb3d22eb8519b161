"""Whose contacts they are: the share of each region in a day's contacts, by weekday, as lately seen."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from features.volume_contacts import ALL, By
from features.volume_profile import WEEKS, Floats
from features.volume_split import group_shares
from workspace.tables import FLOAT, INTEGER, TEXT

SHARES = pa.schema([("region", TEXT), ("weekday", INTEGER), ("share", FLOAT)])


def shares_of(days: pa.Table, by: By = "region") -> pa.Table:
    """region, weekday (Monday is 0), share, from counts of `features.volume` by days and regions; empty without any."""
    names = sorted(set(days[by].to_pylist()) - {ALL})
    local = days["period_local"].to_numpy().astype("datetime64[D]")
    if not names or len(local) == 0:
        return SHARES.empty_table()
    last = local.max()
    number = (local - last).astype(np.int64) + 7 * WEEKS - 1
    group = days[by].to_numpy(zero_copy_only=False).astype(str)
    count = days["count"].to_numpy().astype(np.float64)
    rows = {name: _row(number[group == name], count[group == name]) for name in (*names, ALL)}
    shares = group_shares(np.stack([rows[name] for name in names]), rows[ALL])
    # 1970-01-01 was a Thursday.
    first_weekday = (int(last.astype(np.int64)) + 4) % 7
    by_weekday = np.roll(shares, first_weekday, axis=0)
    columns = {
        "region": pa.array(np.repeat(np.array(names), 7)),
        "weekday": pa.array(np.tile(np.arange(7), len(names))),
        "share": pa.array(by_weekday.T.ravel()),
    }
    return pa.table(columns).cast(SHARES)


def _row(number: np.ndarray, count: np.ndarray) -> Floats:
    found = np.full(7 * WEEKS, np.nan)
    kept = number >= 0
    found[number[kept]] = count[kept]
    return found
