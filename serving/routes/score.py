"""Scores of histories that come with the request: what-if, or customers not known yet."""

from typing import Any

from serving import shapes
from serving.answers import score
from serving.histories import Histories
from serving.operations import Call, Operation


async def _score(call: Call) -> dict[str, Any]:
    return await score.scores(call.snapshot, call.caller, call.body)


OPERATIONS = (
    Operation(
        "POST",
        "/api/v1/score",
        "Churn risk, segment and value of histories in the body",
        _score,
        shapes.Scores,
        body=Histories,
    ),
)
