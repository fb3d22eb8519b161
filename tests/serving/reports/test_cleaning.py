"""The cleaning report as a page: its figures are those of `status --json`, and it holds no value of any row."""

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from interactions.cleaning.overview import Overview, overview
from interactions.cleaning.report import OUTCOMES
from serving.reports.cleaning import PARTS, WIDTH, cleaning_page
from serving.reports.cleaning_texts import TEXTS, phrase, reasons
from workspace.folder import open_workspace
from workspace.settings import Company


@pytest.fixture(scope="module")
def found(demo_workspace: Path) -> Overview:
    return overview(open_workspace(demo_workspace))


@pytest.fixture(scope="module", params=["en", "zh"])
def page(found: Overview, request: pytest.FixtureRequest) -> str:
    return cleaning_page(found, "Acme & Sons <Ltd>", Company(), request.param)


def test_the_demo_adds_up_as_status_says(found: Overview, demo_workspace: Path, rapport: Callable[..., Any]) -> None:
    status = json.loads(rapport("status", "--json", "--workspace", demo_workspace).out)["sources"]
    ours = [{**row.to_dict()} for row in found.accounts]
    for row in ours:
        del row["repairs"]
    assert sorted(ours, key=repr) == sorted(({**row} for row in status), key=repr)
    assert found.adds_up
    assert found.total == {name: sum(row[name] for row in status) for name in ("received", *OUTCOMES)}
    for refusal in found.refusals:
        assert 0 < len(refusal.examples) <= refusal.rows


def test_the_page_shows_every_figure(found: Overview, page: str) -> None:
    shown = re.findall(r'<td class="n[^"]*">([\d,]+)</td>', page)
    wanted = [f"{getattr(row, name):,}" for row in found.accounts for name in ("received", *PARTS)]
    assert not set(wanted) - set(shown)
    assert f">{found.total['received']:,}<" in page
    for refusal in found.refusals:
        assert refusal.source in page


def test_bars_are_as_wide_as_the_whole(page: str) -> None:
    bars = re.findall(r'<svg class="stacked.*?</svg>', page)
    assert bars
    for bar in bars:
        widths = [float(width) for width in re.findall(r'width="([\d.]+)"', bar)]
        assert sum(widths) == pytest.approx(WIDTH, abs=1)
        assert min(widths) > 0


def test_it_needs_nothing_and_shows_no_value(page: str, demo_workspace: Path) -> None:
    assert not re.findall(r"(?:src|href)=|url\(|@import|<script", page)
    assert "Acme &amp; Sons &lt;Ltd&gt;" in page
    rows = open_workspace(demo_workspace).lake.read("quarantine", ["row"])["row"].to_pylist()
    ids = {value for row in rows for value in json.loads(row).values() if value and re.fullmatch(r"[CX]\d{4,}", value)}
    assert ids
    assert not [one for one in ids if one in page]


def test_tags_are_closed(page: str) -> None:
    class Tags(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.open: list[str] = []

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag not in ("meta", "br"):
                self.open.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert self.open.pop() == tag

    tags = Tags()
    tags.feed(page)
    assert tags.open == []


def test_an_empty_workspace_has_a_page(tmp_path: Path) -> None:
    found = overview(open_workspace(tmp_path / "new", create=True))
    for language in ("en", "zh"):
        page = cleaning_page(found, "new", Company(), language)
        assert TEXTS["empty"][language == "zh"] in page
        assert "rapport collect" in page


def test_every_word_of_the_demo_is_translated(found: Overview) -> None:
    for row in found.accounts:
        for name in row.repairs:
            assert phrase(name, "zh") != name
    for refusal in found.refusals:
        assert not re.search("[a-z]", reasons(refusal.reasons, "zh"))
    assert phrase("something new", "zh") == "something new"
