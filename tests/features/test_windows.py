from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from features.windows import Window, micros_of
from workspace.settings import Settings


def test_settings_give_the_lengths_and_the_event() -> None:
    settings = Settings(
        folder=Path(), schema=1, windows={"observation_days": 180, "active_days": 45}, churn={"event": "orders"}
    )
    cutoff = datetime(2026, 1, 1, tzinfo=UTC)
    assert Window.from_settings(settings, cutoff) == Window(cutoff, 180, 45, "orders")


def test_a_cutoff_needs_a_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Window(datetime(2026, 1, 1))  # noqa: DTZ001  a naive one is what must be refused


def test_an_unknown_event_is_refused() -> None:
    with pytest.raises(ValueError, match="visits"):
        Window(None, event="visits")  # type: ignore[arg-type]  # the wrong value is the point


def test_microseconds_are_exact() -> None:
    late = datetime(2262, 4, 11, 23, 47, 16, 854_775, tzinfo=UTC)
    assert micros_of(late) == 9_223_372_036_854_775
    assert micros_of(late.astimezone(timezone(timedelta(hours=8)))) == 9_223_372_036_854_775
    assert micros_of(datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)) == -1
