"""The cursor: the column whose greatest value so far says where the next extraction goes on."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from workspace.errors import SettingsError


def incremental(cursor: str, lag: timedelta | float | None, place: str) -> Any:
    """dlt's incremental over a column. Rows are fetched from the last value less `lag` on, those without a value each
    time. Rows met again are not dlt's to leave out (`primary_key=()`): it would leave out changed ones as well.

    Raises SettingsError, while rows are fetched, for a lag that doesn't suit the column's values.
    """
    from dlt.extract.incremental import Incremental

    class Lagging(Incremental[Any]):
        """dlt's own lag knows few forms of times as text, and takes a day for a second."""

        def merge(self, other: Any) -> Any:
            for one in (self, other):
                # dlt makes its copies of the class named here, which it sets to its own.
                one.__dict__.pop("__orig_class__", None)
            return super().merge(other)

        def _get_last_value(self) -> Any:
            value = super()._get_last_value()
            return value if self._current_last_value is not None else before(value, lag, cursor, place)

        def __call__(self, rows: Any, meta: Any = None) -> Any:
            value = next((row.get(cursor) for row in rows if row.get(cursor) is not None), None)
            before(value, lag, cursor, place)
            return super().__call__(rows, meta)

    return Lagging(
        cursor_path=f"['{cursor}']",
        primary_key=(),
        on_cursor_value_missing="include",
        allow_external_schedulers=False,
    )


def before(value: Any, lag: timedelta | float | None, cursor: str, place: str) -> Any:
    """The value `lag` earlier: whole days for a date, the same form for a time written as text.

    Raises SettingsError for a lag that doesn't suit the value.
    """
    if not lag or value is None:
        return value
    if isinstance(lag, timedelta):
        if isinstance(value, datetime):
            return value - lag
        if isinstance(value, date):
            return value - timedelta(days=math.ceil(lag / timedelta(days=1)))
        if isinstance(value, str):
            return _text_before(value, lag, cursor, place)
        raise SettingsError(f"{place} cursor_lag: `{cursor}` holds numbers; give a number, not a time.")
    if isinstance(value, Decimal):
        return value - Decimal(str(lag))
    if isinstance(value, int | float):
        return value - lag
    raise SettingsError(f'{place} cursor_lag: `{cursor}` holds no numbers; give a time such as "2d", not a number.')


def _text_before(value: str, lag: timedelta, cursor: str, place: str) -> str:
    """Texts are compared sign by sign, so that the earlier time is cut after its seconds, or its day."""
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        raise SettingsError(
            f"{place} cursor_lag: `{cursor}` holds text that is no time such as 2024-01-31 10:00:00. "
            "Leave cursor_lag out, or choose another cursor."
        ) from None
    earlier = time - lag
    if len(value) <= 10:
        return (earlier if lag % timedelta(days=1) == timedelta(0) else earlier - timedelta(days=1)).isoformat()[:10]
    return earlier.isoformat(sep=value[10])[: min(len(value), 19)]
