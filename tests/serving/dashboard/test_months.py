from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from serving.dashboard.months import last_full_month, month_before


@pytest.mark.parametrize(
    ("cutoff", "month"),
    [
        (datetime(2026, 10, 31, 16, tzinfo=UTC), date(2026, 10, 1)),
        (datetime(2026, 10, 31, 15, 59, tzinfo=UTC), date(2026, 9, 1)),
        (datetime(2026, 1, 15, tzinfo=UTC), date(2025, 12, 1)),
    ],
)
def test_the_last_month_wholly_before_the_cutoff(cutoff, month):
    assert last_full_month(cutoff, ZoneInfo("Asia/Shanghai")) == month


def test_months_back_and_forth():
    assert month_before(date(2026, 3, 1), 3) == date(2025, 12, 1)
    assert month_before(date(2025, 12, 1), -1) == date(2026, 1, 1)
    assert month_before(date(2026, 3, 1), 0) == date(2026, 3, 1)
