"""What customers need, by the topics of the surveys: for marketing and managers."""

from typing import Any

from serving import shapes
from serving.answers import needs
from serving.operations import Call, Operation
from serving.parameters import day_or_time, text


def _needs(call: Call) -> dict[str, Any]:
    values = call.values
    return needs.needs(
        call.snapshot,
        call.caller,
        values["from"],
        values["to"],
        values["segment"],
        values["region"],
        values["owner"],
    )


OPERATIONS = (
    Operation(
        "GET",
        "/api/v1/needs",
        "How much each survey topic matters to customers, and how well it is met",
        _needs,
        shapes.Needs,
        (
            day_or_time("from", "the first company day or moment; 365 days before `to` by default"),
            day_or_time("to", "the first company day or moment no longer counted; the data's end by default"),
            text("segment", "only this segment's customers"),
            text("region", "only this region's customers"),
            text("owner", "only this rep's customers"),
        ),
        listed="needs",
        threaded=True,
        tagged=True,
    ),
)
