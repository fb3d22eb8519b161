from datetime import UTC, datetime, timedelta

from training.cutoffs import plan, steps_for
from training.limits import churn_limits

AS_OF = datetime(2026, 7, 1, 16, tzinfo=UTC)


def said(history_days: int, horizons: tuple[int, ...], customers: int = 5_000, by: str = "costs") -> list[str]:
    first = AS_OF - timedelta(days=history_days)
    cut = steps_for(first, AS_OF, horizons)
    found = churn_limits(plan(first, AS_OF, cut, 365), cut, customers, by)
    assert all(set(limit) == {"en", "zh"} for limit in found)
    return [limit["en"] for limit in found]


def test_a_horizon_never_followed_is_told_with_its_days() -> None:
    (horizon, season) = said(540, (273,))
    assert "through 273 days" in horizon
    assert "level, which is not guaranteed" in horizon
    assert "season" in season


def test_two_years_of_months_have_followed_the_horizon_but_not_the_season() -> None:
    (season,) = said(730, (30, 60, 90))
    assert "season" in season


def test_few_customers_and_bands_without_costs_are_told() -> None:
    found = said(730, (30, 60, 90), customers=400, by="shares")
    assert any("400 customers" in one for one in found)
    assert any("[churn.costs]" in one for one in found)
