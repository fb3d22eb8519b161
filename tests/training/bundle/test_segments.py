import json
from dataclasses import asdict
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from training.bundle.behaviour import behaviour
from training.bundle.segments import DORMANT, ONE_TIME, Scale, SegmentModel, rule_applies
from training.bundle.store import Bundle
from training.segment_scales import fit_scales
from workspace.errors import BundleError
from workspace.tables import CUSTOMER_FEATURES


@pytest.fixture(scope="module")
def model(features: pa.Table) -> SegmentModel:
    scales = fit_scales(behaviour(features, 365))
    random = np.random.default_rng(5)
    centroids = {f"s{number}": random.normal(0, 1, len(scales)).tolist() for number in range(1, 6)}
    manifest: dict[str, Any] = {
        "scales": [asdict(scale) for scale in scales],
        "names": {segment: {"en": segment, "zh": segment} for segment in centroids},
        "rules": [DORMANT, ONE_TIME],
        "observation_days": 365,
    }
    return SegmentModel.from_bundle(
        Bundle("abc", "segments", manifest, {"centroids.json": json.dumps(centroids).encode()})
    )


def test_a_batch_has_the_bits_of_its_rows(model: SegmentModel, features: pa.Table) -> None:
    batch = model.assign(features)
    distances = model._distances(features)
    for row in range(0, features.num_rows, 3):
        alone = features.slice(row, 1)
        assert model.assign(alone) == [batch[row]]
        assert model._distances(alone).tobytes() == np.ascontiguousarray(distances[:, row : row + 1]).tobytes()


def test_the_nearest_centroid_wins(model: SegmentModel, features: pa.Table) -> None:
    points = np.column_stack(model.coordinates(features))
    ids, places = list(model.centroids), np.array(list(model.centroids.values()))
    for point, row, segment in zip(points, features.to_pylist(), model.assign(features), strict=True):
        if row["frequency"] == 0:
            assert segment == DORMANT
        elif row["tenure_days"] == row["recency_days"]:
            assert segment == ONE_TIME
        else:
            assert segment == ids[int(np.argmin(np.nansum((places - point) ** 2, axis=1)))]


def test_rules_need_to_be_in_the_model(model: SegmentModel, features: pa.Table) -> None:
    dormant = features.filter(pa.array(rule_applies(DORMANT, features)))
    assert dormant.num_rows > 0
    assert set(model.assign(dormant)) == {DORMANT}
    without = SegmentModel(
        {name: centroid.tolist() for name, centroid in model.centroids.items()}, {**model.manifest, "rules": []}
    )
    assert set(without.assign(dormant)) <= set(model.centroids)


def test_nobody_has_no_segment(model: SegmentModel, features: pa.Table) -> None:
    assert model.assign(features.slice(0, 0)) == []


def test_a_share_of_few_contacts_is_drawn_to_the_middle() -> None:
    scale = Scale("phone_share", "root", 1.0, 0.25, 4.0, 0.0, 1.0, 1.0)
    shares, contacts = np.array([1.0, 1.0, np.nan]), np.array([1.0, 400.0, 0.0])
    bent = scale.bent({"phone_share": shares, "contacts": contacts}) ** 2
    assert bent.tolist() == pytest.approx([(1 + 1) / 5, (400 + 1) / 404, 0.25])


def test_far_out_counts_as_equally_far() -> None:
    scale = Scale("income", "log", 1.0, 9.0, 0.0, 0.0, 1.0, 0.5)
    found = scale.coordinate({"income": np.array([1e9, 1e6, 0.0, np.nan])})
    assert found.tolist() == pytest.approx([1.5, 1.5, 0.0, 0.5 * np.log(10)])


def test_what_is_unknown_counts_in_no_distance() -> None:
    scales = [
        asdict(Scale("contacts_monthly", "log", 1.0, None, 0.0, 0.0, 1.0, 1.0)),
        asdict(Scale("income", "log", 1.0, None, 0.0, 0.0, 5.0, 1.0)),
    ]
    manifest = {"scales": scales, "names": {}, "rules": [], "observation_days": 30}
    model = SegmentModel({"poor": [1.0, 0.0], "rich": [0.0, 2.5]}, manifest)
    row = {"frequency": 0, "order_count": 0, "recency_days": 0.0, "tenure_days": 30.0, "income": None}
    nothing = dict.fromkeys((name for name in CUSTOMER_FEATURES.schema.names if name not in row), None)
    table = pa.Table.from_pylist([{**nothing, **row}, {**nothing, **row, "income": 0}], CUSTOMER_FEATURES.schema)
    # No contact is nearer to 0 than to 1, whatever the income; a known income of 0 outweighs that.
    assert model.assign(table) == ["rich", "poor"]


def test_other_kinds_and_broken_content_are_refused(model: SegmentModel) -> None:
    with pytest.raises(BundleError, match="churn model"):
        SegmentModel.from_bundle(Bundle("abc", "churn", {}, {}))
    with pytest.raises(BundleError, match="can't be opened"):
        SegmentModel.from_bundle(Bundle("abc", "segments", model.manifest, {}))
