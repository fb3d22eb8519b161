"""Received values as plain text: what counts as missing, and what is put before or in the place of it."""

from typing import Any

from interactions.cleaning.missing import known_text, plain_text
from interactions.sources.mapping import Rule


def test_a_prefix_stands_before_every_value_but_not_before_a_missing_one(evaluate: Any) -> None:
    def known(rule: Rule) -> Any:
        return lambda text: known_text(text, plain_text(text, "interaction_id"), "interaction_id", rule)

    texts = ["7", " ８ ", "", "NULL", None]
    rule = Rule(column=("id",), prefix="call-")
    assert [row["value"] for row in evaluate(known(rule), texts)] == ["call-7", "call-8", None, None, None]
    rule = Rule(column=("id",), prefix="call-", values={"7": "seven"}, default="none")
    assert [row["value"] for row in evaluate(known(rule), texts)][:3] == ["call-seven", "call-8", "none"]
