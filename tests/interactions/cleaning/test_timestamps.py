"""Times against pandas and zoneinfo, and every stated format."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interactions.cleaning.timestamps import timestamp


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-01-05", "2024-01-05 00:00:00"),
        ("2024-1-5 7:03", "2024-01-05 07:03:00"),
        ("2024-01-05T07:03:09.123456", "2024-01-05 07:03:09.123456"),
        ("2024-01-05T07:03:00Z", "2024-01-05 07:03:00"),
        ("2024-01-05 07:03:00+08:00", "2024-01-04 23:03:00"),
        ("2024-01-05T07:03:00.5+0800", "2024-01-04 23:03:00.500000"),
        ("2024/1/5 07:03:00", "2024-01-05 07:03:00"),
        ("2024年1月5日 7时03分", "2024-01-05 07:03:00"),
        ("2024年1月5日", "2024-01-05 00:00:00"),
        ("20240105", "2024-01-05 00:00:00"),
        ("20240105070300", "2024-01-05 07:03:00"),
        ("05.01.2024 07:03", "2024-01-05 07:03:00"),
        ("2024.01.05", "2024-01-05 00:00:00"),
        ("05-Jan-2024", "2024-01-05 00:00:00"),
        ("26-Aug-23", "2023-08-26 00:00:00"),
        ("Jan 5, 2024", "2024-01-05 00:00:00"),
        ("45296.5", "2024-01-05 12:00:00"),
        ("45296", "2024-01-05 00:00:00"),
    ],
)
def test_what_is_understood_without_a_format(evaluate: Any, text: str, expected: str) -> None:
    (found,) = evaluate(lambda texts: timestamp(texts, "t", None, "UTC"), [text])
    assert (found["value"], found["refused"]) == (utc(expected), [])


@pytest.mark.parametrize(
    "text", ["03/04/2024", "2024-02-30", "31.02.2024", "soon", "infinity", "epoch", "12", "2024-13-01", "25:00", "1e3"]
)
def test_what_is_not_a_date(evaluate: Any, text: str) -> None:
    (found,) = evaluate(lambda texts: timestamp(texts, "t", None, "UTC"), [text])
    assert (found["value"], found["refused"]) == (None, ["t not a date"])


def test_formats_are_tried_in_their_order_and_counted(evaluate: Any) -> None:
    forms = ["%d/%m/%Y %H:%M", "%m/%d/%y", "unix", "%Y-%m-%dT%H:%M:%S%z"]
    texts = ["03/04/2024 10:00", "03/04/24", "1704438180", "2024-01-05T07:03:00+0200", "2024-01-05", None, "03/04/2024"]
    found = evaluate(lambda column: timestamp(column, "t", forms, "UTC"), texts)
    assert [row["value"] for row in found[:6]] == [
        utc("2024-04-03 10:00"),
        utc("2024-03-04"),
        utc("2024-01-05 07:03:00"),
        utc("2024-01-05 05:03:00"),
        utc("2024-01-05"),
        None,
    ]
    assert [row["repaired"] for row in found[:6]] == [
        [],
        ["t: date format 2"],
        ["t: date format 3"],
        ["t: date format 4"],
        ["t: iso date"],
        [],
    ]
    assert [row["refused"] for row in found] == [[], [], [], [], [], [], ["t not a date"]]


MOMENTS = st.datetimes(datetime.fromisoformat("1950-01-01"), datetime.fromisoformat("2037-12-31")).map(
    lambda moment: moment.replace(microsecond=0)
)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(MOMENTS, min_size=1, max_size=30),
    st.sampled_from(["Asia/Shanghai", "America/New_York", "Europe/Paris", "Asia/Jerusalem", "Australia/Lord_Howe"]),
    st.sampled_from(["%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%y%m%d %H:%M:%S", "%Y年%m月%d日 %H时%M分%S秒"]),
)
def test_local_times_as_pandas_and_zoneinfo_have_them(
    evaluate: Any, local: list[datetime], zone: str, form: str
) -> None:
    if "%y" in form:  # Python reads 68 as 2068, DuckDB and pandas alike from 69 on as 19xx
        local = [moment for moment in local if moment.year >= 1969] or [datetime.fromisoformat("1999-12-31 23:59:59")]
    texts = [moment.strftime(form) for moment in local]
    found = evaluate(lambda column: timestamp(column, "t", [form], zone), texts)
    for text, row, moment in zip(texts, found, local, strict=True):
        assert pd.to_datetime(text, format=form).to_pydatetime() == moment
        assert row["value"] == by_zoneinfo(moment, zone)


def by_zoneinfo(local: datetime, zone: str) -> datetime:
    """What the module promises: the later of a time that occurs twice; a skipped one as if clocks had not moved yet."""
    first, second = (local.replace(tzinfo=ZoneInfo(zone), fold=fold) for fold in (0, 1))
    skipped = first.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != local
    return (first if skipped else second).astimezone(UTC)


def test_when_clocks_move(evaluate: Any) -> None:
    texts = ["2024-11-03 01:30:00", "2024-03-10 02:30:00"]
    found = evaluate(lambda column: timestamp(column, "t", None, "America/New_York"), texts)
    assert [row["value"] for row in found] == [utc("2024-11-03 06:30"), utc("2024-03-10 07:30")]
    assert [by_zoneinfo(datetime.fromisoformat(text), "America/New_York") for text in texts] == [
        row["value"] for row in found
    ]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.text(max_size=20), min_size=1, max_size=20))
def test_any_text_is_a_date_or_refused(evaluate: Any, texts: list[str]) -> None:
    for row in evaluate(lambda column: timestamp(column, "t", None, "UTC"), texts):
        assert (row["value"] is None) == (row["refused"] == ["t not a date"])


def test_excel_days_as_pandas_has_them(evaluate: Any) -> None:
    days = ["36526", "45296.25", "60000.999"]
    found = evaluate(lambda column: timestamp(column, "t", ["excel"], "UTC"), days)
    for text, row in zip(days, found, strict=True):
        expected = pd.Timestamp("1899-12-30", tz="UTC") + pd.Timedelta(days=float(text))
        assert abs(row["value"] - expected.to_pydatetime()) < timedelta(milliseconds=1)
