from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pytest

from features.history import HISTORY_TABLES
from features.table import customer_features
from features.windows import Window
from interactions.demo.company import simulate
from training.bundle.segments import DORMANT, EVERYONE, SegmentModel
from training.bundle.store import Bundle
from training.segmentation import Candidate, profiles, train_segments
from workspace.engine import arrow_tables, connect
from workspace.errors import NotEnoughHistoryError
from workspace.tables import CUSTOMER_FEATURES, TABLES

END, CUTOFF = date(2026, 6, 30), datetime(2026, 6, 30, 16, tzinfo=UTC)


@pytest.fixture(scope="module")
def found(features: pa.Table) -> Candidate:
    return train_segments(features)


@pytest.fixture(scope="module")
def crowd() -> pa.Table:
    """customer_features of a company whose customers are in no groups."""
    company = simulate(customers=500, days=365, seed=3, end=END, timezone="Asia/Shanghai", alike=True)
    signals = TABLES["message_signals"].schema.empty_table()
    backend = connect()
    try:
        tables = {name: company.tables.get(name, signals) for name in HISTORY_TABLES}
        return customer_features(arrow_tables(backend, tables), Window(CUTOFF))
    finally:
        backend.disconnect()


def test_everybody_is_in_a_named_segment(features: pa.Table, found: Candidate) -> None:
    model = SegmentModel.from_bundle(Bundle("abc", "segments", found.manifest, found.files))
    segments = model.assign(features)
    assert set(segments) == set(model.names)
    assert DORMANT in segments
    names = [name[language] for name in model.names.values() for language in ("en", "zh")]
    assert len(set(names)) == len(names)
    assert sum(found.manifest["metrics"]["sizes"].values()) == features.num_rows
    assert set(found.manifest["metrics"]["stability"]) == set(model.centroids)


@pytest.mark.slow
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


@pytest.mark.slow
def test_the_order_of_rows_and_other_seeds_make_no_difference(features: pa.Table, found: Candidate) -> None:
    shuffled = features.take(pa.array(np.random.default_rng(1).permutation(features.num_rows)))
    again = train_segments(shuffled)
    assert (again.files, again.manifest) == (found.files, found.manifest)
    assert (
        np.mean(np.array(train_segments(features, seed=3).model.assign(features)) == found.model.assign(features))
        > 0.97
    )


def test_so_many_segments_as_asked(features: pa.Table) -> None:
    asked = train_segments(features, count=3)
    assert asked.manifest["metrics"]["k"] == len(asked.model.centroids) == 3
    with pytest.raises(NotEnoughHistoryError, match="need 120 customers"):
        train_segments(features.slice(0, 110), count=12)


@pytest.mark.slow
def test_a_crowd_without_groups_is_one_segment_that_says_so(
    features: pa.Table, found: Candidate, crowd: pa.Table
) -> None:
    alone = train_segments(crowd)
    assert alone.manifest["metrics"]["clear"] is False
    assert alone.manifest["metrics"]["k"] == 1
    assert set(alone.model.assign(crowd)) <= {EVERYONE, *alone.model.rules}
    assert "没有明显的分群" in alone.model.names[EVERYONE]["zh"]
    # After clear segments, it says where they have gone; numbers are never given again.
    after = train_segments(crowd, found.model)
    assert after.manifest["next_number"] == found.manifest["next_number"]
    assert {change["change"] for change in after.manifest["changes"]} <= {"merged", "vanished"}
    assert train_segments(features, after.model).manifest["next_number"] > found.manifest["next_number"]


@pytest.mark.slow
def test_a_customer_with_a_hundred_thousand_contacts_changes_nothing(features: pa.Table, found: Candidate) -> None:
    place = features.column_names.index("frequency")
    many = np.array(features["frequency"]).copy()
    busiest = int(np.argmax(many))
    many[busiest] = 100_000
    loud = features.set_column(place, features.schema.field(place), pa.array(many, features.schema.field(place).type))
    again = train_segments(loud)
    assert again.manifest["metrics"]["k"] == found.manifest["metrics"]["k"]
    assert np.mean(np.array(again.model.assign(loud)) == found.model.assign(features)) > 0.98


def test_a_single_channel_is_no_trouble(features: pa.Table) -> None:
    shares = [name for name in features.column_names if name.endswith("_share") and name != "outbound_share"]
    alone = features
    for name in shares:
        place = features.column_names.index(name)
        known = np.array(features[name].is_valid())
        values = pa.array(np.full(len(known), float(name == "phone_share")), mask=~known)
        alone = alone.set_column(place, features.schema.field(place), values)
    trained = train_segments(alone)
    assert not {scale.name for scale in trained.model.scales} & set(shares)
    assert None not in trained.model.assign(alone)


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
