from datetime import date
from zoneinfo import ZoneInfo

import pytest

from serving.dashboard.formats import Formats

EN = Formats("en", ZoneInfo("Asia/Shanghai"), "CNY")
ZH = Formats("zh", ZoneInfo("Asia/Shanghai"), "CNY")


def test_numbers():
    assert EN.count(1234567.4) == "1,234,567"
    assert EN.decimal(3.10) == "3.1"
    assert EN.score(0.5) == "0.50"
    assert EN.share(0.1234, 1) == "12.3%"
    assert EN.change(0.0512) == "+5.1%"
    assert EN.money("1234.5", 2) == "¥1,234.50"
    assert Formats("en", ZoneInfo("UTC"), "SEK").money("-12") == "-SEK 12"


def test_a_stage_is_said_in_the_reader_s_words():
    assert EN.feature("resurrecting", "") == "resurrecting"
    assert ZH.feature("resurrecting", "") == "重新活跃"


def test_what_is_not_known_is_a_dash():
    shown = [
        *(EN.count(None), EN.decimal(None), EN.score(None), EN.share(None), EN.change(None), EN.money(None)),
        *(EN.duration(None), EN.day(None), EN.clock(None), EN.measure(None, "share"), EN.feature(None, "days")),
    ]
    assert set(shown) == {"–"}


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [(0, "0 s", "0秒"), (59.6, "1 min", "1分"), (185, "3 min 5 s", "3分5秒"), (7322, "2 h 2 min", "2小时2分")],
)
def test_durations_in_two_units(seconds, english, chinese):
    assert EN.duration(seconds) == english
    assert ZH.duration(seconds) == chinese


def test_times_are_the_companys():
    assert EN.day("2026-10-31T16:00:00Z") == "1 Nov 2026"
    assert ZH.day("2026-10-31T16:00:00Z", weekday=True) == "2026年11月1日 周日"
    assert EN.until("2026-10-31T16:00:00Z") == "31 Oct 2026"
    assert EN.clock("2026-10-31T16:05:00Z") == "1 Nov 2026 00:05"
    assert EN.day(date(2026, 1, 2)) == "2 Jan 2026"
    assert EN.month(date(2026, 1, 2)) == "January 2026"


@pytest.mark.parametrize(
    ("grain", "english", "chinese"),
    [
        ("hour", "1 Oct 2026 00:00", "2026年10月1日 00:00"),
        ("day", "Thu 1 Oct 2026", "2026年10月1日 周四"),
        ("week", "1 Oct 2026", "2026年10月1日"),
        ("month", "Oct 2026", "2026年10月"),
        ("quarter", "Q4 2026", "2026年第4季度"),
        ("year", "2026", "2026年"),
    ],
)
def test_periods_are_named_by_grain(grain, english, chinese):
    assert EN.period("2026-09-30T16:00:00Z", grain) == english
    assert ZH.period("2026-09-30T16:00:00Z", grain) == chinese


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (0.123, "share", "12.3%"),
        (44.5, "seconds", "44.5 s"),
        (179.9, "seconds", "3 min"),
        (1.9, "minutes", "1 min 54 s"),
        (5.25, "hours", "5.2 h"),
        (1234.0, "contacts", "1,234"),
        (99.5, "company currency", "¥100"),
    ],
)
def test_a_figure_in_its_unit(value, unit, said):
    assert EN.measure(value, unit) == said


def test_a_feature_in_its_unit():
    assert EN.feature(0.25, "share") == "25%"
    assert EN.feature(6.526, "days") == "6.5"
    assert EN.feature(1.774, "ratio") == "1.77"
    assert EN.feature("473.59", "company currency") == "¥474"
