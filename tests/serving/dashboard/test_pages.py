"""Every page in both languages: complete, readable without a network, and showing the figures the answers gave."""

import html
import json
import re
from html.parser import HTMLParser

import pytest

from serving.answers import churn, forecast, segments, statistics
from serving.dashboard.formats import Formats

PATHS = (
    "/",
    "/segments",
    "/segments/{segment}",
    "/churn",
    "/customers/{customer}",
    "/forecast",
    "/statistics",
    "/satisfaction",
    "/models",
)


class Reader(HTMLParser):
    """Collects what the checks below look at."""

    def __init__(self, text):
        super().__init__()
        self.links, self.controls, self.labels, self.tags = [], 0, 0, []
        self.specifications, self._in_script, self._depth = [], None, 0
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.tags.append((tag, given))
        self.links += [given[name] for name in ("href", "src", "action") if name in given]
        if tag == "label":
            self._depth += 1
        if tag in ("select", "input") and given.get("type") != "hidden":
            self.controls += 1
            self.labels += self._depth > 0
        self._in_script = given if tag == "script" else None

    def handle_endtag(self, tag):
        self._depth -= tag == "label"
        self._in_script = None

    def handle_data(self, data):
        if self._in_script is not None and self._in_script.get("type") == "application/json":
            self.specifications.append(json.loads(data))


@pytest.fixture
def paths(snapshot, callers, someone):
    segment = segments.all_segments(snapshot, callers["admin"])["segments"][0]["segment_id"]
    return [path.format(segment=segment, customer=someone) for path in PATHS]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_is_whole_and_needs_no_other_host(page, paths, snapshot, language):
    for path in paths:
        text = page(path, language=language)
        reader = Reader(text)
        assert f'<html lang="{"zh-CN" if language == "zh" else "en"}">' in text
        assert re.search(r"<title>[^<]+ · Rapport</title>", text), path
        assert not re.search(r"https?://|[\"'(]//", text), path
        assert all(link.startswith(("/", "#")) and not link.startswith("//") for link in reader.links), path
        assert all(
            given.get("src", "").startswith("/static/")
            for tag, given in reader.tags
            if tag == "script" and "type" not in given
        )
        assert not any(name.startswith("on") or name == "style" for _, given in reader.tags for name in given), path
        assert reader.controls == reader.labels, path
        assert sum(tag == "h1" for tag, _ in reader.tags) == 1, path
        assert snapshot.version in text
        assert all(bundle in text for bundle in snapshot.manifest["bundles"].values())
        assert "None" not in re.sub(r"<script.*?</script>", "", text, flags=re.S), path


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_word_of_the_other_language_in_the_frame(page, language):
    text = page("/models", language=language)
    frame = re.sub(r"<[^>]+>", " ", text[text.index("<main") : text.index("</main>")])
    assert ("Measure" in frame) == (language == "en")
    assert ("度量" in frame) == (language == "zh")


def test_every_link_leads_somewhere(client, keys, paths):
    headers = {"Authorization": f"Bearer {keys['admin']}"}
    found = set()
    for path in paths:
        links = [link for link in Reader(client.get(path, headers=headers).text).links if link.startswith("/")]
        found |= {link for link in links if link not in ("/sign-out", "/exports") and "lang=" not in link}
    customers = sorted(link for link in found if link.startswith("/customers/"))
    for link in sorted(found - set(customers)) + customers[:3]:
        assert client.get(link, headers=headers).status_code == 200, link


def test_a_policy_forbids_everything_a_page_does_not_need(client, keys):
    response = client.get("/", headers={"Authorization": f"Bearer {keys['admin']}"})
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["cache-control"] == "no-store"


def test_the_front_page_shows_the_months_figures(page, visit, snapshot, callers):
    from serving.dashboard.months import last_full_month, month_before

    seen = visit()
    month = last_full_month(snapshot.cutoff, seen.zone)
    text = html.unescape(page("/"))
    for metric in ("inbound_contacts", "csat", "revenue"):
        answer = statistics.statistic(snapshot, callers["admin"], metric, start=month, end=month_before(month, -1))
        assert seen.formats.measure(answer["rows"][0]["value"], answer["unit"]) in text, metric
    riskiest = churn.at_risk(snapshot, callers["admin"], sort="risk_value", limit=1)["customers"][0]
    assert riskiest["name"] in text
    assert riskiest["reasons"][0]["text_en"] in text


def test_a_changed_figure_is_compared_with_the_month_before_and_the_year_before(visit):
    from serving.dashboard.views.overview import overview

    shown = {figure["metric"]: figure for figure in overview(visit())["figures"]}
    contacts = shown["inbound_contacts"]
    assert contacts["changes"][0]["change"] is not None
    assert not contacts["changes"][0]["points"]
    assert shown["csat"]["changes"][0]["points"]
    assert 0 < shown["csat"]["beside"] < 1
    assert contacts["trend"]["path"].startswith("M")


def test_charts_carry_the_rows_of_the_answer(page, snapshot, callers):
    specification = Reader(page("/forecast")).specifications[0]
    answer = forecast.forecast(snapshot, callers["admin"])
    drawn = json.dumps(specification)
    assert all(json.dumps(row["mean"]) in drawn for row in answer["rows"])
    assert all(json.dumps(row["count"]) in drawn for row in answer["history"][-30:])


def test_the_forecast_says_how_it_did_before(page, snapshot, callers):
    text = html.unescape(page("/forecast?channel=phone"))
    answer = forecast.forecast(snapshot, callers["admin"], "phone")
    formats = Formats("en", None, "CNY")
    assert formats.share(answer["wape"], 1) in text
    assert formats.share(answer["baseline_wape"], 1) in text
    assert f"{formats.share(answer['coverage']['80'])} of past days fell inside the 80% range" in text


def test_churn_is_filtered_sorted_and_paged(page, snapshot, callers, owner):
    answer = churn.at_risk(snapshot, callers["admin"], owner=owner, min_risk=0.1, sort="value", limit=50)
    text = html.unescape(page(f"/churn?owner={owner}&min_risk=0.1&sort=value&segment="))
    shown = re.findall(r'<a href="/customers/([^"]+)">', text)
    assert shown == [row["customer_id"] for row in answer["customers"]]
    everyone = page("/churn")
    following = html.unescape(re.search(r'<a href="([^"]+)" rel="next">', everyone)[1])
    second = re.findall(r'<a href="/customers/([^"]+)">', page(following))
    first = re.findall(r'<a href="/customers/([^"]+)">', everyone)
    assert len(first) == 50
    assert not set(first) & set(second)
    assert "51–" in page(following)


def test_the_churn_page_says_how_good_the_model_is(page, snapshot):
    text = page("/churn")
    assert f">{snapshot.churn.grade}<" in text
    assert "Average precision" in text


def test_a_customer_with_conversation(page, snapshot, callers, someone):
    from serving.answers import customers

    answer = customers.customer(snapshot, callers["admin"], someone)
    text = html.unescape(page(f"/customers/{someone}"))
    assert answer["profile"]["name"] in text
    said = [entry["content"] for entry in answer["timeline"] if entry.get("content")]
    assert said
    assert all(content in text for content in said)
    assert str(answer["timeline_total"]) in text


@pytest.mark.parametrize("path", ["/customers/nobody", "/segments/nothing"])
@pytest.mark.parametrize(("language", "words"), [("en", "Not found"), ("zh", "未找到")])
def test_what_is_missing_is_said_kindly(page, path, language, words):
    assert words in page(path, language=language, status=404)


@pytest.mark.parametrize(
    "path",
    [
        "/churn?min_risk=2",
        "/churn?min_risk=x",
        "/churn?sort=name",
        "/churn?cursor=zzz",
        "/statistics?metric=nothing",
        "/statistics?grain=fortnight",
        "/statistics?from=today",
        "/statistics?from=2026-02-01&to=2026-01-01",
        "/forecast?channel=pigeon",
        f"/churn?owner={'x' * 300}",
    ],
)
def test_a_question_of_the_wrong_shape_is_refused_in_words(page, path):
    text = page(path, status=400)
    assert "can't be shown as asked" in html.unescape(text)
    assert "Traceback" not in text
