"""What a workspace holds, beside what a look at its few rows says."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from features.history import HISTORY_TABLES
from features.windows import Window
from training.holdings import Found, with_people, without_people
from training.observed import observe
from workspace.engine import connect, lake_tables
from workspace.folder import Workspace

AS_OF = datetime(2026, 7, 1, tzinfo=UTC)
WINDOW = Window(AS_OF, observation_days=365, active_days=90)
HEADER = "customer_id,occurred_at,channel,content,satisfaction"
LINES = (
    "A,2026-01-10 10:00,phone,late again,1",
    "A,2026-03-05 10:00,phone,,5",
    "A,2026-05-20 10:00,chat,thanks,5",
    "B,2026-02-20 10:00,phone,where is it,",
    "C,2026-04-10 10:00,phone,,",
    ",2026-06-10 10:00,chat,hello,2",
)

COUNTS = (("phone", 4), ("chat", 2))


def held(workspace: Workspace) -> Found:
    backend = connect()
    try:
        tables = lake_tables(backend, workspace.lake, HISTORY_TABLES)
        found = without_people(workspace, AS_OF, tables)
        return with_people(found, observe(tables, WINDOW), tables, WINDOW, (30, 60))
    finally:
        backend.disconnect()


@pytest.fixture
def found(received: Callable[..., Workspace]) -> Found:
    return held(received("interactions", [HEADER, *LINES]))


def test_rows_gaps_and_rated_texts(found: Found) -> None:
    assert (found.interactions, found.orders) == (6, 0)
    assert found.without_customer == pytest.approx(1 / 6)
    assert found.missing["interactions"]["content"] == pytest.approx(1 / 3)
    assert set(found.missing) == {"interactions"}
    assert (found.rated_texts, found.low_rated_texts) == (3, 2)


def test_contacts_a_month_are_of_all_channels_and_of_each(found: Found) -> None:
    monthly = dict(found.contacts_per_month)
    assert monthly.pop("all") * found.volume_months == pytest.approx(6, rel=0.05)
    assert monthly == pytest.approx({channel: count / found.volume_months for channel, count in COUNTS}, abs=0.05)


def test_customers_and_who_of_them_is_active(found: Found) -> None:
    assert (found.customers, found.active, found.repeated) == (3, 2, 1)
    assert found.first == datetime(2026, 1, 10, 2, tzinfo=UTC)
    assert (round(found.days), found.covers_a_year) == (172, False)


def test_churners_of_each_horizon_that_is_over(found: Found) -> None:
    month, two = found.horizons
    # Before 2 May all had been heard of within 90 days, and A was again; before 1 June A and C had, and nobody was.
    assert (month.cutoff.date().isoformat(), month.active, month.churned) == ("2026-06-01", 2, 2)
    assert (two.cutoff.date().isoformat(), two.active, two.churned) == ("2026-05-02", 3, 2)
