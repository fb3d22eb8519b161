import json
from typing import Any

import numpy as np
import pytest

from training.bundle.churn import ChurnModel
from training.bundle.matrix import FEATURES
from training.bundle.store import Bundle
from training.bundle.what_if import ACTIONABLE, QUANTILES, Range, range_of, ranges, risks_at, whole

MANIFEST: dict[str, Any] = {
    **{"features": list(FEATURES), "horizon_days": [30, 60, 90], "horizon_steps": [1, 2, 3], "seasonal": False},
    **{"edges": [0.0, 30.0, 60.0, 90.0], "active_days": 90, "grade": "C", "served": "recency"},
    "observed": {"recency_days": [1.0, 5.0, 60.0]},
}


@pytest.fixture
def rule() -> ChurnModel:
    rule = {"feature": "recency_days", "centre": 1.0, "coefficients": [[-0.5, -1.0]] * 3}
    return ChurnModel.from_bundle(Bundle("abc", "churn", MANIFEST, {"rule.json": json.dumps(rule).encode()}))


def test_a_customer_can_not_be_made_older_nor_richer() -> None:
    assert {"recency_days", "response_minutes_90", "email_share", "rating_last"} <= set(ACTIONABLE) <= set(FEATURES)
    assert not {"tenure_days", "income", "season_ahead_count", "frequency", "order_amount"} & set(ACTIONABLE)


def test_values_are_those_customers_had() -> None:
    random = np.random.default_rng(0)
    values = random.exponential(10, 1_000)
    missing = np.where(random.random(1_000) < 0.3, np.nan, values)
    seen = ranges({"a": values, "b": missing, "c": np.full(9, np.nan), "d": np.array([0.0] * 99 + [7.0])})
    assert set(seen) == {"a", "b", "d"}
    assert seen["a"] == [np.sort(values)[int(np.ceil(share * 1_000)) - 1] for share in QUANTILES]
    assert set(seen["b"]) <= set(missing.tolist())
    assert all(one == sorted(set(one)) for one in seen.values())
    # A single customer in a hundred is beyond the range, not its end.
    assert seen["d"] == [0.0]


def test_a_range_ends_where_observation_does(rule: ChurnModel) -> None:
    assert range_of(rule, "recency_days") == Range(1.0, 60.0, (1.0, 5.0, 60.0))
    assert range_of(rule, "email_share") is None
    assert [Range(1.0, 60.0, ()).holds(value) for value in (0.999, 1.0, 60.0, 60.001, float("nan"))] == [
        *(False, True, True, False, False)
    ]
    assert whole("complaints_90")
    assert not whole("recency_days")


def test_only_the_feature_asked_about_changes(rule: ChurnModel) -> None:
    random = np.random.default_rng(1)
    row, when = random.gamma(2.0, 10.0, (1, len(FEATURES))), np.datetime64("2026-01-01", "us")
    place = FEATURES.index("recency_days")
    (own,) = risks_at(rule, row, when, "recency_days", [row[0, place]])
    assert own == tuple(rule.curve(row)[0].tolist())
    found = risks_at(rule, row, when, "recency_days", (1.0, 5.0, 60.0))
    for value, risks in zip((1.0, 5.0, 60.0), found, strict=True):
        changed = row.copy()
        changed[0, place] = value
        assert risks == tuple(rule.curve(changed)[0].tolist())
    assert found == sorted(found)
    assert len(set(risks_at(rule, row, when, "email_share", (0.0, 0.5, 1.0)))) == 1
