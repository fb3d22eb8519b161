"""The models in use: for data scientists."""

from typing import Any

from serving import shapes
from serving.answers import models
from serving.operations import Call, Operation


def _models(call: Call) -> dict[str, Any]:
    return models.models(call.snapshot, call.caller, call.state)


OPERATIONS = (
    Operation(
        "GET", "/api/v1/models", "The champions: version, data, quality, and why", _models, shapes.Models, threaded=True
    ),
)
