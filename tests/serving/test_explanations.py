"""Reasons in words: an association, in both languages, for every feature there is."""

import math
from decimal import Decimal

import pytest

from serving.explanations import WORDINGS, explained, in_english
from workspace.tables import CUSTOMER_FEATURES, TEXT

FEATURES = [column.name for column in CUSTOMER_FEATURES.columns if column.type != TEXT and column.name != "cutoff"]


def test_every_feature_has_its_words() -> None:
    assert list(WORDINGS) == FEATURES


@pytest.mark.parametrize("feature", FEATURES)
@pytest.mark.parametrize("value", [None, 0.5, 3, Decimal("1200.0000")])
def test_a_reason_reads_as_an_association(feature: str, value: float | None) -> None:
    said = explained({"feature": feature, "value": value, "effect": 0.4})
    assert said["text_en"].endswith(": goes with higher risk")
    assert said["text_zh"].endswith("：与较高的流失风险相关")
    assert "{" not in said["text_en"] + said["text_zh"]
    assert "None" not in said["text_en"]
    for _ in range(2):
        assert in_english(feature, value, True) == said["text_en"]
    lower = explained({"feature": feature, "value": value, "effect": -0.4}, "left_at")
    assert in_english(feature, value, False, "left_at") == lower["text_en"]
    lower = explained({"feature": feature, "value": value, "effect": -0.4})
    assert lower["text_en"].endswith(": goes with lower risk")
    assert lower["text_zh"].endswith("：与较低的流失风险相关")


def test_a_number_is_written_into_its_sentence() -> None:
    said = explained({"feature": "recency_days", "value": 41.2, "effect": 1.0})
    assert said["text_en"] == "Last contact 41 days ago: goes with higher risk"
    assert said["text_zh"] == "距上次联系 41 天：与较高的流失风险相关"
    assert said["value"] == 41.2


def test_a_feature_nobody_named_is_still_told() -> None:
    assert explained({"feature": "new_one", "value": math.pi, "effect": 1.0})["text_en"].startswith("new_one:")


def test_by_date_the_risk_is_one_of_leaving() -> None:
    said = explained({"feature": "recency_days", "value": 41.2, "effect": -1.0}, "left_at")
    assert said["text_en"] == "Last contact 41 days ago: goes with lower risk of leaving"
    assert said["text_zh"] == "距上次联系 41 天：与较低的离开风险相关"
