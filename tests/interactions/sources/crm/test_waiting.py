from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactions.sources.crm.waiting import Waiting, seconds_of
from workspace.errors import SourceError

NOW = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0), ("120", 120.0), (" 7 ", 7.0), ("Fri, 01 Mar 2024 12:00:30 GMT", 30.0),
        ("Fri, 01 Mar 2024 11:00:00 GMT", 0.0), (None, None), ("", None), ("soon", None), ("-5", None), ("1.5", None),
        ("٣", None), ("9" * 400, None),
    ],
)  # fmt: skip
def test_retry_after_is_seconds_or_a_date(header, seconds) -> None:
    assert seconds_of(header, NOW) == seconds


@given(st.one_of(st.none(), st.text(max_size=60), st.datetimes().map(format_datetime)))
def test_any_header_is_seconds_or_nothing(header) -> None:
    found = seconds_of(header, NOW)
    assert found is None or found >= 0


def test_without_a_word_it_waits_longer_each_time_and_no_longer_than_allowed() -> None:
    waited: list[float] = []
    waiting = Waiting(20, sleep=waited.append, now=lambda: NOW)
    for attempt in range(2, 6):
        waiting.before(attempt, None, "it")
    assert waited == [1, 2, 4, 8]
    with pytest.raises(SourceError, match="15 of the 20 s allowed"):
        waiting.before(6, None, "it")
    waiting.before(2, format_datetime(NOW + timedelta(seconds=5), usegmt=True), "it")
    assert waiting.waited == 20
