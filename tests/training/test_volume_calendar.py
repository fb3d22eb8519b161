"""The calendar as numbers."""

from datetime import date

import numpy as np

from features.calendar import calendar
from training.volume_calendar import REACH_DAYS, days


def at(found_first: np.datetime64, day: str) -> int:
    return int((np.datetime64(day) - found_first).astype(int))


def test_a_worked_sunday_and_a_free_weekday_are_told_apart() -> None:
    known = days(calendar(date(2025, 1, 1), date(2025, 12, 31), "CN"))
    # Sunday 26 January 2025 was worked for the Spring Festival, Wednesday the 29th was free.
    assert known.working_shift[at(known.first, "2025-01-26")] == 1
    assert known.working_shift[at(known.first, "2025-01-29")] == -1
    assert known.working_shift[at(known.first, "2025-03-12")] == 0


def test_distances_to_holidays_are_zero_on_them_and_limited() -> None:
    known = days(calendar(date(2025, 6, 1), date(2025, 12, 31), "CN"))
    assert known.to_holiday[at(known.first, "2025-10-01")] == 0
    assert known.to_holiday[at(known.first, "2025-09-28")] == 3
    assert known.to_holiday[at(known.first, "2025-08-01")] == REACH_DAYS


def test_the_twin_of_new_years_eve_lies_a_lunar_year_before() -> None:
    known = days(calendar(date(2024, 1, 1), date(2026, 12, 31), "CN"))
    # Lunar new year: 10 February 2024, 29 January 2025.
    for offset in (-2, 0, 3):
        twin = known.twin[at(known.first, "2025-01-29") + offset]
        assert twin == at(known.first, "2024-02-10") + offset


def test_a_day_far_from_every_holiday_has_no_twin() -> None:
    known = days(calendar(date(2024, 1, 1), date(2026, 12, 31), "CN"))
    assert known.twin[at(known.first, "2025-08-01")] == -1


def test_outside_the_calendar_there_is_no_day_number() -> None:
    known = days(calendar(date(2024, 1, 1), date(2024, 2, 1), "CN"))
    local = np.array(["2023-12-31T10:00", "2024-01-01T23:30", "2024-02-01T00:00"], "datetime64[m]")
    assert known.number(local).tolist() == [-1, 0, -1]
