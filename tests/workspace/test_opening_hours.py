import pytest

from workspace.opening_hours import opening_hours


@pytest.mark.parametrize(
    ("written", "spans"),
    [
        ("09:00-18:00", ((540, 1080),)),
        ("09:00-12:00, 13:00 - 18:30", ((540, 720), (780, 1110))),
        ("00:00-24:00", ((0, 1440),)),
        ("09:00-12:00,12:00-13:00", ((540, 720), (720, 780))),
        ("", ()),
        ("closed", ()),
    ],
)
def test_spans_in_minutes(written: str, spans: tuple[tuple[int, int], ...]) -> None:
    assert opening_hours(written) == spans


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("9-18", "no span of opening hours: write one such as 09:00-18:00"),
        ("09:00-18:00,", "no span"),
        ("22:00-06:00", "end the day with 24:00"),
        ("09:00-09:00", "ends before it begins"),
        ("09:00-24:30", "00:00 to 24:00"),
        ("09:60-18:00", "00:00 to 24:00"),
        ("13:00-18:00, 09:00-12:00", "put them in order"),
        ("09:00-12:00, 11:00-13:00", "put them in order"),
    ],
)
def test_what_is_wrong_is_said(written: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        opening_hours(written)
