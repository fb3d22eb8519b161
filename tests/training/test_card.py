from training.card import card

MANIFEST = {
    "cutoff": "2026-07-01T16:00:00+00:00",
    "served": "recency",
    "why_served": "grade C",
    "grade": "C",
    "horizon_days": [30, 60, 90],
    "metrics": {"auc": 0.7123456, "auc_interval": [0.69, 0.73], "customers": 500, "grade": "C"},
    "baselines": {"recency": {"auc": 0.7}, "frequency": {"auc": None}},
    "limits": [{"en": "Few customers.", "zh": "客户很少。"}],
}


def test_it_tells_data_quality_beside_the_rules_and_limits() -> None:
    text = card("churn", "abc", MANIFEST)
    assert text.startswith("# churn, version abc")
    assert "| Data until | 2026-07-01T16:00:00+00:00 |" in text
    assert "| figure | model | recency | frequency |" in text
    assert "| auc | 0.7123 | 0.7 |  |" in text
    assert "| auc_interval | 0.69 to 0.73 | | |" in text
    assert "- Few customers." in text
    assert "- 客户很少。" in text


def test_what_could_not_be_judged_says_so() -> None:
    text = card("volume", "abc", {"metrics": {"wape": None, "baselines": {}}})
    assert "Too little data to judge it." in text
    assert "None known" in text
