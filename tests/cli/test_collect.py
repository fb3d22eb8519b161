"""`rapport collect SOURCE` of a database named in rapport.toml."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

Rapport = Callable[..., Any]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    with closing(sqlite3.connect(folder / "shop.db")) as connection, connection:
        connection.execute("CREATE TABLE calls (客户ID TEXT, 沟通时间 TEXT)")
        connection.execute("INSERT INTO calls VALUES ('c1', '2024-01-05 10:00:00'), ('c2', '2024-01-06 11:00:00')")
    (folder / "rapport.toml").write_text(
        '[sources.shop]\ntype = "sqlite"\nurl_env = "SHOP_URL"\ntable = "interactions"\nquery_table = "calls"\n'
        'cursor = "沟通时间"\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("SHOP_URL", "sqlite:///shop.db")
    return folder


def test_collect_says_what_came(rapport: Rapport, workspace: Path) -> None:
    first = rapport("collect", "shop", "--workspace", workspace)
    assert first.code == 0, first.err
    assert "shop: 2 rows of interactions received" in first.out
    assert "occurred_at = 沟通时间" in first.out
    (second,) = json.loads(rapport("collect", "shop", "--workspace", workspace, "--json").out)
    assert (second["source"], second["new"]) == ("shop", False)


def test_preview_shows_rows_and_writes_nothing(rapport: Rapport, workspace: Path) -> None:
    shown = rapport("collect", "shop", "--preview", "--workspace", workspace)
    assert shown.code == 0, shown.err
    assert "客户ID=c1" in shown.out
    assert not (workspace / "raw").exists()


def test_a_missing_address_is_one_sentence(rapport: Rapport, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHOP_URL")
    failed = rapport("collect", "shop", "--workspace", workspace)
    assert failed.code == 1
    assert "SHOP_URL, which is not set" in failed.err
    assert "Traceback" not in failed.err
