"""Verdicts on the bounds that others ask for, and what to do below them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from training.expected_grade import Expected
from training.holdings import Found, Horizon
from training.needs import Need, needs
from workspace.settings import Windows

AS_OF = datetime(2026, 7, 1, tzinfo=UTC)
RICH = Found(
    as_of=AS_OF,
    interactions=50_000,
    orders=9_000,
    without_customer=0.05,
    missing={},
    contacts_per_month={"all": 2_000.0, "phone": 2_000.0},
    volume_months=14.0,
    rated_texts=3_000,
    low_rated_texts=300,
    first=AS_OF - timedelta(days=500),
    customers=2_000,
    active=900,
    repeated=1_500,
    horizons=(Horizon(90, AS_OF - timedelta(days=90), 800, 120),),
)
GRADED = Expected("B", {"B": 1.0}, "recency", 0.08, (0.02, 0.14), 800, 800)


def verdicts(found: Found, expected: Expected | None = GRADED, why: str = "") -> dict[str, Need]:
    return {need.model: need for need in needs(found, Windows(), expected, why)}


def test_rich_data_is_enough_for_every_model() -> None:
    for need in verdicts(RICH).values():
        assert (need.verdict, need.to_do) == ("enough", "")


@pytest.mark.parametrize(
    ("lacking", "model", "advice"),
    [
        ({"horizons": (Horizon(90, AS_OF, 300, 60),)}, "churn", "more customers"),
        ({"horizons": (Horizon(90, AS_OF, 800, 10),)}, "churn", "both outcomes"),
        ({"first": AS_OF - timedelta(days=400)}, "churn", "55 days more"),
        ({"without_customer": 0.4}, "churn", "names the customer"),
        ({"repeated": 100}, "segments", "more customers"),
        ({"volume_months": 4.0}, "volume", "older contacts"),
        ({"contacts_per_month": {"all": 90.0}}, "volume", "wide intervals"),
        ({"low_rated_texts": 30}, "sentiment", "collect more"),
    ],
)
def test_too_little_is_thin_and_says_what_to_do(lacking: dict[str, object], model: str, advice: str) -> None:
    need = verdicts(replace(RICH, **lacking))[model]  # type: ignore[arg-type]
    assert need.verdict == "thin"
    assert advice in need.to_do


def test_what_training_would_refuse_is_not_enough() -> None:
    poor = replace(RICH, repeated=10, volume_months=0.3, rated_texts=0, low_rated_texts=0)
    found = verdicts(poor, None, "Churn needs more.")
    assert {need.verdict for need in found.values()} == {"not enough"}
    assert found["churn"].to_do == "Churn needs more."
