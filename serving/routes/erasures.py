"""A person forgotten, and the receipt for it: for admins."""

from typing import Any

from serving.erasure_request import ids_in, receipt, request
from serving.erasure_shapes import Receipt
from serving.errors import NotFound
from serving.operations import Call, Operation
from serving.parameters import text
from serving.routes.customers import CUSTOMER
from workspace import erasure_records
from workspace.journal import last_position

ERASURE = text("erasure_id", "the erasure's id", place="path")


def _erase(call: Call) -> dict[str, Any]:
    asked = call.values["customer_id"]
    ids = ids_in(call.snapshot, asked)
    known = erasure_records.of_customer(call.state, call.secret, asked)
    if not ids and known is None and not last_position(call.state, asked):
        raise NotFound("There is no such customer, or it is not yours to see.")
    # Somebody whom an event in the journal alone names has no more ids.
    return receipt(request(call.state, call.secret, call.workspace, ids or [asked], call.caller.name))


def _one(call: Call) -> dict[str, Any]:
    erasure = erasure_records.found(call.state, call.values["erasure_id"])
    if erasure is None:
        raise NotFound("There is no such erasure.")
    return receipt(erasure)


OPERATIONS = (
    Operation(
        "DELETE",
        "/api/v1/customers/{customer_id}",
        "Forget a person: hidden at once, then erased everywhere",
        _erase,
        Receipt,
        (CUSTOMER,),
        threaded=True,
        status=202,
    ),
    Operation(
        "GET",
        "/api/v1/erasures/{erasure_id}",
        "How far an erasure is; complete once the bytes are gone",
        _one,
        Receipt,
        (ERASURE,),
        threaded=True,
    ),
)
