"""Segments and who is in them: for marketing."""

from typing import Any

from serving import shapes
from serving.answers import segments
from serving.answers.whole_lists import WholeList
from serving.operations import Call, Operation
from serving.parameters import text, whole

SEGMENT = text("segment_id", "the segment's id", place="path")
LIMIT = whole("limit", "rows a page; CSV has all rows unless a page is asked for", 1, 1000, 100)
CURSOR = text("cursor", "`next` of the page before")


def _all(call: Call) -> dict[str, Any]:
    return segments.all_segments(call.snapshot, call.caller)


def _one(call: Call) -> dict[str, Any]:
    return segments.segment(call.snapshot, call.caller, call.values["segment_id"])


def _members(call: Call) -> dict[str, Any]:
    values = call.values
    return segments.members(call.snapshot, call.caller, values["segment_id"], values["limit"], values["cursor"])


def _everybody(call: Call) -> WholeList:
    return segments.everybody(call.snapshot, call.caller, call.values["segment_id"])


OPERATIONS = (
    Operation(
        "GET",
        "/api/v1/segments",
        "Every segment and what sets it apart",
        _all,
        shapes.Segments,
        listed="segments",
        tagged=True,
    ),
    Operation("GET", "/api/v1/segments/{segment_id}", "One segment", _one, shapes.OneSegment, (SEGMENT,), tagged=True),
    Operation(
        "GET",
        "/api/v1/segments/{segment_id}/customers",
        "The customers of a segment, most valuable first",
        _members,
        shapes.Members,
        (SEGMENT, LIMIT, CURSOR),
        whole=_everybody,
        listed="customers",
        threaded=True,
        tagged=True,
    ),
)
