"""What-if: the risk of customers like one whose single feature was another."""

from typing import Any

from serving import shapes
from serving.answers import what_if
from serving.operations import Call, Operation
from serving.parameters import number, text
from serving.routes.customers import CUSTOMER

_MOST = 1e15

_PARAMETERS = (
    CUSTOMER,
    text("feature", "only this feature; without it all that the company can influence or a contact changes"),
    number("value", "only the risk at this value of the feature, within its observed range", -_MOST, _MOST),
)


def _what_if(call: Call) -> dict[str, Any]:
    return what_if.what_if(call.snapshot, call.caller, **call.values)


OPERATIONS = (
    Operation(
        "GET",
        "/api/v1/customers/{customer_id}/what-if",
        "The risk of customers like this one whose single feature had another observed value: an association",
        _what_if,
        shapes.WhatIf,
        _PARAMETERS,
        threaded=True,
        tagged=True,
    ),
)
