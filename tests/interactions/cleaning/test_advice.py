"""Every reason a row can be refused for has a sentence of its own on what mends it."""

import pytest

from interactions.cleaning.advice import advice
from interactions.cleaning.checks import ORDER

REASONS = (
    "broken line",
    "customer_id missing",
    "occurred_at not a date",
    "occurred_at in the future",
    "birth_year out of range",
    "duration negative",
    "amount not a number",
    "quantity not a whole number",
    "reopened not yes or no",
    *(reason for rules in ORDER.values() for _, _, reason in rules),
)


@pytest.mark.parametrize("reason", REASONS)
def test_a_known_reason_has_its_own_advice(reason: str) -> None:
    for language in ("en", "zh"):
        assert advice(reason, language) != advice("something new", language)
