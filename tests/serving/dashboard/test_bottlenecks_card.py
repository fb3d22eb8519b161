"""The card of the statistics page that says where waiting grew shows what the interface answers."""

import html
from dataclasses import replace

from serving.answers import bottlenecks as answers
from serving.dashboard.views import bottlenecks as view
from serving.dashboard.views.statistics import statistics

DAYS = {"from": "2026-09-01", "to": "2026-10-01"}


def test_the_card_shows_the_answers_worst(page, visit, snapshot, callers, monkeypatch):
    monkeypatch.setattr(view, "ROWS", 2)
    seen = visit(**DAYS)
    shown = statistics(seen)["bottlenecks"]
    asked = statistics(seen)["asked"]
    answer = answers.bottlenecks(snapshot, callers["admin"], asked["from"], asked["to"])
    assert shown["total"] == len(answer["rows"]) > 2
    names = ("metric", "dimension", "group", "value", "compare_value", "growth", "count")
    assert [[row[name] for name in names] for row in shown["rows"]] == [
        [row[name] for name in names] for row in answer["rows"][:2]
    ]
    text = html.unescape(page("/statistics?from=2026-09-01&to=2026-10-01"))
    card = text[text.index('id="bottlenecks"') : text.index('id="definition"')]
    for row in shown["rows"]:
        assert f": <b>{row['text']}</b>" in card
        assert seen.formats.measure(row["value"], row["unit"]) in card
        assert seen.formats.change(row["growth"]) in card
    assert "1–2 of" in card
    assert "than the period before; with 30 contacts or more in both" in card


def test_it_is_compared_as_the_figure_is(visit):
    shown = statistics(visit(**DAYS, compare="last_year"))["bottlenecks"]
    assert shown["compare"] == "last_year"
    assert shown["csv"] == "/api/v1/bottlenecks?from=2026-09-01&to=2026-10-01&compare=last_year&format=csv"


def test_it_reads_in_chinese(page):
    text = html.unescape(page("/statistics?from=2026-09-01&to=2026-10-01", language="zh"))
    card = text[text.index('id="bottlenecks"') : text.index('id="definition"')]
    assert "等待变长之处" in card
    assert "比上一时段更长" in card


def test_nowhere_is_said(page):
    text = html.unescape(page("/statistics?from=2020-01-01&to=2020-02-01"))
    assert "Nowhere is it longer" in text


def test_a_version_of_an_older_rapport_has_no_card(visit):
    seen = visit(**DAYS)
    sql = {name: text for name, text in seen.snapshot.statistics_sql.items() if not name.startswith("wait_seconds_p90")}
    older = replace(seen, snapshot=replace(seen.snapshot, statistics_sql=sql, version="older"))
    assert statistics(older)["bottlenecks"] is None


def test_the_csv_is_there(client, keys, visit):
    found = client.get(
        statistics(visit(**DAYS))["bottlenecks"]["csv"], headers={"Authorization": f"Bearer {keys['admin']}"}
    )
    assert found.status_code == 200
    assert found.headers["content-type"].startswith("text/csv")
