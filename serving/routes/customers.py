"""One customer, and what came of contacting them: for sales."""

from typing import Annotated, Any, Literal

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, StringConstraints

from serving import shapes
from serving.answers import customers
from serving.operations import Call, Operation
from serving.parameters import text
from workspace.state import OUTCOMES, now

CUSTOMER = text("customer_id", "the customer's key; for analysts the pseudonym", place="path")


class Outcome(BaseModel):
    """What came of contacting a customer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    outcome: Literal["contacted", "no_answer", "stays", "leaves", "undecided"]
    note: Annotated[str, StringConstraints(max_length=500)] | None = None


def _customer(call: Call) -> dict[str, Any]:
    return customers.customer(call.snapshot, call.caller, call.values["customer_id"])


def _record(call: Call) -> dict[str, Any]:
    key = customers.key_of(call.snapshot, call.caller, call.values["customer_id"])
    said = call.body.outcome if call.body.note is None else f"{call.body.outcome}: {call.body.note}"
    row = {"customer_id": key, "outcome": said, "recorded_by": call.caller.name, "recorded_at": now()}
    with call.state.begin() as connection:
        number = connection.execute(sa.insert(OUTCOMES).values(**row).returning(OUTCOMES.c.number)).scalar_one()
    return {"number": number, "customer_id": key, "outcome": call.body.outcome, "recorded_at": row["recorded_at"]}


OPERATIONS = (
    Operation(
        "GET",
        "/api/v1/customers/{customer_id}",
        "Profile, scores with reasons, and timeline of one customer",
        _customer,
        shapes.Customer,
        (CUSTOMER,),
        fresh=CUSTOMER.name,
        threaded=True,
        tagged=True,
    ),
    Operation(
        "POST",
        "/api/v1/customers/{customer_id}/outcomes",
        "Record what came of contacting a customer",
        _record,
        shapes.Recorded,
        (CUSTOMER,),
        body=Outcome,
        threaded=True,
        status=201,
    ),
)
