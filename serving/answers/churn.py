"""Churn: the customers at risk, with their reasons."""

from typing import Any

import pyarrow as pa

from serving.answers.forms import moment, plain
from serving.answers.paging import cursor_for, start_of
from serving.answers.reasons import reasons, sentences
from serving.answers.risk_meaning import risk_meaning
from serving.answers.segments import names
from serving.answers.whole_lists import WholeList, called, labels, repeated
from serving.callers import Caller
from serving.listing import Rows, Sort
from serving.snapshot import Snapshot

_SCORES = ("churn_30", "churn_60", "churn_90", "risk_band", "value")
_LISTED = (
    "customer_id", "name", "owner", "segment_id", "segment_name_en", "segment_name_zh", *_SCORES, "horizon_days",
    "expected_value", "value_at_risk", "recency_days", "reasons", "cutoff",
)  # fmt: skip


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
    rows = _chosen(snapshot, caller, owner, segment, min_risk, sort)
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


def everybody_at_risk(
    snapshot: Snapshot,
    caller: Caller,
    owner: str | None = None,
    segment: str | None = None,
    min_risk: float = 0.0,
    sort: Sort = "risk",
) -> WholeList:
    """All that `at_risk` would list, page after page, the reasons as one text."""
    listing = snapshot.listing
    chosen = _chosen(snapshot, caller, owner, segment, min_risk, sort)
    meaning = risk_meaning(snapshot)
    days = None if meaning["horizon_days"] is None else "; ".join(map(str, meaning["horizon_days"]))
    named = names(snapshot)

    def columns(rows: Rows) -> pa.Table:
        given = [name for name in _LISTED if name not in ("segment_name_en", "segment_name_zh", "horizon_days")]
        found = dict(zip(given, listing.table(rows, given).columns, strict=True))
        found["customer_id"] = labels(caller, found["customer_id"])
        for place, name in enumerate(("segment_name_en", "segment_name_zh")):
            found[name] = called(found["segment_id"], {one: both[place] for one, both in named.items()})
        found["horizon_days"] = repeated(days, len(rows))
        told = sentences(caller, found["reasons"].to_pylist(), meaning["event"])
        found["reasons"] = pa.array(told, pa.string())
        return pa.table(found)

    shown = tuple(name for name in _LISTED if caller.sees_people or name != "name")
    return WholeList(chosen, shown, columns, {"model": snapshot.model_version("churn")})


def _chosen(
    snapshot: Snapshot, caller: Caller, owner: str | None, segment: str | None, min_risk: float, sort: Sort
) -> Rows:
    """Rows of the list in its order, of those only whom the caller may see."""
    rows = snapshot.listing.select(sort, owner=owner, segment=segment, min_risk=min_risk)
    return rows if caller.only_owner is None else snapshot.listing.of_owner(rows, caller.only_owner)


def _customers(snapshot: Snapshot, caller: Caller, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    named = names(snapshot)
    meaning = risk_meaning(snapshot)
    return [_customer(caller, row, named.get(row["segment_id"], (None, None)), meaning) for row in rows]


def _customer(
    caller: Caller, row: dict[str, Any], names_of: tuple[str | None, str | None], meaning: dict[str, Any]
) -> dict[str, Any]:
    shown = {
        "customer_id": caller.label(row["customer_id"]),
        "name": row["name"],
        "owner": row["owner"],
        "segment_id": row["segment_id"],
        "segment_name_en": names_of[0],
        "segment_name_zh": names_of[1],
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
