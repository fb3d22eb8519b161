"""How texts that come with the request feel: for systems that read messages before anybody does."""

from typing import Any

from serving import shapes
from serving.answers import sentiment
from serving.operations import Call, Operation


def _sentiment(call: Call) -> dict[str, Any]:
    return sentiment.sentiments(call.snapshot, call.caller, call.body)


OPERATIONS = (
    Operation(
        "POST",
        "/api/v1/sentiment",
        "Language, sentiment and the words that mattered of texts in the body",
        _sentiment,
        shapes.Sentiments,
        body=sentiment.Texts,
        threaded=True,
    ),
)
