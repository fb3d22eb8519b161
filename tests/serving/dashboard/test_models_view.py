from serving.dashboard.views.models import in_its_place, measures, models


def test_a_model_stands_beside_its_rules_with_its_interval():
    metrics = {
        "auc": 0.8,
        "average_precision": 0.7,
        "average_precision_interval": [0.6, 0.8],
        "clear": True,
        "coverage": {"80": 0.81},
        "horizon_days": 90,
    }
    found = measures(metrics, {"recency": {"average_precision": 0.5}})
    assert [row["name"] for row in found] == ["average_precision", "auc", "coverage_80"]
    assert found[0] == {"name": "average_precision", "value": 0.7, "interval": (0.6, 0.8), "rules": [0.5]}
    assert found[1]["rules"] == [None]


def test_a_rule_served_in_the_models_place_is_named():
    assert in_its_place("model") == []
    assert in_its_place(None) == []
    assert in_its_place("recency") == [{"rule": "recency", "channel": None}]
    assert in_its_place({"all": "model", "sms": "seasonal_naive"}) == [{"rule": "seasonal_naive", "channel": "sms"}]


def test_every_champion_has_a_card(visit, snapshot):
    shown = models(visit())["models"]
    assert sorted(model["model"] for model in shown) == sorted(snapshot.manifest["bundles"])
    churn = next(model for model in shown if model["model"] == "churn")
    assert churn["measures"][0]["name"] == "average_precision"
    assert {"recency", "frequency"} <= set(churn["rules"])
