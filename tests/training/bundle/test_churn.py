import json
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest

from training.bundle.churn import ChurnModel, TreeHazard, rule_hazard
from training.bundle.hazard import STEP_FEATURES
from training.bundle.store import Bundle
from workspace.errors import BundleError

FEATURES = ["recency_days", "frequency", "rating_mean"]
MANIFEST: dict[str, Any] = {
    "features": FEATURES,
    "horizon_days": [30, 60, 90],
    "horizon_steps": [1, 2, 3],
    "edges": [0.0, 30.0, 60.0, 90.0],
    "seasonal": False,
    "active_days": 90,
    "grade": "A",
    "served": "model",
    "bands": {"medium": 0.3, "high": 0.6},
}


def people(rows: int, seed: int = 0) -> np.ndarray[Any, np.dtype[np.float64]]:
    random = np.random.default_rng(seed)
    matrix = random.gamma(2.0, 10.0, (rows, 3))
    matrix[random.random((rows, 3)) < 0.1] = np.nan
    return matrix


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    random = np.random.default_rng(1)
    inputs = np.column_stack([people(3000), random.choice([0.0, 30.0, 60.0], 3000), np.full(3000, 30.0)])
    came_back = (random.random(3000) < 1 / (1 + np.exp(0.1 * np.nan_to_num(inputs[:, 0]) - 1))).astype(float)
    data = lgb.Dataset(inputs, came_back, feature_name=[*FEATURES, *STEP_FEATURES])
    booster = lgb.train({"objective": "binary", "verbose": -1, "num_threads": 1, "seed": 1}, data, 30)
    files = {
        "hazard.txt": booster.model_to_string().encode(),
        "calibration.json": json.dumps({"intercept": 0.1, "slope": 0.9}).encode(),
    }
    return Bundle("abc", "churn", MANIFEST, files)


@pytest.fixture(scope="module")
def model(bundle: Bundle) -> ChurnModel:
    return ChurnModel.from_bundle(bundle)


def test_risks_are_probabilities_that_never_contradict_each_other(model: ChurnModel) -> None:
    curve = model.curve(people(500, 2))
    assert curve.shape == (500, 3)
    assert ((curve > 0) & (curve < 1)).all()
    assert (np.diff(curve, axis=1) < 0).all()


def test_a_batch_has_the_bits_of_its_rows(model: ChurnModel) -> None:
    matrix = people(60, 3)
    curve, reasons = model.curve(matrix), model.reasons(matrix)
    for row in range(60):
        assert model.curve(matrix[row : row + 1]).tobytes() == curve[row : row + 1].tobytes()
        assert model.reasons(matrix[row : row + 1]) == reasons[row : row + 1]


def test_the_curve_is_the_product_of_the_booster_s_own_hazards(bundle: Bundle, model: ChurnModel) -> None:
    booster = lgb.Booster(model_str=bundle.files["hazard.txt"].decode())
    matrix = people(50, 4)
    silent = np.ones(50)
    for start in (0.0, 30.0, 60.0):
        raw = booster.predict(np.column_stack([matrix, np.full(50, start), np.full(50, 30.0)]), raw_score=True)
        silent = silent * (1 - 1 / (1 + np.exp(-(0.1 + 0.9 * np.asarray(raw)))))
    np.testing.assert_allclose(model.curve(matrix)[:, 2], silent, rtol=1e-12)


def test_reasons_name_what_moved_the_score_and_which_way(model: ChurnModel) -> None:
    silent, fresh = np.array([[80.0, 20.0, 4.0]]), np.array([[0.5, 20.0, 4.0]])
    for matrix, sign in ((silent, 1), (fresh, -1)):
        (reasons,) = model.reasons(matrix)
        assert reasons[0]["feature"] == "recency_days"
        assert reasons[0]["value"] == matrix[0, 0]
        assert np.sign(reasons[0]["effect"]) == sign
        strengths = [abs(reason["effect"]) for reason in reasons]
        assert strengths == sorted(strengths, reverse=True)
    assert len(model.reasons(silent, top=1)[0]) == 1
    assert model.reasons(np.array([[80.0, np.nan, np.nan]]), top=3)[0][1]["value"] is None


def test_contributions_add_up_to_the_log_odds(bundle: Bundle, model: ChurnModel) -> None:
    matrix = people(20, 5)
    booster = lgb.Booster(model_str=bundle.files["hazard.txt"].decode())
    total = np.zeros(20)
    others = np.zeros(20)
    for start in (0.0, 30.0, 60.0):
        inputs = np.column_stack([matrix, np.full(20, start), np.full(20, 30.0)])
        total -= 0.9 * np.asarray(booster.predict(inputs, raw_score=True)) / 3
        others -= 0.9 * np.asarray(booster.predict(inputs, pred_contrib=True))[:, 3:].sum(axis=1) / 3
    np.testing.assert_allclose(model.contributions(matrix).sum(axis=1) + others, total, atol=1e-12)


def test_risk_bands_begin_at_their_limits(model: ChurnModel) -> None:
    assert model.risk_bands(np.array([0.0, 0.29, 0.3, 0.59, 0.6, 1.0])) == ["low"] * 2 + ["medium"] * 2 + ["high"] * 2


def test_nobody_gives_nothing(model: ChurnModel) -> None:
    assert model.curve(np.empty((0, 3))).shape == (0, 3)
    assert model.reasons(np.empty((0, 3))) == []


def test_a_rule_is_served_the_same_way() -> None:
    rule = {"feature": "recency_days", "centre": 3.0, "coefficients": [[0.5, -1.0], [0.0, -0.5], [-0.5, -0.5]]}
    files = {"rule.json": json.dumps(rule).encode()}
    model = ChurnModel.from_bundle(Bundle("abc", "churn", {**MANIFEST, "served": "recency", "grade": "C"}, files))
    curve = model.curve(np.array([[1.0, 0, 0], [50.0, 0, 0]]))
    assert (curve[1] > curve[0]).all()
    hazard = 1 / (1 + np.exp(-(0.5 - (np.log(2.0) - 3.0))))
    assert curve[0, 0] == pytest.approx(1 - hazard)
    assert [reason["feature"] for reason in model.reasons(np.array([[50.0, 1, 1]]))[0]] == ["recency_days"]


def test_a_seasonal_model_needs_the_cutoff() -> None:
    hazard = rule_hazard({"feature": "recency_days", "centre": 0, "coefficients": [[0, 0]] * 3}, FEATURES)
    model = ChurnModel(hazard, {**MANIFEST, "seasonal": True})
    with pytest.raises(ValueError, match="cutoff"):
        model.curve(people(2))
    when = np.array(["2026-01-01", "2026-07-01"], dtype="datetime64[us]")
    assert model.curve(people(2), when).shape == (2, 3)


def test_other_kinds_and_broken_content_are_refused(bundle: Bundle) -> None:
    with pytest.raises(BundleError, match="segments model"):
        ChurnModel.from_bundle(Bundle("abc", "segments", bundle.manifest, bundle.files))
    with pytest.raises(BundleError, match="can't be opened"):
        ChurnModel.from_bundle(Bundle("abc", "churn", bundle.manifest, {}))


def test_threads_do_not_change_a_tree_hazard(bundle: Bundle) -> None:
    booster = lgb.Booster(model_str=bundle.files["hazard.txt"].decode())
    matrix, described = people(200, 6), np.zeros((200, 2))
    first = TreeHazard(booster, 0.0, 1.0).contributions(matrix, described, 0)
    assert first.tobytes() == TreeHazard(booster, 0.0, 1.0).contributions(matrix, described, 0).tobytes()
