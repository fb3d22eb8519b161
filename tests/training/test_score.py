import json

import numpy as np
import pyarrow.compute as pc
import pytest

from features.table import features_as_of
from interactions.demo.company import Company
from training import promotion
from training.bundle import store
from training.bundle.churn import ChurnModel
from training.bundle.scoring import score as scores_of
from training.bundle.segments import SegmentModel
from training.score import score
from training.train import train
from workspace.folder import Workspace, open_workspace


def test_everybody_is_scored_once_however_often(copied: Workspace) -> None:
    cutoff = score(copied)
    first = {name: copied.lake.read(name) for name in ("customer_features", "customer_scores", "segment_profiles")}
    assert score(copied) == cutoff
    for name, rows in first.items():
        assert copied.lake.read(name).equals(rows)
    assert first["customer_scores"].num_rows == first["customer_features"].num_rows > 500
    assert set(first["customer_scores"]["cutoff"].to_pylist()) == {cutoff}


@pytest.mark.slow
def test_two_cutoffs_stand_beside_each_other(copied: Workspace) -> None:
    cutoff = score(copied)
    earlier = cutoff.replace(month=cutoff.month - 1)
    assert score(copied, earlier) == earlier
    assert set(copied.lake.read("customer_scores")["cutoff"].to_pylist()) == {cutoff, earlier}


def test_a_score_is_the_one_function_s(copied: Workspace) -> None:
    cutoff = score(copied)
    features = features_as_of(copied, cutoff)
    bundles = {kind: str(promotion.champion(copied, kind)) for kind in ("churn", "segments")}
    churn = ChurnModel.from_bundle(store.read(copied.bundles, bundles["churn"]))
    segments = SegmentModel.from_bundle(store.read(copied.bundles, bundles["segments"]))
    stored = copied.lake.read("customer_scores").sort_by("customer_id")
    one = features.filter(pc.equal(features["customer_id"], stored["customer_id"][7]))
    assert scores_of(one, churn, segments).to_pylist() == stored.slice(7, 1).to_pylist()
    assert set(stored["churn_version"].to_pylist()) == {bundles["churn"]}


def test_profiles_describe_the_segments_scored(copied: Workspace) -> None:
    score(copied)
    scores = copied.lake.read("customer_scores").to_pylist()
    profiles = copied.lake.read("segment_profiles").to_pylist()
    assert abs(1 - sum(profile["share"] for profile in profiles)) < 1e-12
    for profile in profiles:
        members = [row for row in scores if row["segment_id"] == profile["segment_id"]]
        assert profile["customers"] == len(members)
        risks = [row["churn_90"] for row in members if row["churn_90"] is not None]
        assert profile["churn_90_mean"] == (np.mean(risks) if risks else None)
        assert {"feature", "median", "overall_median", "difference"} == set(json.loads(profile["profile"])[0])
        assert profile["name_en"]
        assert profile["name_zh"]


@pytest.mark.slow
def test_by_date_who_is_known_to_have_left_has_no_risk(copied: Workspace, company: Company) -> None:
    (copied.folder / "rapport.toml").write_text('[churn]\nevent = "left_at"\n', encoding="utf-8")
    workspace = open_workspace(copied.folder)
    train(workspace, ("churn",))
    cutoff = score(workspace)
    scores = {row["customer_id"]: row for row in workspace.lake.read("customer_scores").to_pylist()}
    people = company.tables["customers"].to_pylist()
    gone = {row["customer_id"] for row in people if row["left_at"] is not None and row["left_at"] < cutoff}
    assert gone & set(scores)
    for who, row in scores.items():
        assert (row["churn_90"] is None) == (not row["active"])
        assert not (who in gone and row["active"])
        if row["active"]:
            assert row["churn_30"] <= row["churn_60"] <= row["churn_90"]
            total = row["risk_start"] + sum(one["effect"] for one in json.loads(row["reasons"])) + row["risk_others"]
            assert abs(total - row["churn_90"]) < 1e-9
    assert any(row["active"] for row in scores.values())
