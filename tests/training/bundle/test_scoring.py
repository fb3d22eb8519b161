import json
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from training.bundle import store
from training.bundle.churn import ChurnModel
from training.bundle.scoring import satisfaction, score
from training.bundle.segments import SegmentModel
from training.trained import Trained
from workspace.folder import Workspace
from workspace.tables import CUSTOMER_FEATURES, CUSTOMER_SCORES


@pytest.fixture(scope="module")
def models(trained: tuple[Workspace, list[Trained]]) -> tuple[ChurnModel, SegmentModel]:
    workspace, (segments, churn) = trained
    return (
        ChurnModel.from_bundle(store.read(workspace.bundles, churn.bundle)),
        SegmentModel.from_bundle(store.read(workspace.bundles, segments.bundle)),
    )


def test_one_by_one_gives_the_bits_of_all_together(features: pa.Table, models: tuple[ChurnModel, SegmentModel]) -> None:
    together = score(features, *models)
    assert together.schema == CUSTOMER_SCORES.schema
    for row in range(0, features.num_rows, 20):
        assert score(features.slice(row, 1), *models).equals(together.slice(row, 1).combine_chunks())


def test_order_does_not_matter(features: pa.Table, models: tuple[ChurnModel, SegmentModel]) -> None:
    mixed = np.random.default_rng(3).permutation(features.num_rows)
    assert score(features.take(mixed), *models).equals(score(features, *models).take(mixed).combine_chunks())


def test_only_the_active_have_a_risk(features: pa.Table, models: tuple[ChurnModel, SegmentModel]) -> None:
    rows = score(features, *models).to_pylist()
    for row, known in zip(rows, features.to_pylist(), strict=True):
        assert row["active"] == (known["recency_days"] <= 90)
        if not row["active"]:
            assert [row[name] for name in ("churn_30", "churn_60", "churn_90", "risk_band", "reasons")] == [None] * 5
            continue
        assert 1 >= row["churn_30"] >= row["churn_60"] >= row["churn_90"] >= 0
        assert row["risk_band"] in ("low", "medium", "high")
        reasons = json.loads(row["reasons"])
        assert 1 <= len(reasons) <= 3
        assert all(reason["value"] == number(known[reason["feature"]]) for reason in reasons)
    assert {row["risk_band"] for row in rows} == {None, "low", "medium", "high"}


def number(value: Any) -> Any:
    """Arrow turns a decimal into a float that may be off in the last digit."""
    return None if value is None else pytest.approx(float(value), rel=1e-12)


def test_without_models_the_columns_are_null(features: pa.Table) -> None:
    scores = score(features.slice(0, 3), None, None)
    assert scores.schema == CUSTOMER_SCORES.schema
    assert scores["active"].null_count == scores["segment_id"].null_count == scores["value"].null_count == 3
    assert scores["customer_id"].to_pylist() == features["customer_id"].slice(0, 3).to_pylist()


def test_nobody_is_scored_too(features: pa.Table, models: tuple[ChurnModel, SegmentModel]) -> None:
    assert score(features.slice(0, 0), *models).num_rows == 0


def test_value_rises_with_each_of_its_parts(features: pa.Table, models: tuple[ChurnModel, SegmentModel]) -> None:
    values = score(features, *models)["value"].to_numpy()
    assert ((values >= 0) & (values <= 1)).all()
    orders = np.array(features["order_count"])
    assert values[orders == 0].max() < 0.5
    assert values[orders > 10].mean() > 4 * values[orders <= 1].mean()


def test_satisfaction_is_the_mean_of_what_is_known() -> None:
    rows = [
        {"rating_mean": 5.0, "sentiment_mean": 0.0, "complaint_share": 0.5},
        {"rating_mean": 3.0, "sentiment_mean": None, "complaint_share": None},
        {"rating_mean": None, "sentiment_mean": None, "complaint_share": 0.0},
    ]
    table = pa.Table.from_pylist(rows, pa.schema([CUSTOMER_FEATURES.schema.field(name) for name in rows[0]]))
    found = satisfaction(table).tolist()
    assert found[:2] == pytest.approx([(1 + 0.5 + 0.5) / 3, 0.5])
    assert np.isnan(found[2])


def test_by_date_who_has_left_has_no_risk(features: pa.Table, trained: tuple[Workspace, list[Trained]]) -> None:
    bundle = store.read(trained[0].bundles, trained[1][1].bundle)
    dated = ChurnModel.from_bundle(replace(bundle, manifest={**bundle.manifest, "event": "left_at"}))
    by_silence = ChurnModel.from_bundle(bundle)
    few = features.slice(0, 60)
    before = score(few, by_silence, None).to_pylist()
    gone = {row["customer_id"] for row in before if row["active"]} - {before[0]["customer_id"]}
    assert score(few, by_silence, None, left=gone).to_pylist() == before
    rows = score(few, dated, None, left=sorted(gone)[:10]).to_pylist()
    for row, one in zip(rows, before, strict=True):
        assert row["active"] == (one["active"] and row["customer_id"] not in sorted(gone)[:10])
        assert (row["churn_90"] is None) == (not row["active"])
        if row["active"]:
            assert row["churn_30"] <= row["churn_60"] <= row["churn_90"] == pytest.approx(1 - one["churn_90"])
