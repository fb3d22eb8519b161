"""The segments, and one of them with its customers."""

from __future__ import annotations

from typing import Any

from serving.answers import segments as answers
from serving.control_group import HOLDOUT
from serving.dashboard import drawings
from serving.dashboard.memory import remembered
from serving.dashboard.paging import page_of, parts_of
from serving.dashboard.permissions import makes_exports
from serving.dashboard.texts import translator
from serving.dashboard.visit import Visit
from serving.export_files import FORMATS
from workspace.tables import CUSTOMER_FEATURES

PAGE = 50
TELLING = 3
LEAST_BAR = 0.2
LONGEST = 12
MOST_MOVES = 10


def segments(visit: Visit) -> dict[str, Any]:
    """`segments` with the few features that tell most, and `map`, a chart of value and risk.

    Besides: `message` where there are no clear segments, `changes` of the last training in words, `rules` (segments by
    rule), and `moves`, the largest of who went where within a month, with `flow`, its days.
    """
    answer = answers.all_segments(visit.snapshot, visit.caller)
    found = [{**segment, "telling": profile(segment["profile"])[:TELLING]} for segment in answer["segments"]]
    return {
        "segments": found,
        "map": remembered(("map", *visit.scope), lambda: _map(visit, found)),
        "message": visit.named(answer, "message"),
        "changes": [_change(visit, change, found) for change in answer["changes"]],
        "rules": answer["rule_segments"],
        "flow": answer["flow"],
        "moves": _moves(visit, answer["flow"], found),
    }


def segment(visit: Visit) -> dict[str, Any]:
    """`segment`, its `profile` with bars and the `rest` of it, `members` and `page`; `formats` and `holdout` of an
    export, no formats where the visitor may make none. Raises NotFound, QueryError."""
    segment_id = visit.path["segment_id"]
    found = answers.segment(visit.snapshot, visit.caller, segment_id)
    members = answers.members(visit.snapshot, visit.caller, segment_id, limit=PAGE, cursor=visit.text("cursor"))
    return {
        "segment": found,
        "name": visit.named(found, "name"),
        **_split(profile(found["profile"])),
        "members": members,
        "page": page_of(visit, members),
        "csv": parts_of(visit, members["total"]),
        "formats": FORMATS if makes_exports(visit.caller) else (),
        "holdout": HOLDOUT,
    }


def profile(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Profile rows with the feature's unit and a bar from -1 to 1, the most unusual feature being the longest."""
    longest = max((abs(row["difference"]) for row in rows if row["difference"] is not None), default=0.0) or 1.0
    return [
        {**row, "unit": unit_of(row["feature"]), "bar": (row["difference"] or 0.0) / longest}
        for row in rows
        if row["median"] is not None or row["overall_median"] is not None
    ]


def _split(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The features that tell most, and the rest: too close to everyone's, or of the same median."""
    telling = [row for row in rows if abs(row["bar"]) >= LEAST_BAR and row["median"] != row["overall_median"]][:LONGEST]
    return {"profile": telling, "rest": [row for row in rows if row not in telling]}


def unit_of(feature: str) -> str:
    """A feature's unit in tables.py; none for one that isn't there."""
    return CUSTOMER_FEATURES.column(feature).unit if feature in CUSTOMER_FEATURES.column_names else ""


def _change(visit: Visit, change: dict[str, Any], found: list[dict[str, Any]]) -> dict[str, Any]:
    """A change with the names of its two segments."""
    called = _called(visit, found)
    name = visit.named(change, "name") or called.get(change["segment_id"], change["segment_id"])
    return {**change, "name": name, "of_name": called.get(change["of"], change["of"])}


def _called(visit: Visit, found: list[dict[str, Any]]) -> dict[str, str]:
    return {segment["segment_id"]: visit.named(segment, "name") or segment["segment_id"] for segment in found}


def _moves(visit: Visit, flow: dict[str, Any] | None, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The largest moves from one segment to another: `move` in words, `customers`, `share` of the largest."""
    called = _called(visit, found)
    none = translator(visit.language)("no_customer")
    moved = [move for move in (flow["moves"] if flow is not None else []) if move["from_id"] != move["to_id"]]
    largest = max((move["customers"] for move in moved), default=1)
    return [
        {
            "move": f"{called.get(move['from_id'], none)} → {called.get(move['to_id'], none)}",
            "customers": move["customers"],
            "share": move["customers"] / largest,
        }
        for move in moved[:MOST_MOVES]
    ]


def _map(visit: Visit, found: list[dict[str, Any]]) -> dict[str, Any] | None:
    rows = [
        {
            "name": visit.named(segment, "name"),
            **{name: segment[name] for name in ("customers", "churn_90_mean", "value_mean")},
        }
        for segment in found
    ]
    return drawings.segments(visit, rows) if rows else None
