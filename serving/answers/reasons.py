"""What a customer's risk is made of and why it differs from the one before, as one caller may see it."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import from_json

from serving.answers.forms import moment, parsed_list
from serving.callers import Caller
from serving.explanations import explained, in_english

CHANGES = ("corrections", "time", "new_data", "model")


def reasons(caller: Caller, text: str | None, event: str | None = None) -> list[dict[str, Any]]:
    """The reasons kept in customer_scores, strongest first, in words; an analyst sees none that holds personal data.

    `event`: what churn is told by.
    """
    return [explained(reason, event) for reason in _visible(caller, parsed_list(text))]


def sentences(caller: Caller, texts: Sequence[str | None], event: str | None = None) -> list[str]:
    """For each customer the English texts of `reasons` one after the other, as CSV has them."""
    # Read together: a hundred thousand small texts take twice as long one by one.
    found: list[list[dict[str, Any]]] = from_json(f"[{','.join(text or '[]' for text in texts)}]")
    if not caller.sees_people:
        found = [_visible(caller, one) for one in found]
    said: dict[tuple[str, Any, bool], str] = {}

    def in_words(one: Mapping[str, Any]) -> str:
        key = one["feature"], one["value"], one["effect"] > 0
        text = said.get(key)
        if text is None:
            text = said[key] = in_english(*key, event)
        return text

    return ["; ".join([in_words(one) for one in customer]) for customer in found]


def risk_parts(caller: Caller, scores: Mapping[str, Any]) -> dict[str, Any] | None:
    """{start, others}: churn_90 = start + the effects of `reasons` + others, in points of probability; None without."""
    if scores["risk_start"] is None:
        return None
    found = parsed_list(scores["reasons"])
    seen = _visible(caller, found)
    hidden = sum(reason["effect"] for reason in found if reason not in seen)
    return {"start": scores["risk_start"], "others": scores["risk_others"] + hidden}


def what_changed(scores: Mapping[str, Any]) -> dict[str, Any] | None:
    """{compared_with, risk_before, corrections, time, new_data, model}: the four add up to churn_90 - risk_before.

    None where there is no earlier risk to compare with.
    """
    if scores["compared_with"] is None:
        return None
    parts = {part: scores[f"changed_by_{part}"] for part in CHANGES}
    return {"compared_with": moment(scores["compared_with"]), "risk_before": scores["risk_before"], **parts}


def _visible(caller: Caller, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    visible = set(caller.columns("customer_features", [reason["feature"] for reason in found]))
    return [reason for reason in found if reason["feature"] in visible]
