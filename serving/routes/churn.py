"""Customers at risk: for sales."""

from typing import Any

from serving import shapes
from serving.answers import churn
from serving.answers.whole_lists import WholeList
from serving.operations import Call, Operation
from serving.parameters import choice, share, text
from serving.routes.segments import CURSOR, LIMIT

_PARAMETERS = (
    text("owner", "only this rep's customers"),
    text("segment", "only this segment's customers"),
    share("min_risk", "only with at least this risk over the last horizon", 0.0),
    choice("sort", "what comes first", ("risk", "value", "risk_value", "value_at_risk"), "risk"),
    LIMIT,
    CURSOR,
)


def _at_risk(call: Call) -> dict[str, Any]:
    return churn.at_risk(call.snapshot, call.caller, **call.values_without_format)


def _everybody(call: Call) -> WholeList:
    asked = {name: value for name, value in call.values_without_format.items() if name not in ("limit", "cursor")}
    return churn.everybody_at_risk(call.snapshot, call.caller, **asked)


OPERATIONS = (
    Operation(
        "GET",
        "/api/v1/churn",
        "Active customers by their risk of leaving, with reasons",
        _at_risk,
        shapes.AtRisk,
        _PARAMETERS,
        whole=_everybody,
        listed="customers",
        threaded=True,
        tagged=True,
    ),
)
