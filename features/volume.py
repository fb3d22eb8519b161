"""How many contacts came in each period, by channel, region, owner or kind: what the volume forecast learns from.

Contacts are counted per UTC quarter of an hour by the engine (features/volume_contacts.py), and those few numbers are
then put into the company's periods (features/volume_periods.py), behind what volume_history knows of the time before
(features/volume_older.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import ibis
import pandas as pd
import pyarrow as pa

from features.identity import with_links
from features.volume_contacts import BY_CUSTOMER, DIMENSIONS, QUARTER_US, By, contacts
from features.volume_older import in_front, older_totals
from features.volume_periods import LONGEST, Grain, periods_of
from features.volume_series import filled
from workspace.engine import connect_by, lake_tables
from workspace.errors import NotEnoughHistoryError, QueryError
from workspace.folder import Workspace
from workspace.settings import Company

VOLUME_TABLES = ("interactions", "volume_history")


def volume(workspace: Workspace, until: datetime | None, grain: Grain = "day", by: By = "channel") -> pa.Table:
    """Contacts per company-local period of a workspace; see `volume_of`."""
    settings = workspace.settings
    backend = connect_by(settings, str(workspace.temp))
    try:
        if by in BY_CUSTOMER:
            tables = with_links(backend, workspace.lake, (*VOLUME_TABLES, "customers"))
        else:
            tables = lake_tables(backend, workspace.lake, VOLUME_TABLES)
        return volume_of(tables, settings.company, until, grain, by)
    finally:
        backend.disconnect()


def volume_of(
    tables: Mapping[str, ibis.Table],
    company: Company,
    until: datetime | None,
    grain: Grain = "day",
    by: By = "channel",
) -> pa.Table:
    """Contacts the customers began, per period and channel, region, owner or kind, and of all together ("all").

    period_start (UTC), period_local (the company's clock, no zone), what `by` names, count, open_minutes (of the period
    the company is open, by `[company.hours]`, holidays and shifted days: 0 is closed); sorted by the third and first.
    Only complete periods that end at or before `until` (default: the local midnight after the last contact), counted
    as they were known then. Gaps are 0, from the first day of interactions on, for every group that has a contact.

    tables: interactions and volume_history; with region or owner customers too, and identity_links where there are
    any. What the groups are called: `features.volume_contacts.contacts`. Where volume_history reaches further back it
    is joined in front, of channel and "all" or, with another `by`, of "all" alone: features/volume_older.py.

    Raises QueryError for a grain or dimension that isn't one, NotEnoughHistoryError when no period is complete,
    SettingsError for opening hours with a calendar whose holidays aren't known.
    """
    _check(grain, by)
    counted = _local(contacts(tables, until, by), company)
    older = _local(older_totals(tables["volume_history"], until, LONGEST[grain]), company)
    joined = in_front(older, counted, by)
    periods = periods_of(joined["local"], company, grain, until)
    if len(periods) == 0:
        raise NotEnoughHistoryError(
            f"No complete {grain} of contacts{'' if until is None else f' before {until}'}. "
            "Collect a longer history, or choose a finer grain or a later date."
        )
    return filled(joined, periods, counted["local"], company, by)


def _check(grain: str, by: str) -> None:
    if grain not in LONGEST:
        raise QueryError(f"There is no grain {grain!r}; choose one of {', '.join(LONGEST)}.")
    if by not in DIMENSIONS:
        raise QueryError(f"Contact volume is not counted by {by!r}; choose one of {', '.join(DIMENSIONS)}.")


def _local(quarters: ibis.Table, company: Company) -> pd.DataFrame:
    """Counts as computed, with `at` (UTC) and `local` (the company's clock, without its zone) in place of `quarter`."""
    rows: pd.DataFrame = quarters.to_pyarrow().to_pandas()
    at = pd.to_datetime(rows["quarter"].astype("int64") * (QUARTER_US // 1_000_000), unit="s", utc=True)
    local = at.dt.tz_convert(company.timezone).dt.tz_localize(None)
    return rows.drop(columns="quarter").assign(at=at, local=local, count=rows["count"].astype("int64"))
