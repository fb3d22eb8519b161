from datetime import date

import pytest

from features.calendar import SCHEMA, calendar, shifted_days
from workspace.errors import SettingsError


def of_day(day: date, country: str) -> dict:
    (row,) = calendar(day, date.fromordinal(day.toordinal() + 1), country).to_pylist()
    return row


@pytest.mark.parametrize(
    "day",
    ["2024-02-04", "2024-10-12", "2025-01-26", "2025-02-08", "2025-09-28", "2026-01-04", "2026-02-28", "2026-10-10"],
)
def test_chinas_shifted_weekends_are_worked(day: str) -> None:
    row = of_day(date.fromisoformat(day), "CN")
    assert row["weekday"] >= 5
    assert row["is_working_day"]
    assert not row["is_holiday"]


@pytest.mark.parametrize(
    ("day", "country", "weekday", "is_holiday", "is_working_day"),
    [
        ("2026-10-09", "CN", 4, False, True),
        ("2026-10-11", "CN", 6, False, False),
        ("2026-10-01", "CN", 3, True, False),
        ("2025-02-03", "CN", 0, True, False),  # a Monday given off for a worked Sunday
        ("1999-02-05", "IL", 4, False, False),  # the weekend is Friday and Saturday
        ("1999-02-07", "IL", 6, False, True),
        ("2026-04-02", "IL", 3, True, False),
        ("2026-07-03", "US", 4, True, False),  # the Fourth falls on a Saturday
        ("2026-07-06", "US", 0, False, True),
    ],
)
def test_golden(day: str, country: str, weekday: int, is_holiday: bool, is_working_day: bool) -> None:
    row = of_day(date.fromisoformat(day), country)
    assert (row["weekday"], row["is_holiday"], row["is_working_day"]) == (weekday, is_holiday, is_working_day)
    assert (row["holiday"] is not None) == is_holiday


def test_distances_to_holidays_reach_over_the_ends() -> None:
    table = calendar(date(2025, 12, 28), date(2026, 1, 5), "US")
    assert table.schema.equals(SCHEMA)
    assert table["days_to_holiday"].to_pylist() == [4, 3, 2, 1, 0, 17, 16, 15]
    assert table["days_after_holiday"].to_pylist() == [3, 4, 5, 6, 0, 1, 2, 3]


def test_years_not_yet_announced_have_their_fixed_holidays() -> None:
    table = calendar(date(2035, 1, 1), date(2036, 1, 1), "CN").to_pandas()
    assert table.is_holiday.sum() >= 10
    assert not (table.is_working_day & (table.weekday >= 5)).any()


def test_an_unknown_country_names_the_setting() -> None:
    with pytest.raises(SettingsError, match=r'\[company\] calendar = "XX"'):
        calendar(date(2026, 1, 1), date(2026, 1, 2), "XX")


def test_shifted_days_name_the_weekday_they_are_worked_for() -> None:
    found = shifted_days(date(2025, 1, 1), date(2025, 10, 1), "CN")
    assert found == {
        date(2025, 1, 26): date(2025, 2, 3),
        date(2025, 2, 8): date(2025, 2, 4),
        date(2025, 4, 27): date(2025, 5, 5),
        date(2025, 9, 28): date(2025, 10, 7),
    }
    assert shifted_days(date(2025, 1, 1), date(2026, 1, 1), "DE") == {}
