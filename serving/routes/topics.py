"""What customers write about, for marketing, analysts and admins; and how satisfied everybody is."""

from typing import Any

from serving import shapes
from serving.answers import satisfaction, topics
from serving.operations import Call, Operation


def _topics(call: Call) -> dict[str, Any]:
    return topics.topics(call.snapshot, call.caller)


def _satisfaction(call: Call) -> dict[str, Any]:
    return satisfaction.satisfaction(call.snapshot, call.caller)


OPERATIONS = (
    Operation(
        "GET",
        "/api/v1/satisfaction",
        "CSAT of everybody, those who did not answer included, beside that of who did",
        _satisfaction,
        shapes.Satisfaction,
        tagged=True,
    ),
    Operation(
        "GET",
        "/api/v1/topics",
        "What customers write about, what they write about more often lately, with example messages",
        _topics,
        shapes.Topics,
        listed="topics",
        threaded=True,
        tagged=True,
    ),
)
