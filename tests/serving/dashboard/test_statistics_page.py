"""The statistics page shows what the answer gave: in the table, in the chart and in the CSV it links to."""

import csv
import html
import io
import re

import pytest

from features.statistics.catalogue import CATALOGUE
from serving.answers import statistics as answers
from serving.dashboard.views.statistics import BARS, statistics


def drawn_rows(specification):
    """A chart's data lies at its top, or with its first layer."""
    holder = specification if "data" in specification else specification["layer"][0]
    return holder["data"]["values"]


def test_table_chart_and_csv_agree(page, client, keys, visit):
    path = "/statistics?metric=csat&by=channel&grain=month&from=2026-05-01&to=2026-11-01"
    text = html.unescape(page(path))
    seen = visit(**{"metric": "csat", "by": "channel", "grain": "month", "from": "2026-05-01", "to": "2026-11-01"})
    shown = statistics(seen)
    written = [seen.formats.measure(row["value"], "share") for row in shown["rows"]]
    assert re.findall(r'<td class="n"><b>([^<]+)</b></td>', text) == written
    drawn = [row["value"] for row in drawn_rows(shown["chart"])]
    assert sorted(drawn) == sorted(row["value"] for row in shown["rows"] if row["value"] is not None)
    found = client.get(shown["csv"], headers={"Authorization": f"Bearer {keys['admin']}"})
    assert found.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(found.content.decode("utf-8-sig"))))
    assert [float(row["value"]) if row["value"] else None for row in rows] == [
        row["value"] for row in shown["answer"]["rows"]
    ]


def test_filters_and_definition_are_printed(page):
    text = html.unescape(page("/statistics?metric=csat&channel=phone"))
    assert "Only channel “phone”" in text
    assert "Ratings of 4 and 5 / all ratings" in text
    assert "Unrated contacts don't count" in text
    chinese = html.unescape(page("/statistics?metric=csat&channel=phone", language="zh"))
    assert "仅渠道“电话”" in chinese
    assert "4 分和 5 分的评分 / 全部评分" in chinese


def test_a_filter_can_be_taken_away_again(visit):
    shown = statistics(visit(metric="contacts", channel="phone", region="x", by="city", grain="week"))
    without = {item["dimension"]: item["without"] for item in shown["filters"]}
    assert "channel" not in without["channel"]
    assert "region=x" in without["channel"]
    assert "by=city" in without["channel"]


def test_what_the_figure_cannot_be_split_by_is_named(page, visit):
    shown = statistics(visit(metric="revenue", by="channel", by2="city", outcome="answered"))
    assert shown["asked"]["by"] == ("city",)
    assert shown["asked"]["impossible"] == ("channel", "outcome")
    assert "can't be split by channel" in html.unescape(page("/statistics?metric=revenue&by=channel"))


def test_bars_and_rows_come_largest_first(visit):
    shown = statistics(visit(metric="contacts", by="city"))
    values = [row["value"] for row in shown["rows"]]
    assert values == sorted(values, reverse=True)
    assert shown["chart"]["layer"][0]["encoding"]["y"]["sort"] == [row["city_text"] for row in shown["rows"]][:BARS]


def test_a_single_period_in_parts_is_bars(visit):
    asked = {"metric": "contacts", "by": "channel", "grain": "month", "from": "2026-10-01", "to": "2026-11-01"}
    one = statistics(visit(**asked))
    assert one["chart"]["layer"][0]["mark"]["type"] == "bar"
    several = statistics(visit(**{**asked, "from": "2026-08-01"}))
    assert several["chart"]["layer"][0]["mark"]["type"] == "line"


def test_a_comparison_is_a_second_line(visit):
    shown = statistics(visit(metric="contacts", grain="week", compare="previous"))
    series = {row["series"] for row in drawn_rows(shown["chart"])}
    assert series == {"Contacts", "the period before"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_range_without_rows_is_friendly(page, language):
    text = page("/statistics?metric=contacts&by=channel&from=1999-01-01&to=1999-02-01", language=language)
    assert ("Nothing falls in this range" in text) == (language == "en")


def test_the_single_number_is_the_answers(page, snapshot, callers, visit):
    answer = answers.statistic(snapshot, callers["admin"], "service_seconds_mean")
    said = visit().formats.measure(answer["rows"][0]["value"], "seconds")
    assert f'<p class="big">{said}</p>' in page("/statistics?metric=service_seconds_mean")


def test_the_busiest_hours_stand_in_their_order(visit, page):
    shown = statistics(visit(metric="inbound_contacts", by="hour_of_day"))
    hours = [row["hour_of_day"] for row in shown["rows"]]
    assert hours == sorted(hours)
    assert len(hours) > 12
    assert [row["hour_of_day_text"] for row in drawn_rows(shown["chart"])] == hours
    week = statistics(visit(metric="inbound_contacts", by="weekday", by2="hour_of_day", language="zh"))
    days = list(dict.fromkeys(row["weekday_text"] for row in week["rows"]))
    assert days == ["星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"]
    text = html.unescape(page("/statistics?metric=inbound_contacts&by=weekday&weekday=monday"))
    assert "Only weekday “Monday”" in text


@pytest.mark.parametrize("metric", CATALOGUE)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_figure_has_its_page(metric, language, visit):
    dimension = CATALOGUE[metric].dimensions[0]
    shown = statistics(visit(metric=metric, by=dimension, compare="previous", language=language))
    assert shown["described"]["metric"] == metric
    assert shown["title"] == getattr(CATALOGUE[metric], f"title_{language}")
    assert shown["total"] == len(shown["answer"]["rows"])
