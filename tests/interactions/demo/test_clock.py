"""Local seconds and UTC times are two views of one moment, in any zone."""

from datetime import UTC, date, datetime

import numpy as np
import pytest

from interactions.demo.clock import DAY, HOUR, NEVER, at_desk, local_seconds, make_clock


def test_the_first_second_is_local_midnight() -> None:
    clock = make_clock(date(2026, 10, 31), 730, "Asia/Shanghai")
    assert clock.start == date(2024, 11, 1)
    assert clock.moment(0) == datetime(2024, 10, 31, 16, tzinfo=UTC)
    assert clock.moment(clock.seconds) == datetime(2026, 10, 31, 16, tzinfo=UTC)


def test_daylight_saving_is_followed() -> None:
    clock = make_clock(date(2026, 4, 30), 90, "Europe/Berlin")
    winter, summer = 10 * HOUR, (date(2026, 4, 15) - clock.start).days * DAY + 10 * HOUR
    assert (clock.moment(winter).hour, clock.moment(summer).hour) == (9, 8)


def test_never_is_null() -> None:
    clock = make_clock(date(2026, 10, 31), 90, "Asia/Shanghai")
    times = clock.timestamps(np.array([0, NEVER, 60]))
    assert times.null_count == 1
    assert clock.known(np.array([5, clock.seconds])).tolist() == [5, NEVER]


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "Asia/Kolkata"])
def test_local_seconds_undo_utc(zone: str) -> None:
    clock = make_clock(date(2026, 10, 31), 200, zone)
    seconds = np.arange(0, clock.seconds, 7 * HOUR + 123) + 12 * HOUR // 24
    midnight = (clock.start - date(1970, 1, 1)).days * DAY
    utc = clock.utc_microseconds(seconds) // 1_000_000
    assert (local_seconds(zone, utc) == seconds + midnight).all()


def test_nobody_answers_at_night() -> None:
    asked = np.array([3 * HOUR, 12 * HOUR, 23 * HOUR])
    answered = at_desk(asked, np.random.default_rng(0))
    assert answered[1] == asked[1]
    assert 9 * HOUR <= answered[0] < 10 * HOUR
    assert DAY + 9 * HOUR <= answered[2] < DAY + 10 * HOUR
