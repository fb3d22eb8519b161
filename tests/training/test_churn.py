from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from features.windows import DAY_US, micros_of
from training.bundle.churn import ChurnModel
from training.bundle.matrix import FEATURES, matrix
from training.bundle.store import Bundle
from training.churn import Candidate, train_churn
from training.churn_rows import RowMaker
from training.labels import Events
from training.observed import Observed
from workspace.errors import NotEnoughHistoryError
from workspace.tables import CUSTOMER_FEATURES, TABLES

Tables = dict[str, pa.Table]
Observing = Callable[..., Observed]
# The simulation's last midnight; two months earlier, a third of its events are still to come.
EARLIER = datetime.fromisoformat("2026-04-30T16:00:00+00:00")
HORIZONS = (30, 60, 90)


@pytest.fixture(scope="module")
def earlier(tables: Tables, observing: Observing) -> Candidate:
    return train_churn(observing(tables, EARLIER), HORIZONS)


def corrupted(tables: Tables, cutoff: datetime) -> Tables:
    """Everything that was learned or happened from the cutoff on turned into nonsense."""
    found = {}
    for name, rows in tables.items():
        event_time = TABLES[name].event_time
        happened = rows[event_time] if event_time and name != "customers" else rows["known_at"]
        later = pc.or_(
            pc.greater_equal(happened, pa.scalar(cutoff)), pc.greater_equal(rows["known_at"], pa.scalar(cutoff))
        )
        kept, spoiled = rows.filter(pc.invert(later)), rows.filter(later)
        if name == "interactions":
            moved = pc.add(spoiled["occurred_at"], pa.scalar(timedelta(days=3), pa.duration("us")))
            place = spoiled.schema.get_field_index("occurred_at")
            spoiled = spoiled.set_column(place, "occurred_at", moved.cast(rows.schema.field("occurred_at").type))
            place = spoiled.schema.get_field_index("satisfaction")
            spoiled = spoiled.set_column(place, "satisfaction", pa.nulls(spoiled.num_rows, pa.int64()))
        if name == "orders":
            spoiled = spoiled.slice(0, 0)
        found[name] = (
            pa.concat_tables([kept, spoiled, spoiled]) if name == "interactions" else pa.concat_tables([kept, spoiled])
        )
    return found


@pytest.mark.slow
def test_nothing_after_the_cutoff_reaches_the_model(tables: Tables, observing: Observing, earlier: Candidate) -> None:
    spoiled = corrupted(tables, EARLIER)
    assert spoiled["interactions"].num_rows > tables["interactions"].num_rows
    again = train_churn(observing(spoiled, EARLIER), HORIZONS)
    assert again.files == earlier.files
    assert again.manifest == earlier.manifest


@pytest.mark.slow
def test_the_judged_model_never_saw_the_judged_labels(tables: Tables, observing: Observing, earlier: Candidate) -> None:
    judged = earlier.setting.plan.judged
    before = earlier.setting.maker.rows(earlier.setting.plan.before, judged)
    spoiled = observing(corrupted(tables, judged), EARLIER)
    maker = RowMaker(spoiled, earlier.setting.steps, earlier.setting.maker.seasonal)
    after = maker.rows(earlier.setting.plan.before, judged)
    assert after.inputs.tobytes() == before.inputs.tobytes()
    assert after.happened.tobytes() == before.happened.tobytes()


def test_it_is_judged_later_and_beats_both_rules(earlier: Candidate) -> None:
    metrics, rules = earlier.manifest["metrics"], earlier.manifest["baselines"]
    assert earlier.manifest["judged_at"] == (EARLIER - timedelta(days=90)).isoformat()
    assert set(rules) == {"recency", "frequency"}
    assert metrics["average_precision"] > max(rule["average_precision"] for rule in rules.values())
    assert (earlier.manifest["served"] == "model") == (metrics["grade"] in ("A", "B"))
    assert abs(metrics["mean_score"] - metrics["churners"] / metrics["customers"]) < 0.07
    assert 0 < metrics["average_precision_interval"][0] < metrics["average_precision"]


def test_what_is_served_opens_from_its_files(earlier: Candidate, tables: Tables, observing: Observing) -> None:
    model = ChurnModel.from_bundle(Bundle("abc", "churn", earlier.manifest, earlier.files))
    people = earlier.setting.maker.active(EARLIER)
    curve = model.curve(matrix(people, FEATURES))
    assert (np.diff(curve, axis=1) <= 0).all()
    events = observing(tables, CUTOFF_AFTER).events
    silent = (
        events.first_from(micros_of(EARLIER))[events.place(people["customer_id"])] >= micros_of(EARLIER) + 60 * DAY_US
    )
    assert curve[silent, 1].mean() > curve[~silent, 1].mean() + 0.1


CUTOFF_AFTER = EARLIER + timedelta(days=61)


def made(rows: int, seed: int, back: float, columns: dict[str, Any] | None = None) -> Observed:
    """Customers that come back in each 30 days with probability `back`, whatever their (random) features say."""
    random = np.random.default_rng(seed)
    as_of = EARLIER
    ids = [f"c{number:05d}" for number in range(rows)]
    start = micros_of(as_of) - 500 * DAY_US
    code, day = np.nonzero(random.random((rows, 500)) < 1 - (1 - back) ** (1 / 30))
    everybody = pa.table(
        {
            "customer_id": pa.array(ids).take(pa.array(np.concatenate([np.arange(rows), code]))),
            "at_us": np.concatenate([np.full(rows, start), start + day * DAY_US + 1]),
        }
    )
    nobody = pa.table({"customer_id": pa.array([], pa.string()), "left_us": pa.array([], pa.int64())})

    def features_at(cutoff: datetime) -> pa.Table:
        random = np.random.default_rng(int(cutoff.timestamp()) + seed)
        found = {name: random.random(rows) for name in FEATURES}
        found |= {"recency_days": random.integers(0, 60, rows).astype(float), **(columns or {})}
        arrays = {
            "customer_id": ids,
            "cutoff": [cutoff] * rows,
            "income": [None] * rows,
            "lifecycle": ["returning"] * rows,
            **{name: np.round(values).tolist() if whole(name) else values.tolist() for name, values in found.items()},
        }
        return pa.table({name: arrays[name] for name in CUSTOMER_FEATURES.column_names}).cast(CUSTOMER_FEATURES.schema)

    return Observed(as_of, Events.of(everybody, nobody), features_at, 365, 90, "interactions")


def whole(name: str) -> bool:
    return not pa.types.is_floating(CUSTOMER_FEATURES.schema.field(name).type)


def test_noise_is_not_served() -> None:
    candidate = train_churn(made(400, 1, 0.25), HORIZONS)
    assert candidate.manifest["grade"] in ("C", "D")
    assert candidate.manifest["served"] in ("recency", "frequency")
    assert "is served" in candidate.manifest["why_served"]
    assert set(candidate.files) == {"rule.json"}


def test_constant_features_are_no_crash() -> None:
    constant = {name: np.ones(300) for name in FEATURES}
    candidate = train_churn(made(300, 2, 0.3, constant), HORIZONS)
    assert candidate.manifest["served"] != "model"
    model = ChurnModel.from_bundle(Bundle("abc", "churn", candidate.manifest, candidate.files))
    curve = model.curve(np.ones((1, len(FEATURES))))
    assert curve[0].tolist() == pytest.approx([0.7, 0.49, 0.343], abs=0.05)


def test_little_data_gets_a_rule_and_says_so() -> None:
    candidate = train_churn(made(80, 3, 0.3), HORIZONS)
    assert candidate.manifest["grade"] is None
    assert "too little data for a model: 80 customers" in candidate.manifest["why_served"]
    assert candidate.verdict.learned is None


@pytest.mark.parametrize(
    ("rows", "back", "found"), [(10, 0.3, "found 10"), (100, 0.0, "100 fell silent"), (100, 0.999999, " 0 fell")]
)
def test_too_few_or_one_outcome_is_a_clear_message(rows: int, back: float, found: str) -> None:
    with pytest.raises(NotEnoughHistoryError, match=found):
        train_churn(made(rows, 4, back), HORIZONS)


def test_the_same_data_gives_the_same_bytes() -> None:
    first, second = (train_churn(made(400, 5, 0.3), HORIZONS) for _ in range(2))
    assert first.files == second.files
    assert first.manifest == second.manifest
