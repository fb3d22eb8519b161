"""What customers need: how much each topic of the surveys matters, and how well it is met."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from serving.answers.forms import moment, plain_row
from serving.answers.statistics import asked_range, own_only
from serving.callers import Caller
from serving.snapshot import Snapshot

# Surveys come once or twice a year: a month of them may be none.
DAYS = 365


def needs(
    snapshot: Snapshot,
    caller: Caller,
    start: date | datetime | None = None,
    end: date | datetime | None = None,
    segment: str | None = None,
    region: str | None = None,
    owner: str | None = None,
) -> dict[str, Any]:
    """The topics of [start, end), company days where dates are given; by default the 365 days before the data's end.

    `left_out` counts topics that fewer than five customers answered on. A sales caller's are those of their own
    customers. Raises QueryError for an empty range, or a version of an older Rapport.
    """
    from features.statistics import needs as definition

    since, until = asked_range(snapshot, start, end)
    if start is None:
        zone = ZoneInfo(snapshot.company["timezone"])
        since = (until.astimezone(zone) - timedelta(days=DAYS)).astimezone(until.tzinfo)
    asked = {"segment_id": segment, "region": region, "owner": owner}
    where = own_only({name: (value,) for name, value in asked.items() if value is not None}, caller)
    rows, left_out = definition.needs(snapshot.figure, snapshot.tables["surveys"], since, until, where)
    return {
        "from": moment(since),
        "to": moment(until),
        "fewest": definition.FEWEST,
        "left_out": left_out,
        "version": snapshot.version,
        "cutoff": moment(snapshot.cutoff),
        "needs": [plain_row(row) for row in rows],
    }
