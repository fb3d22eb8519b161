"""Segments: who the customers are, what sets each group apart, and who is in it."""

from typing import Any

import pyarrow as pa

from serving.answers.forms import moment, parsed_list, plain
from serving.answers.paging import cursor_for, start_of
from serving.answers.risk_meaning import risk_meaning
from serving.answers.whole_lists import WholeList, labels
from serving.callers import Caller
from serving.errors import NotFound
from serving.listing import RFM_CELL, Figures, Rows
from serving.member_lines import MEMBER, lines_of, member_table
from serving.snapshot import Snapshot
from training.bundle.segments import NOT_CLEAR


def all_segments(snapshot: Snapshot, _caller: Caller) -> dict[str, Any]:
    """Every segment with its names, size, mean risk and value, and profile; the whole company's, for every role.

    clear: whether customers fall into groups at all, null without a model; message_en and message_zh say so where they
    do not. changes: what the last training made of the segments before. flow: how many went from one to another within
    the month before that training, the largest moves first. rule_segments: RFM and filters, which overlap.
    """
    manifest = snapshot.bundles.get("segments", {})
    clear = manifest.get("metrics", {}).get("clear")
    message = NOT_CLEAR if clear is False else {}
    return {
        **_origin(snapshot),
        "clear": clear,
        "message_en": message.get("en"),
        "message_zh": message.get("zh"),
        "segments": _profiles(snapshot),
        "rule_segments": list(_rules(snapshot).values()),
        "changes": manifest.get("changes", []),
        "flow": manifest.get("flow"),
    }


def segment(snapshot: Snapshot, _caller: Caller, segment_id: str) -> dict[str, Any]:
    """One segment, and who came into it and left it in the month before its training. Raises NotFound."""
    return {**_origin(snapshot), **_profile(snapshot, segment_id), "flow": _flow_of(snapshot, segment_id)}


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
    days = risk_meaning(snapshot)["horizon_days"]
    return {
        **_origin(snapshot),
        "segment_id": segment_id,
        "name_en": named["name_en"],
        "name_zh": named["name_zh"],
        "total": len(rows),
        "next": cursor_for(snapshot.version, following) if following < len(rows) else None,
        "customers": [_member(row, caller, days) for row in listing.people(page)],
    }


def everybody(snapshot: Snapshot, caller: Caller, segment_id: str) -> WholeList:
    """All that `members` would list, page after page. Raises NotFound."""
    _profile(snapshot, segment_id)
    listing, ready = snapshot.listing, snapshot.member_lines
    days = risk_meaning(snapshot)["horizon_days"]

    def columns(rows: Rows) -> pa.Table:
        found = member_table(listing, rows, days)
        return found.set_column(0, "customer_id", labels(caller, found["customer_id"]))

    def lines(rows: Rows) -> pa.StringArray:
        return lines_of(listing, ready, rows, days)

    names = tuple(name for name in MEMBER if caller.sees_people or name != "name")
    chosen = listing.select("value", owner=caller.only_owner, segment=segment_id)
    are_ready = caller.sees_people and ready is not None
    return WholeList(chosen, names, columns, _origin(snapshot), lines if are_ready else None)


def _member(row: dict[str, Any], caller: Caller, days: list[int] | None) -> dict[str, Any]:
    shown = {
        "customer_id": caller.label(row["customer_id"]),
        "name": row["name"],
        **{name: row[name] for name in ("owner", "region", "city")},
        **{name: plain(row[name]) for name in ("churn_90", "risk_band", "value")},
        "horizon_days": days,
        "marketing_consent": row["marketing_consent"],
        "cutoff": moment(row["cutoff"]),
    }
    if not caller.sees_people:
        del shown["name"]
    return shown


def names(snapshot: Snapshot) -> dict[str, tuple[str, str]]:
    """English and Chinese name of every segment."""
    table = snapshot.tables["segment_profiles"].select(["segment_id", "name_en", "name_zh"])
    return {row["segment_id"]: (row["name_en"], row["name_zh"]) for row in table.to_pylist()}


def _flow_of(snapshot: Snapshot, segment_id: str) -> dict[str, Any] | None:
    """The moves into and out of one segment, those who stayed included; None where none were counted."""
    flow = snapshot.bundles.get("segments", {}).get("flow")
    if flow is None:
        return None
    return {**flow, "moves": [move for move in flow["moves"] if segment_id in (move["from_id"], move["to_id"])]}


def _profile(snapshot: Snapshot, segment_id: str) -> dict[str, Any]:
    for profile in _profiles(snapshot):
        if profile["segment_id"] == segment_id:
            return profile
    rules = _rules(snapshot)
    if segment_id in rules:
        return rules[segment_id]
    if RFM_CELL.fullmatch(segment_id) and snapshot.bundles.get("segments", {}).get("rfm"):
        return _rule(snapshot, segment_id, snapshot.listing.figures(snapshot.listing.inside(segment_id)))
    raise NotFound("There is no such segment. GET /api/v1/segments lists them.")


def _profiles(snapshot: Snapshot) -> list[dict[str, Any]]:
    columns = ["segment_id", "name_en", "name_zh", "customers", "share", "churn_90_mean", "value_mean", "profile"]
    rows = snapshot.tables["segment_profiles"].select(columns).to_pylist()
    stability = snapshot.bundles.get("segments", {}).get("metrics", {}).get("stability", {})
    return [
        {
            **{name: plain(row[name]) for name in columns[:-1]},
            "stability": stability.get(row["segment_id"]),
            "kind": "kmeans" if row["segment_id"] in stability else "rule",
            "where": [],
            "profile": parsed_list(row["profile"]),
        }
        for row in rows
    ]


def _rules(snapshot: Snapshot) -> dict[str, dict[str, Any]]:
    """Segments by rule, by id: those of RFM, then the filters of rapport.toml."""
    return {segment: _rule(snapshot, segment, figures) for segment, figures in snapshot.listing.rule_figures.items()}


def _rule(snapshot: Snapshot, segment: str, figures: Figures) -> dict[str, Any]:
    """A segment by rule as the others are described, its profile empty: the rule says what sets it apart."""
    customers, risk, value = figures
    english, chinese, kind, where = _called(snapshot, segment)
    return {
        "segment_id": segment,
        "name_en": english,
        "name_zh": chinese,
        "customers": customers,
        "share": customers / max(len(snapshot.listing.scores), 1),
        "churn_90_mean": risk,
        "value_mean": value,
        "stability": None,
        "kind": kind,
        "where": where,
        "profile": [],
    }


def _called(snapshot: Snapshot, segment: str) -> tuple[str, str, str, list[str]]:
    """English and Chinese name, kind and conditions of a segment by rule."""
    from training.bundle.rule_segments import RFM_SEGMENTS

    declared = snapshot.manifest.get("segment_filters", {}).get(segment)
    if declared is not None:
        return declared["name_en"] or segment, declared["name_zh"] or segment, "filter", declared["where"]
    if segment in RFM_SEGMENTS:
        return *RFM_SEGMENTS[segment][:2], "rfm", []
    cell = segment.removeprefix("rfm_")
    return f"RFM cell {cell}", f"RFM 单元 {cell}", "rfm", []


def _origin(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "version": snapshot.version,
        "cutoff": moment(snapshot.cutoff),
        "model": snapshot.model_version("segments"),
        **risk_meaning(snapshot),
    }
