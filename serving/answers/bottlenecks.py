"""Where waiting grows: the channels, owners and hours that are answered later than before."""

from datetime import date, datetime
from typing import Any

from serving.answers.forms import moment, plain_row
from serving.answers.statistics import Compare, asked_range, own_only
from serving.callers import Caller
from serving.snapshot import Snapshot


def bottlenecks(
    snapshot: Snapshot,
    caller: Caller,
    start: date | datetime | None = None,
    end: date | datetime | None = None,
    compare: Compare = "previous",
) -> dict[str, Any]:
    """The bottlenecks of [start, end), company days where dates are given; by default the 30 days before the cutoff.

    A sales caller's are those of their own customers. Raises QueryError for an empty range.
    """
    from features.statistics import bottlenecks as definition

    since, until = asked_range(snapshot, start, end)
    rows = definition.bottlenecks(snapshot.figure, since, until, own_only({}, caller), compare)
    return {
        "from": moment(since),
        "to": moment(until),
        "compare": compare,
        "fewest": definition.FEWEST,
        "version": snapshot.version,
        "cutoff": moment(snapshot.cutoff),
        "rows": [plain_row(row) for row in rows],
    }
