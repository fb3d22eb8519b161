"""Different customers counted without remembering any: each by the first of their contacts in a group.

Every contact knows the moment of its customer's contact before it, and of the one before it in the same channel. A
contact whose predecessor lies in another period, or before the range, is its customer's first there. That holds where
all contacts of a customer fall into the same groups, but for the period and the channel.
"""

from __future__ import annotations

from datetime import datetime

from features.statistics.periods import local, period
from features.statistics.query import Query
from features.windows import micros_of

ONCE = "once"
_OF_CUSTOMERS = {"owner", "region", "city", "country", "segment_id"}


def is_once(query: Query, moment: str, start: datetime, end: datetime, timezone: str, week_start: str) -> str | None:
    """SQL for a contact that is its customer's first in its group of the range; None where only counting tells."""
    previous = _previous(query)
    if previous is None:
        return None
    conditions = [f"{previous} IS NULL", f"{previous} < {micros_of(start)}"]
    if query.grain is not None:
        then, now = (period(query.grain, at, local(at, timezone, start, end), week_start) for at in (previous, moment))
        conditions.append(f"{then} <> {now}")
    return f"({' OR '.join(conditions)})"


def _previous(query: Query) -> str | None:
    named = {*query.by, *query.where}
    if named <= _OF_CUSTOMERS:
        return '"previous_us"'
    alone = "channel" in query.by or len(set(query.where.get("channel", ()))) == 1
    return '"previous_in_channel_us"' if alone and named <= {*_OF_CUSTOMERS, "channel"} else None
