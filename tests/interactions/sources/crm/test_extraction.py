from itertools import permutations

import pytest

from interactions.sources.crm.declaration import Cursor
from interactions.sources.crm.extraction import latest, since_text


@pytest.mark.parametrize(
    "rising",
    [
        ("2024-01-05T08:00:00+08:00", "2024-01-05T00:00:01Z", "2024-01-04T23:59:59-08:00"),
        ("2024-01-05T08:00:00.000+0000", "2024-01-05T08:00:00.001+0000"),
        ("9", "10", "101"),
        (9, 10.5, 11),
        ("a9", "b1"),
        ("2024-01-31", "2024-02-01T00:00:00Z"),
    ],
)
def test_the_latest_goes_by_moment_and_number_not_by_letters(rising) -> None:
    for values in permutations(rising):
        assert latest(values) == rising[-1]


def test_a_cursor_is_written_as_the_service_wants_it() -> None:
    utc = Cursor(field="x", format="%Y-%m-%dT%H:%M:%SZ")
    assert since_text("2024-01-05T08:00:00.900+0800", utc) == "2024-01-05T00:00:00Z"
    assert since_text("2024-01-05T08:00:00.900+0800", Cursor(field="x")) == "2024-01-05T08:00:00.900+0800"
    assert since_text(17, utc.model_copy(update={"format": None})) == "17"
    assert since_text(None, utc) is None
