from datetime import UTC, datetime, timedelta

from features.local_time import offsets

HOUR = timedelta(hours=1)


def test_summer_time_to_the_second() -> None:
    found = offsets("Europe/Berlin", datetime(2025, 12, 31, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC))
    assert found == [
        (datetime(2025, 12, 31, tzinfo=UTC), HOUR),
        (datetime(2026, 3, 29, 1, tzinfo=UTC), 2 * HOUR),
        (datetime(2026, 10, 25, 1, tzinfo=UTC), HOUR),
    ]


def test_an_odd_range_around_a_change() -> None:
    start = datetime(2026, 3, 29, 0, 59, 59, 900_000, tzinfo=UTC)
    assert offsets("Europe/Berlin", start, start + timedelta(seconds=5))[1:] == [
        (datetime(2026, 3, 29, 1, tzinfo=UTC), 2 * HOUR)
    ]


def test_china_had_summer_time_once() -> None:
    assert len(offsets("Asia/Shanghai", datetime(1992, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))) == 1
    assert len(offsets("Asia/Shanghai", datetime(1988, 1, 1, tzinfo=UTC), datetime(1989, 1, 1, tzinfo=UTC))) == 3


def test_half_hours() -> None:
    assert (
        offsets("Asia/Kolkata", datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))[0][1] == 5.5 * HOUR
    )
