"""A customer's reasons as one caller may see them."""

from typing import Any

from serving.answers.forms import parsed_list
from serving.callers import Caller
from serving.explanations import explained


def reasons(caller: Caller, text: str | None) -> list[dict[str, Any]]:
    """The reasons kept in customer_scores, strongest first, in words; an analyst sees none that holds personal data."""
    found = parsed_list(text)
    visible = set(caller.columns("customer_features", [reason["feature"] for reason in found]))
    return [explained(reason) for reason in found if reason["feature"] in visible]
