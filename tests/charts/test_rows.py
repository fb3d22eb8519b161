from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from charts.rows import records, time_format, timed, wall_clock


def test_arrow_and_dicts_become_the_same_plain_records():
    rows = [{"at": datetime(2026, 1, 2, 3, tzinfo=UTC), "amount": Decimal("12.50"), "name": "a", "count": 3}]
    table = pa.Table.from_pylist(rows)
    assert (
        records(table)
        == records(rows)
        == [{"at": "2026-01-02T03:00:00+00:00", "amount": 12.5, "name": "a", "count": 3}]
    )


@pytest.mark.parametrize(
    "written",
    [
        date(2026, 3, 4),
        datetime.fromisoformat("2026-03-04"),
        "2026-03-04",
        "2026-03-04T00:00:00+08:00",
        datetime(2026, 3, 4, tzinfo=UTC),
    ],
)
def test_a_time_is_drawn_as_written(written):
    assert wall_clock(written) == datetime.fromisoformat("2026-03-04")


def test_text_that_is_no_time_is_refused():
    with pytest.raises(ValueError, match="Invalid isoformat"):
        wall_clock("yesterday")


def test_rows_come_in_order_of_time_with_words_for_the_tooltip():
    rows = [{"day": "2026-03-05", "n": 2}, {"day": "2026-03-04", "n": 1}]
    assert timed(rows, "day", "en") == [
        {"day": "2026-03-04T00:00Z", "n": 1, "when": "Wed 4 Mar 2026"},
        {"day": "2026-03-05T00:00Z", "n": 2, "when": "Thu 5 Mar 2026"},
    ]
    assert timed(rows, "day", "zh")[0]["when"] == "2026年3月4日 周三"
    assert timed([{"day": "2026-03-04T09:30:00"}], "day", "en")[0]["when"] == "Wed 4 Mar 2026 09:30"


@pytest.mark.parametrize(
    ("last", "expected"), [("2026-01-02", "%H:%M"), ("2026-03-01", "%-d %b"), ("2027-03-01", "%b %Y")]
)
def test_the_axis_shows_hours_days_or_months(last, expected):
    assert time_format([{"at": "2026-01-01"}, {"at": last}], "at", "en") == expected
