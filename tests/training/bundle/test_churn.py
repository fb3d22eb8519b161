import json
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest

from training.bundle.churn import ChurnModel, LearnedHazard, rule_hazard
from training.bundle.hazard import STEP_FEATURES
from training.bundle.linear import Linear
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


LINEAR = Linear(-0.3, (2.5, 2.0, 1.0, 2.0, 3.4), (1.0, 0.8, 0.5, 1.5, 1.0), (-0.4, 0.3, 0.1, -0.2, 0.0))


def people(rows: int, seed: int = 0) -> np.ndarray[Any, np.dtype[np.float64]]:
    random = np.random.default_rng(seed)
    matrix = random.gamma(2.0, 10.0, (rows, 3))
    matrix[random.random((rows, 3)) < 0.1] = np.nan
    return matrix


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    random = np.random.default_rng(1)
    inputs = np.column_stack([people(3000), random.choice([0.0, 30.0, 60.0], 3000), np.full(3000, 30.0)])
    happened = (random.random(3000) < 1 / (1 + np.exp(0.1 * np.nan_to_num(inputs[:, 0]) - 1))).astype(float)
    data = lgb.Dataset(inputs, happened, feature_name=[*FEATURES, *STEP_FEATURES])
    booster = lgb.train({"objective": "binary", "verbose": -1, "num_threads": 1, "seed": 1}, data, 30)
    files = {
        "linear.json": json.dumps(LINEAR.written()).encode(),
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


def test_the_curve_is_the_product_of_what_the_hazards_leave(model: ChurnModel) -> None:
    matrix = people(50, 4)
    silent = np.cumprod(1 - 1 / (1 + np.exp(-model.log_odds(matrix))), axis=1)
    np.testing.assert_allclose(model.curve(matrix), silent, rtol=1e-12)


def test_reasons_name_what_moved_the_score_and_which_way(model: ChurnModel) -> None:
    silent, fresh = np.array([[80.0, 20.0, 4.0]]), np.array([[0.5, 20.0, 4.0]])
    for matrix, sign in ((silent, 1), (fresh, -1)):
        reasons = model.reasons(matrix)[0].strongest
        assert reasons[0]["feature"] == "recency_days"
        assert reasons[0]["value"] == matrix[0, 0]
        assert np.sign(reasons[0]["effect"]) == sign
        strengths = [abs(reason["effect"]) for reason in reasons]
        assert strengths == sorted(strengths, reverse=True)
    assert len(model.reasons(silent, top=1)[0].strongest) == 1
    assert model.reasons(np.array([[80.0, np.nan, np.nan]]), top=3)[0].strongest[1]["value"] is None


def test_what_is_explained_adds_up_to_the_risk(model: ChurnModel) -> None:
    matrix = people(200, 5)
    found = model.explained(matrix)
    total = found.start + found.features.sum(axis=1) + found.season
    np.testing.assert_allclose(total, model.curve(matrix)[:, -1], atol=1e-12)
    assert 0 < found.start < 1
    alone = [model.explained(matrix[row : row + 1]).features[0].tobytes() for row in range(20)]
    assert alone == [row.tobytes() for row in found.features[:20]]


def test_the_log_odds_are_those_of_the_linear_score_and_the_trees(bundle: Bundle, model: ChurnModel) -> None:
    matrix = people(50, 9)
    booster = lgb.Booster(model_str=bundle.files["hazard.txt"].decode())
    for step, start in enumerate((0.0, 30.0, 60.0)):
        inputs = np.column_stack([matrix, np.full(50, start), np.full(50, 30.0)])
        scaled = (np.sign(inputs) * np.log1p(np.abs(inputs)) - LINEAR.centre) / LINEAR.spread
        linear = LINEAR.intercept + np.nan_to_num(np.clip(scaled, -4, 4)) @ np.array(LINEAR.coefficient)
        wanted = 0.1 + 0.9 * (linear + np.asarray(booster.predict(inputs, raw_score=True)))
        np.testing.assert_allclose(model.log_odds(matrix)[:, step], wanted, atol=1e-12)


def test_reasons_and_the_rest_add_up_to_the_risk(model: ChurnModel) -> None:
    matrix = people(40, 6)
    for found, risk in zip(model.reasons(matrix, top=2), model.curve(matrix)[:, -1], strict=True):
        total = found.start + sum(reason["effect"] for reason in found.strongest) + found.others
        assert total == pytest.approx(risk, abs=1e-12)


def test_at_the_median_half_are_silent(model: ChurnModel) -> None:
    matrix = people(60, 7)
    days, curve = model.median_days(matrix), model.curve(matrix)
    assert (np.isnan(days) == (curve[:, -1] > 0.5)).all()
    within = days <= 30
    assert within.any()
    assert (curve[within, 0] <= 0.5).all()
    assert (curve[days > 60, 1] > 0.5).all()


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
    assert [reason["feature"] for reason in model.reasons(np.array([[50.0, 1, 1]]))[0].strongest] == ["recency_days"]


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


def test_threads_do_not_change_what_was_learned(bundle: Bundle) -> None:
    booster = lgb.Booster(model_str=bundle.files["hazard.txt"].decode())
    matrix, described = people(200, 6), np.zeros((200, 2))
    first = LearnedHazard(LINEAR, booster, 0.0, 1.0).parts(matrix, described, 0).features
    assert first.tobytes() == LearnedHazard(LINEAR, booster, 0.0, 1.0).parts(matrix, described, 0).features.tobytes()


def test_by_date_the_risk_is_what_the_curve_has_lost(bundle: Bundle, model: ChurnModel) -> None:
    dated = ChurnModel.from_bundle(Bundle("abc", "churn", {**MANIFEST, "event": "left_at"}, bundle.files))
    matrix = people(60, 8)
    curve = dated.curve(matrix)
    left = 1 - np.cumprod(1 - 1 / (1 + np.exp(-dated.log_odds(matrix))), axis=1)
    np.testing.assert_allclose(curve, left, atol=1e-12)
    assert (np.diff(curve, axis=1) > 0).all()
    found = dated.explained(matrix)
    np.testing.assert_allclose(found.start + found.features.sum(axis=1) + found.season, curve[:, -1], atol=1e-12)
    np.testing.assert_array_equal(found.features, -model.explained(matrix).features)
    days = dated.median_days(matrix)
    assert (np.isnan(days) == (curve[:, -1] < 0.5)).all()


@pytest.mark.parametrize(
    ("horizons", "days"),
    [([30], [30, 30, 30]), ([7, 14], [7, 14, 14]), ([7, 14, 28], [7, 14, 28]), ([7, 14, 21, 28], [7, 14, 28])],
)
def test_the_last_of_the_three_risks_is_that_of_the_last_horizon(horizons: list[int], days: list[int]) -> None:
    hazard = rule_hazard({"feature": "recency_days", "centre": 0, "coefficients": [[0, 0]] * 3}, FEATURES)
    assert ChurnModel(hazard, {**MANIFEST, "horizon_days": horizons}).risk_days == days


def test_a_rule_looks_at_one_feature_and_a_model_at_what_it_learned(model: ChurnModel) -> None:
    hazard = rule_hazard({"feature": "frequency", "centre": 0, "coefficients": [[0, 0]] * 3}, FEATURES)
    assert [ChurnModel(hazard, MANIFEST).looks_at(one) for one in (*FEATURES, "unknown")] == [False, True, False, False]
    assert model.looks_at("recency_days")
