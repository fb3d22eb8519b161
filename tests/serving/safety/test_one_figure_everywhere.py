"""Random questions of the statistics: the card, the table, the CSV and the interface say the same number."""

import csv
import html
import io
import random
import re
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import httpx
import pytest

from features.statistics.catalogue import CATALOGUE, GRAINS
from features.statistics.statistic import CLOCK_DIMENSIONS
from serving.dashboard.formats import Formats
from serving.dashboard.views.overview import FIGURES
from serving.dashboard.views.statistics import TABLE_ROWS
from serving.snapshot import Snapshot

QUESTIONS = 200
ROLES = ("marketing", "sales", "analyst", "admin")
BIG = re.compile(r'<p class="big">([^<]*)</p>')
CELL = re.compile(r'<td class="n"><b>([^<]*)</b></td>')
CARD = re.compile(r'<div class="value">([^<]*)</div>')


class Asking:
    """A role's questions by each of the ways there are."""

    def __init__(self, service: Any, client: httpx.Client, snapshot: Snapshot, role: str, language: str) -> None:
        self.client = client
        self.headers = {"authorization": f"Bearer {service.keys[role]}", "accept-language": language}
        company = snapshot.company
        self.formats = Formats(language, ZoneInfo(company["timezone"]), company["currency"])

    def answer(self, metric: str, query: dict[str, str]) -> dict[str, Any]:
        found = self.client.get(f"/api/v1/statistics/{metric}", params=query, headers=self.headers)
        assert found.status_code == 200, (metric, query, found.text)
        said: dict[str, Any] = found.json()
        return said

    def written(self, address: str) -> list[dict[str, str]]:
        found = self.client.get(address, headers=self.headers)
        assert found.status_code == 200
        assert found.headers["content-type"] == "text/csv; charset=utf-8"
        return list(csv.DictReader(io.StringIO(found.content.decode("utf-8-sig"))))

    def page(self, address: str) -> str:
        found = self.client.get(address, headers=self.headers)
        assert found.status_code == 200, (address, found.text[:300])
        return html.unescape(found.text)


def question(chance: random.Random, snapshot: Snapshot) -> tuple[str, dict[str, str], list[str]]:
    """A figure, the range and filters it is asked over, and by what."""
    metric = chance.choice(sorted(CATALOGUE))
    first = date(2025, 8, 1) + timedelta(days=chance.randrange(400))
    query = {"from": first.isoformat(), "to": (first + timedelta(days=chance.choice([1, 7, 30, 92]))).isoformat()}
    dimensions = list(CATALOGUE[metric].dimensions)
    known = {
        "channel": ["phone", "email", "chat"],
        "direction": ["inbound", "outbound"],
        "owner": snapshot.listing.owners.drop_null().unique().to_pylist(),
        "region": snapshot.tables["customers"]["region"].drop_null().unique().to_pylist(),
        "segment_id": snapshot.tables["segment_profiles"]["segment_id"].to_pylist(),
        "weekday": ["monday", "sunday"],
    }
    for name in chance.sample(dimensions, min(len(dimensions), chance.choice([0, 0, 1, 2]))):
        if name in known:
            query[name] = chance.choice(known[name])
    by = chance.sample(dimensions, min(len(dimensions), chance.choice([0, 1, 1, 2])))
    return metric, query, by


def same(
    asking: Asking, metric: str, query: dict[str, str], by: list[str], grain: str | None, compare: str | None
) -> int:
    """Compare one question by every way; how many numbers were compared."""
    parts = {**({"grain": grain} if grain else {}), **({"compare": compare} if compare else {})}
    answer = asking.answer(metric, {**query, **parts, **({"by": ",".join(by)} if by else {})})
    rows, unit = answer["rows"], answer["unit"]
    page = asking.page(
        f"/statistics?{urlencode({'metric': metric, **query, **parts, **dict(zip(('by', 'by2'), by, strict=False))})}"
    )
    # The CSV by the link on the page, not by one of ours.
    links = [found for found in re.findall(r'href="(/api/v1/statistics/[^"]*)"', page) if "format=csv" in found]
    assert len(set(links)) == 1
    written = asking.written(links[0])
    names = [name for name in ("value", "count", "compare_value", "growth") if rows and name in rows[0]]
    assert [[float(row[name]) if row[name] else None for name in names] for row in written] == [
        [row[name] for name in names] for row in rows
    ]
    assert [[row[name] for name in by] for row in written] == [
        ["" if row[name] is None else str(row[name]) for name in by] for row in rows
    ]
    ordered = list(rows)
    if grain is None and not set(by) & set(CLOCK_DIMENSIONS):
        ordered.sort(key=lambda row: -float(row["value"] or 0.0))
    shown = [asking.formats.measure(row["value"], unit) for row in ordered[:TABLE_ROWS]]
    if by or grain:
        assert CELL.findall(page) == shown
    else:
        assert BIG.findall(page) == shown
    # The card of the whole range, and the interface's number for it.
    (whole,) = asking.answer(metric, query)["rows"] or [{"value": None}]
    card = BIG.findall(asking.page(f"/statistics?{urlencode({'metric': metric, **query})}"))
    assert card in ([asking.formats.measure(whole["value"], unit)], [] if whole["value"] is None else None)
    return len(rows)


@pytest.mark.torture
@pytest.mark.timeout(1800)
def test_card_table_csv_and_interface_say_the_same(service: Any, snapshot: Snapshot, share: float) -> None:
    chance = random.Random(7)
    compared = 0
    metrics = set()
    with httpx.Client(base_url=service.url, timeout=60, trust_env=False) as client:
        for _ in range(round(QUESTIONS * share)):
            asking = Asking(service, client, snapshot, chance.choice(ROLES), chance.choice(["en", "zh"]))
            metric, query, by = question(chance, snapshot)
            grain = chance.choice([None, None, *GRAINS])
            compared += same(asking, metric, query, by, grain, chance.choice([None, None, "previous", "last_year"]))
            metrics.add(metric)
    assert compared > 5 * QUESTIONS * share
    assert len(metrics) > 0.1 * len(CATALOGUE) * min(1, 3 * share)


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_the_front_page_shows_the_months_numbers(service: Any, snapshot: Snapshot, role: str) -> None:
    with httpx.Client(base_url=service.url, timeout=60, trust_env=False) as client:
        asking = Asking(service, client, snapshot, role, "en")
        shown = CARD.findall(asking.page("/"))
        # The company's data end with October 2026.
        month = {"from": "2026-10-01", "to": "2026-11-01"}
        expected = []
        for metric in FIGURES:
            answer = asking.answer(metric, month)
            (row,) = answer["rows"] or [{"value": None}]
            expected.append(asking.formats.measure(row["value"], answer["unit"]))
    assert shown[: len(expected)] == expected
