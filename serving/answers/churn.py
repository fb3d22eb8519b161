"""Churn: the customers at risk, with their reasons."""

from typing import Any

from serving.answers.forms import moment, plain
from serving.answers.paging import cursor_for, start_of
from serving.answers.reasons import reasons
from serving.answers.risk_meaning import risk_meaning
from serving.answers.segments import names
from serving.callers import Caller
from serving.listing import Sort
from serving.snapshot import Snapshot

_SCORES = ("churn_30", "churn_60", "churn_90", "risk_band", "value")


def at_risk(
    snapshot: Snapshot,
    caller: Caller,
    owner: str | None = None,
    segment: str | None = None,
    min_risk: float = 0.0,
    sort: Sort = "risk",
    limit: int = 100,
    cursor: str | None = None,
) -> dict[str, Any]:
    """Active customers by risk of churn over the last horizon, by value, by risk x value, or by risk x expected value
    (`value_at_risk`); sales see their own alone.

    `total` counts all that match, `next` is the cursor of the following page or None. Raises QueryError for a cursor
    of another version.
    """
    rows = snapshot.listing.select(sort, owner=owner, segment=segment, min_risk=min_risk)
    if caller.only_owner is not None:
        rows = snapshot.listing.of_owner(rows, caller.only_owner)
    start = start_of(cursor, snapshot.version)
    page = rows[start : start + limit]
    following = start + len(page)
    return {
        "version": snapshot.version,
        "cutoff": moment(snapshot.cutoff),
        "model": snapshot.model_version("churn"),
        "grade": snapshot.churn.grade if snapshot.churn is not None else None,
        **risk_meaning(snapshot),
        "total": len(rows),
        "next": cursor_for(snapshot.version, following) if following < len(rows) else None,
        "customers": _customers(snapshot, caller, snapshot.listing.people(page)),
    }


def _customers(snapshot: Snapshot, caller: Caller, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    called = names(snapshot)
    meaning = risk_meaning(snapshot)
    return [_customer(caller, row, called.get(row["segment_id"], (None, None)), meaning) for row in rows]


def _customer(
    caller: Caller, row: dict[str, Any], called: tuple[str | None, str | None], meaning: dict[str, Any]
) -> dict[str, Any]:
    shown = {
        "customer_id": caller.label(row["customer_id"]),
        "name": row["name"],
        "owner": row["owner"],
        "segment_id": row["segment_id"],
        "segment_name_en": called[0],
        "segment_name_zh": called[1],
        **{name: plain(row[name]) for name in _SCORES},
        "horizon_days": meaning["horizon_days"],
        "expected_value": plain(row.get("expected_value")),
        "value_at_risk": plain(row["value_at_risk"]),
        "recency_days": plain(row["recency_days"]),
        "reasons": reasons(caller, row["reasons"], meaning["event"]),
        "cutoff": moment(row["cutoff"]),
    }
    if not caller.sees_people:
        del shown["name"]
    return shown
