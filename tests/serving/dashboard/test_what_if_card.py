"""The what-if card: the answer's own figures, the customer's place among them, and the days that risks stand for."""

import re
from dataclasses import replace

import pytest

from serving.answers.what_if import what_if
from serving.dashboard.formats import Formats
from serving.dashboard.pages import _of_visit
from serving.dashboard.risk_texts import RISK_TEXTS
from serving.dashboard.texts import translator
from serving.dashboard.views.customer import customer
from serving.dashboard.views.what_if import what_if as card
from training.bundle.churn import ChurnModel
from workspace.errors import QueryError


@pytest.fixture
def asked(visit, someone):
    def ask(**changes):
        found = visit()
        return replace(found, path={"customer_id": someone}, **changes)

    return ask


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_shows_the_answers_figures(page, snapshot, callers, someone, language):
    text = page(f"/customers/{someone}?what_if=recency_days", language=language)
    answer = what_if(snapshot, callers["admin"], someone, "recency_days")
    assert RISK_TEXTS["what_if"][language == "zh"] in text
    assert answer[f"note_{language}"] in text
    shown = re.search(r'<section class="card" id="what-if">(.*?)</section>', text, re.DOTALL).group(1)
    formats = Formats(language, None, "CNY")
    for one in answer["features"][0]["values"]:
        assert f'<td class="n">{formats.share(one["churn_90"], 1)}</td>' in shown
    assert shown.count('class="tag"') == 1


def test_the_own_value_lies_among_the_others_with_the_published_risk(asked, snapshot, someone):
    scores = snapshot.row("customer_scores", someone)
    for name in card(asked())["features"]:
        found = card(asked(query={"what_if": name}))
        values = [row["value"] for row in found["rows"]]
        assert values == sorted(set(values))
        own = [row for row in found["rows"] if row["own"]]
        assert len(own) == (found["shown"]["own"] is not None)
        assert all(row["churn_90"] == scores["churn_90"] for row in own)


def test_another_feature_is_refused(asked):
    with pytest.raises(QueryError, match="must be one of"):
        card(asked(query={"what_if": "tenure_days"}))


def test_the_page_names_the_horizons_of_the_model(asked, snapshot):
    weekly = ChurnModel(snapshot.churn._hazard, {**snapshot.churn.manifest, "horizon_days": [7, 14]})
    data = customer(asked(snapshot=replace(snapshot, churn=weekly)))
    assert [point["days"] for point in data["curve"]] == [7, 14]
    assert data["horizon"] == 14


@pytest.mark.parametrize("language", ["en", "zh"])
def test_by_date_pages_speak_of_leaving(asked, snapshot, language):
    dated = ChurnModel(snapshot.churn._hazard, {**snapshot.churn.manifest, "event": "left_at"})
    frame = _of_visit(asked(snapshot=replace(snapshot, churn=dated), language=language))
    text = translator(language)
    assert text(f"score_card{frame['risk_kind']}") == ("Chance of leaving", "离开的可能性")[language == "zh"]
    assert frame["rule_name"]("recency") == text("rule_recency_by_date") != text("rule_recency")
    assert frame["rule_name"]("seasonal_naive") == text("rule_seasonal_naive")
