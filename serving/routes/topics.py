"""What customers write about: for marketing, analysts and admins."""

from typing import Any

from serving import shapes
from serving.answers import topics
from serving.operations import Call, Operation


def _topics(call: Call) -> dict[str, Any]:
    return topics.topics(call.snapshot, call.caller)


OPERATIONS = (
    Operation(
        "GET",
        "/api/v1/topics",
        "What customers write about, what they write about more often lately, with example messages",
        _topics,
        shapes.Topics,
        listed="topics",
        threaded=True,
    ),
)
