"""Segments: who the customers are, what sets each group apart, and who is in it."""

from typing import Any

from serving.answers.forms import moment, parsed_list, plain
from serving.answers.paging import cursor_for, start_of
from serving.callers import Caller
from serving.errors import NotFound
from serving.snapshot import Snapshot


def all_segments(snapshot: Snapshot, _caller: Caller) -> dict[str, Any]:
    """Every segment with its names, size, mean risk and value, and profile; the whole company's, for every role."""
    return {**_origin(snapshot), "segments": _profiles(snapshot)}


def segment(snapshot: Snapshot, _caller: Caller, segment_id: str) -> dict[str, Any]:
    """One segment. Raises NotFound."""
    return {**_origin(snapshot), **_profile(snapshot, segment_id)}


def members(
    snapshot: Snapshot, caller: Caller, segment_id: str, limit: int = 100, cursor: str | None = None
) -> dict[str, Any]:
    """The customers of a segment that the caller may see, most valuable first. Raises NotFound, QueryError."""
    named = _profile(snapshot, segment_id)
    listing = snapshot.listing
    rows = listing.select("value", owner=caller.only_owner, segment=segment_id)
    start = start_of(cursor, snapshot.version)
    page = rows[start : start + limit]
    following = start + len(page)
    return {
        **_origin(snapshot),
        "segment_id": segment_id,
        "name_en": named["name_en"],
        "name_zh": named["name_zh"],
        "total": len(rows),
        "next": cursor_for(snapshot.version, following) if following < len(rows) else None,
        "customers": [_member(row, caller) for row in listing.people(page)],
    }


def _member(row: dict[str, Any], caller: Caller) -> dict[str, Any]:
    shown = {
        "customer_id": caller.label(row["customer_id"]),
        "name": row["name"],
        **{name: row[name] for name in ("owner", "region", "city")},
        **{name: plain(row[name]) for name in ("churn_90", "risk_band", "value")},
        "marketing_consent": row["marketing_consent"],
    }
    if not caller.sees_people:
        del shown["name"]
    return shown


def names(snapshot: Snapshot) -> dict[str, tuple[str, str]]:
    """English and Chinese name of every segment."""
    table = snapshot.tables["segment_profiles"].select(["segment_id", "name_en", "name_zh"])
    return {row["segment_id"]: (row["name_en"], row["name_zh"]) for row in table.to_pylist()}


def _profile(snapshot: Snapshot, segment_id: str) -> dict[str, Any]:
    for profile in _profiles(snapshot):
        if profile["segment_id"] == segment_id:
            return profile
    raise NotFound("There is no such segment. GET /api/v1/segments lists them.")


def _profiles(snapshot: Snapshot) -> list[dict[str, Any]]:
    columns = ["segment_id", "name_en", "name_zh", "customers", "share", "churn_90_mean", "value_mean", "profile"]
    rows = snapshot.tables["segment_profiles"].select(columns).to_pylist()
    return [
        {**{name: plain(row[name]) for name in columns[:-1]}, "profile": parsed_list(row["profile"])} for row in rows
    ]


def _origin(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "version": snapshot.version,
        "cutoff": moment(snapshot.cutoff),
        "model": snapshot.model_version("segments"),
    }
