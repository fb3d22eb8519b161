"""[sources.NAME] in rapport.toml: what is accepted, and what is said of the rest."""

from datetime import timedelta
from pathlib import Path

import pytest

from workspace.errors import SettingsError
from workspace.settings import load
from workspace.source import Source

DATABASE = 'type = "postgresql"\nurl_env = "CRM_URL"\ntable = "interactions"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('type = "oracle"', "postgresql"),
        ('type = "files"\ntable = "interactions"', "needs `path`"),
        ('type = "postgresql"\ntable = "interactions"', "needs `url_env`"),
        ('type = "mongodb"\nurl_env = "CRM_URL"', "needs `table`"),
        (
            'type = "mysql"\nurl_env = "mysql://root:s3cr3t@host/db"\ntable = "orders"',
            "name of an environment variable",
        ),
        (f'{DATABASE}cursor_lag = "2d"', "needs a `cursor`"),
        (f'{DATABASE}cursor = "at"\ncursor_lag = "2 weeks"', '"2d"'),
        (f'{DATABASE}cursor = "at"\ncursor_lag = -1', "from 0 on"),
        ('type = "files"\npath = "x"\ntable = "orders"\ncursor = "at"', "not for `files`"),
        (f"{DATABASE}curser = 1", "curser"),
    ],
)
def test_what_cannot_be_right_is_named_without_its_value(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "rapport.toml").write_text(f"[sources.crm]\n{text}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"sources\.crm") as caught:
        load(tmp_path)
    assert said in str(caught.value)
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize(
    ("written", "lag"),
    [
        ("2d", timedelta(days=2)),
        ("90 s", timedelta(seconds=90)),
        ("1.5h", timedelta(minutes=90)),
        ("30min", timedelta(minutes=30)),
        (500, 500),
        (None, None),
    ],
)
def test_lag(written: str | int | None, lag: timedelta | int | None) -> None:
    source = Source(type="mysql", url_env="A", table="orders", cursor="at", cursor_lag=written)
    assert source.lag == lag
