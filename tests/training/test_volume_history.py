"""Older counts from a file."""

from pathlib import Path

import pytest

from training.volume_history import volume_history
from workspace.errors import SourceError


def written(folder: Path, text: str) -> Path:
    file = folder / "history.csv"
    file.write_text(text)
    return file


def test_date_and_calls(tmp_path: Path) -> None:
    table = volume_history(written(tmp_path, "date,calls,weekday\n2026-01-02,5,5\n2026-01-01,3,4\n"))
    assert table.column_names == ["period_local", "channel", "count"]
    assert table["count"].to_pylist() == [3, 5]
    assert table["channel"].to_pylist() == ["all", "all"]


def test_half_hours_add_up_to_days_by_channel(tmp_path: Path) -> None:
    text = "period_start,count,period_minutes,channel\n"
    text += "2026-01-01 09:00,3,30,phone\n2026-01-01 09:30,4,30,phone\n"
    text += "2026-01-01 09:30,1,30,chat\n2026-01-02 09:00,5,30,phone\n"
    table = volume_history(written(tmp_path, text))
    assert list(zip(table["channel"].to_pylist(), table["count"].to_pylist(), strict=True)) == [
        ("chat", 1),
        ("phone", 7),
        ("phone", 5),
    ]


def test_weeks_begin_on_monday(tmp_path: Path) -> None:
    text = "date,count\n2026-01-04,1\n2026-01-05,2\n2026-01-06,3\n"
    table = volume_history(written(tmp_path, text), "week")
    assert [str(start)[:10] for start in table["period_local"].to_pylist()] == ["2025-12-29", "2026-01-05"]
    assert table["count"].to_pylist() == [1, 5]


def test_an_offset_is_dropped(tmp_path: Path) -> None:
    table = volume_history(written(tmp_path, "period_start,count\n2026-01-01T23:30:00+08:00,3\n"), "30min")
    assert str(table["period_local"][0].as_py()) == "2026-01-01 23:30:00"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("date,count\n", "has no rows"),
        ("day,count\n2026-01-01,1\n", "no column period_start or date; it has day, count"),
        ("date,n\n2026-01-01,1\n", "no column count or calls"),
        ("date,count\nyesterday,1\n", "can't be read as dates"),
        ("date,count\n2026-01-01,many\n", "whole numbers"),
        ("date,count\n2026-01-01,-4\n", "negative"),
        ("", "can't be read as CSV"),
    ],
)
def test_bad_files_are_refused_in_a_sentence(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        volume_history(written(tmp_path, text))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="There is no file"):
        volume_history(tmp_path / "none.csv")


def test_days_can_not_be_split_into_hours(tmp_path: Path) -> None:
    text = "date,count\n2026-01-01,1\n2026-01-02,2\n"
    with pytest.raises(SourceError, match="periods of 1440 minutes; grain hour needs 60"):
        volume_history(written(tmp_path, text), "hour")
