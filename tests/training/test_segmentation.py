import numpy as np
import pyarrow as pa
import pytest

from training.bundle.segments import DORMANT, SegmentModel
from training.bundle.store import Bundle
from training.segmentation import Candidate, profiles, train_segments
from workspace.errors import NotEnoughHistoryError
from workspace.tables import CUSTOMER_FEATURES


@pytest.fixture(scope="module")
def found(features: pa.Table) -> Candidate:
    return train_segments(features)


def test_everybody_is_in_a_named_segment(features: pa.Table, found: Candidate) -> None:
    model = SegmentModel.from_bundle(Bundle("abc", "segments", found.manifest, found.files))
    segments = model.assign(features)
    assert set(segments) == set(model.names)
    assert DORMANT in segments
    names = [name[language] for name in model.names.values() for language in ("en", "zh")]
    assert len(set(names)) == len(names)
    assert sum(found.manifest["metrics"]["sizes"].values()) == features.num_rows
    assert set(found.manifest["metrics"]["stability"]) == set(model.centroids)


def test_the_same_customers_in_any_run_give_the_same_bytes(features: pa.Table, found: Candidate) -> None:
    again = train_segments(features)
    assert again.files == found.files
    assert again.manifest == found.manifest
    # ... and a retrain on the same data is the same model still.
    retrained = train_segments(features, found.model)
    assert (retrained.files, retrained.manifest, retrained.kept) == (found.files, found.manifest, 1.0)


def test_a_retrain_keeps_ids_and_names(features: pa.Table, found: Candidate) -> None:
    most = features.filter(pa.array(np.random.default_rng(2).random(features.num_rows) < 0.9))
    again = train_segments(most, found.model)
    assert again.kept is not None
    assert again.kept > 0.9
    for segment in set(again.model.names) & set(found.model.names):
        assert again.model.names[segment] == found.model.names[segment]


def test_a_profile_ranks_what_sets_a_segment_apart(features: pa.Table) -> None:
    orders = np.array(features["order_count"])
    many = orders > np.quantile(orders, 0.8)
    found = profiles(features, ["many" if chosen else "few" for chosen in many.tolist()])
    top = [entry["feature"] for entry in found["many"][:4]]
    assert "order_count" in top
    entry = next(entry for entry in found["many"] if entry["feature"] == "order_count")
    assert entry["median"] == np.median(orders[many])
    assert entry["overall_median"] == np.median(orders)
    strengths = [abs(entry["difference"]) for entry in found["few"]]
    assert strengths == sorted(strengths, reverse=True)
    assert max(strengths) <= 3**0.5


def test_income_is_in_no_profile(features: pa.Table) -> None:
    assert "income" not in {entry["feature"] for entry in profiles(features, ["s1"] * features.num_rows)["s1"]}


def test_too_few_customers_or_all_alike_are_said(features: pa.Table) -> None:
    with pytest.raises(NotEnoughHistoryError, match="need 50 customers"):
        train_segments(features.slice(0, 30))
    busy = features.filter(pa.array(np.array(features["frequency"]) > 3)).slice(0, 1)
    with pytest.raises(NotEnoughHistoryError, match="all are alike"):
        train_segments(pa.concat_tables([busy] * 80))
    assert busy.schema == CUSTOMER_FEATURES.schema
