"""`rapport clean`: the report on the screen, as JSON and as a page."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from interactions.cleaning.report import OUTCOMES

Rapport = Callable[..., Any]


def test_json_adds_up(rapport: Rapport, demo_workspace: Path) -> None:
    found = json.loads(rapport("clean", "--json", "--workspace", demo_workspace).out)
    assert found["adds_up"]
    for row in (*found["rows"], found["total"]):
        assert row["received"] == sum(row[name] for name in OUTCOMES)
    assert sum(row["rows"] for row in found["quarantine"]) == found["total"]["quarantined"]
    assert found["tables"]["interactions"]["rows"] > 0


def test_the_screen_names_sources_repairs_and_reasons(rapport: Rapport, demo_workspace: Path) -> None:
    shown = rapport("clean", "--workspace", demo_workspace)
    assert shown.code == 0
    for said in ("Nothing new to clean.", "all together", "blank to null", "rows refused", "rapport quarantine show"):
        assert said in shown.out


def test_a_page_is_written(rapport: Rapport, demo_workspace: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    shown = rapport("clean", "--html", page, "--language", "zh", "--workspace", demo_workspace)
    assert str(page) in shown.out.replace("\n", "")
    assert "数据清洗报告" in page.read_text(encoding="utf-8")
    refused = rapport("clean", "--html", tmp_path / "none" / "r.html", "--workspace", demo_workspace)
    assert refused.code == 1
    assert "can't be written" in refused.err


def test_nothing_received_says_what_comes_first(rapport: Rapport, tmp_path: Path) -> None:
    rapport("init", "--workspace", tmp_path)
    shown = rapport("clean", "--workspace", tmp_path)
    assert shown.code == 0
    assert "rapport collect" in shown.out
