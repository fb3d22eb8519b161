from pathlib import Path

import pytest

from cli.init import TEMPLATE
from workspace.errors import SettingsError
from workspace.settings import load


def test_the_template_says_the_defaults(tmp_path: Path) -> None:
    bare = load(tmp_path)
    (tmp_path / "rapport.toml").write_text(TEMPLATE.read_text(encoding="utf-8"), encoding="utf-8")
    assert load(tmp_path) == bare


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rapport.toml").write_text('[company]\ntimezone = "Asia/Tokyo"\ncurrency = "JPY"\n')
    monkeypatch.setenv("RAPPORT_COMPANY__TIMEZONE", "Europe/Paris")
    company = load(tmp_path).company
    assert (company.timezone, company.currency) == ("Europe/Paris", "JPY")


def test_settings_are_frozen(tmp_path: Path) -> None:
    settings = load(tmp_path)
    with pytest.raises(ValueError, match="frozen"):
        settings.company = settings.company


def test_no_room_for_temporary_files_is_a_size_too(tmp_path: Path) -> None:
    (tmp_path / "rapport.toml").write_text('[limits]\ntemp_disk = "0B"\n')
    assert load(tmp_path).limits.temp_disk == "0B"


def test_hours_are_kept_as_written(tmp_path: Path) -> None:
    (tmp_path / "rapport.toml").write_text('[company.hours]\nmonday = "09:00-12:00, 13:00-18:00"\nsunday = "closed"\n')
    assert load(tmp_path).company.hours == {"monday": "09:00-12:00, 13:00-18:00", "sunday": "closed"}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[company]\ntimezone = 'Mars/Base'", "company.timezone"),
        ("[company]\ntimezome = 'Asia/Tokyo'", "company.timezome"),
        ("[windows]\nhorizon_days = [60, 30]", "windows.horizon_days"),
        ("[windows]\nhorizon_days = [7, 14, 21, 28]", "three at most"),
        ('[churn]\nevent = "visits"', "left_at"),
        ("[windows]\nactive_days = 0", "windows.active_days"),
        ("[churn]\nevent = 'visits'", "churn.event"),
        ("[company.hours]\nmoday = '09:00-18:00'", "monday, tuesday"),
        ("[company.hours]\nmonday = '9 to 5'", 'monday: "9 to 5" is no span'),
        ("[company.hours]\nmonday = 'closed'", "every day is closed"),
        ("[limits]\nmemory = 'lots'", '`limits.memory`: Value error, "lots" is no size. Write a number and a unit'),
        ("[limits]\nmemory = '-1'", "limits.memory"),
        ("[limits]\nmemory = '0GB'", "leaves no memory"),
        ("[limits]\ntemp_disk = '80%'", "limits.temp_disk"),
        ("[limits]\nanswer_memory = '4'", "limits.answer_memory"),
        ("[segments]\ncount = 1", "segments.count"),
        ("[segments.filters.s1]\nwhere = ['frequency > 1']", "\"s1\" can't be a filter's id"),
        ("[segments.filters.rfm_mine]\nwhere = ['frequency > 1']", "can't be a filter's id"),
        ("[segments.filters.loud]\nwhere = []", "segments.filters.loud.where"),
        ("[company\n", "line 1"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, named: str) -> None:
    (tmp_path / "rapport.toml").write_text(text)
    with pytest.raises(SettingsError, match=r"rapport\.toml") as caught:
        load(tmp_path)
    assert named in str(caught.value)
