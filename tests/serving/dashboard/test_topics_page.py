"""The topics page: rising ones first with why, examples for who may read them, both languages."""

import json
from dataclasses import replace

import pyarrow as pa
import pytest

from serving.dashboard.views.topics import CUSTOMERS_A_TERM, RECENT_WEEKS, WEEKS_BEFORE, topics
from training import rising
from training import topics as trained
from workspace.tables import TOPICS


@pytest.fixture
def with_topics(visit, snapshot):
    contacts = snapshot.tables["interactions"].to_pylist()
    said = next(row for row in contacts if row["content"] and row["customer_id"])
    row = {
        "topic_id": "t1", "cutoff": snapshot.cutoff, "name": "退款", "terms": json.dumps({"退款": 1.0, "refund": 0.5}),
        "contacts": 40, "share": 0.2, "share_before": 0.05, "rising": False, "p_value": 0.5,
        "weekly": json.dumps([5] * 12 + [20] * 4), "sentiment": -0.4, "satisfaction": 2.5,
        "examples": json.dumps([{name: said[name] for name in ("customer_id", "interaction_id")}]),
    }  # fmt: skip
    rows = [
        row,
        {**row, "topic_id": "t2", "rising": True, "share_before": 0.0, "weekly": json.dumps([0] * 12 + [9] * 4)},
    ]
    table = pa.Table.from_pylist(rows, TOPICS.schema)
    own = replace(snapshot, tables={**snapshot.tables, "topics": table})
    return lambda role: replace(visit(role=role), snapshot=own), said["content"]


def test_rising_ones_apart_with_trend_and_reading(with_topics):
    made, said = with_topics
    found = topics(made("marketing"))
    assert [topic["topic_id"] for topic in found["rising"]] == ["t2"]
    (other,) = found["others"]
    assert other["growth"] == pytest.approx(4)
    assert other["growth_interval"][0] > 1
    assert other["trend"]["path"].startswith("M")
    assert other["label"] == "negative"
    assert [one["text"] for one in other["read"]] == [said]
    assert topics(made("analyst"))["others"][0]["read"] == []


def test_the_page_tells_how_training_counts():
    assert (RECENT_WEEKS, WEEKS_BEFORE) == (rising.RECENT_WEEKS, rising.WEEKS_BEFORE)
    assert CUSTOMERS_A_TERM == trained.CUSTOMERS_A_TERM


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_in_both_languages(page, language):
    text = page("/topics", role="marketing", language=language)
    assert ("Topics" if language == "en" else "话题") in text


def test_sales_have_no_link_and_no_way_in(page):
    page("/topics", role="sales", status=403)
    assert 'href="/topics"' not in page("/", role="sales")
    assert 'href="/topics"' in page("/", role="analyst")
