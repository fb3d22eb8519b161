"""Rows of the statistics' base out of a few customers' contacts: by the definition that publish computes it by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from workspace.settings import Settings

if TYPE_CHECKING:
    from serving.snapshot import Snapshot

# A version is replaced long before its calendar ends.
_AHEAD = timedelta(days=400)


class LiveBase:
    """A table of the base from the tables interactions, customers and message_signals in the lake's schemas."""

    def __init__(self, settings: Settings, snapshot: Snapshot) -> None:
        from features.business_hours import open_days
        from features.statistics.compiled import base_sql
        from workspace.engine import locked_down

        days = open_days(settings.company, _first_day(snapshot), (datetime.now(UTC) + _AHEAD).date())
        self._sql = base_sql(None if days is None else days.schema)
        self._connection = locked_down(settings.limits.answer_memory)
        if days is not None:
            self._connection.register("open_days", days)

    def __call__(self, tables: Mapping[str, pa.Table]) -> pa.Table:
        for name, rows in tables.items():
            self._connection.register(name, rows)
        try:
            return self._connection.sql(self._sql).to_arrow_table()
        finally:
            for name in tables:
                self._connection.unregister(name)


def _first_day(snapshot: Snapshot) -> date:
    first = pc.min(snapshot.tables["interactions"]["occurred_at"]).as_py()
    return (first if first is not None else snapshot.cutoff).astimezone(UTC).date() - timedelta(days=1)
