"""Expected value where everybody's rate of spending is known, and what may not reach the model."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from features.windows import DAY_US, Window, micros_of
from training.bundle import store
from training.bundle.expected_value import ValueModel
from training.bundle.matrix import FEATURES
from training.labels import Events
from training.observed import Observed
from training.value import ValueCandidate, train_value
from training.value_orders import Ordered, ordered
from training.value_quality import ranked
from workspace.engine import arrow_tables, connect
from workspace.errors import NotEnoughHistoryError
from workspace.tables import CUSTOMER_FEATURES

AS_OF = datetime.fromisoformat("2026-06-30T16:00:00+00:00")
DAYS = 500


@dataclass(frozen=True)
class ValueCompany:
    """What a training reads, and each customer's true amount a day from `AS_OF` - 200 days on."""

    observed: Observed
    orders: Ordered
    lines: pa.Table
    rate: npt.NDArray[np.float64]


def value_company(customers: int, seed: int, told: bool = True, factor: float = 1.0) -> ValueCompany:
    """Half of them lost interest, which shows in `overdue_ratio` where `told`, and nowhere in what they spent before.

    factor: of every amount.
    """
    random = np.random.default_rng(seed)
    often = random.gamma(1.0, 0.02, customers)
    size = random.lognormal(4.0, 0.8, customers)
    gone = random.random(customers) < 0.5
    turned = DAYS - 320
    when = np.arange(DAYS)[:, None]
    daily = np.where(gone & (when >= turned), 0.1 * often, often)
    day, who = np.nonzero(random.random((DAYS, customers)) < daily)
    amounts = np.round(factor * size[who] * random.lognormal(0, 0.3, who.size), 2)
    begin = micros_of(AS_OF) - DAYS * DAY_US
    ids = [f"c{number:05d}" for number in range(customers)]
    lines = pa.table(
        {
            "customer_id": pa.array(ids).take(pa.array(who)),
            "at_us": begin + day * DAY_US + 1,
            "amount": pa.array([Decimal(f"{one:.2f}") for one in amounts], pa.decimal128(18, 4)),
        }
    )
    everybody = pa.table({"customer_id": ids, "at_us": np.full(customers, begin)})
    alive = pa.concat_tables([everybody, lines.select(["customer_id", "at_us"])])
    nobody = pa.table({"customer_id": pa.array([], pa.string()), "left_us": pa.array([], pa.int64())})
    noise = random.random(customers)

    def features_at(cutoff: datetime) -> pa.Table:
        before = (cutoff - (AS_OF - timedelta(days=DAYS))) / timedelta(days=1)
        inside = (day < before) & (day >= before - 365)
        found = {name: np.zeros(customers) for name in FEATURES}
        found["order_amount"] = np.round(np.bincount(who[inside], amounts[inside], customers), 2)
        found["order_count"] = np.bincount(who[inside], minlength=customers).astype(float)
        found["tenure_days"] = np.full(customers, before)
        found["recency_days"] = np.full(customers, 5.0)
        found["overdue_ratio"] = np.where(gone, 3.0, 1.0) if told else noise
        arrays = {
            "customer_id": ids,
            "cutoff": [cutoff] * customers,
            "income": [None] * customers,
            "lifecycle": ["returning"] * customers,
            **{name: _declared(name, values) for name, values in found.items()},
        }
        return pa.table({name: arrays[name] for name in CUSTOMER_FEATURES.column_names}).cast(CUSTOMER_FEATURES.schema)

    observed = Observed(AS_OF, Events.of(alive, nobody), features_at, 365, 90, "interactions")
    truth = factor * np.where(gone, 0.1 * often, often) * size * np.exp(0.3**2 / 2)
    return ValueCompany(observed, Ordered.of(lines), lines, truth)


def _declared(name: str, values: npt.NDArray[np.float64]) -> pa.Array:
    kind = CUSTOMER_FEATURES.schema.field(name).type
    if pa.types.is_decimal(kind):
        return pa.array([Decimal(f"{one:.2f}") for one in values], kind)
    return pa.array(values.round() if pa.types.is_integer(kind) else values).cast(kind)


HORIZONS = (30, 60, 90)


@pytest.fixture(scope="module")
def spenders() -> ValueCompany:
    return value_company(1_500, 1)


@pytest.fixture(scope="module")
def candidate(spenders: ValueCompany) -> ValueCandidate:
    return train_value(spenders.observed, spenders.orders, HORIZONS)


def test_it_is_judged_later_and_beats_both_rules(candidate: ValueCandidate, spenders: ValueCompany) -> None:
    manifest = candidate.manifest
    assert manifest["judged_at"] == (AS_OF - timedelta(days=90)).isoformat()
    assert manifest["served"] == "model"
    assert manifest["grade"] in ("A", "B")
    rules = manifest["baselines"]
    assert set(rules) == {"pro_rata", "shrunk"}
    for measure in ("gini", "top_tenth_share", "spearman"):
        assert manifest["metrics"][measure] > max(rule[measure] for rule in rules.values())
    # The labels that taught it were over before; those it is judged by are the orders of the 90 days after.
    assert all(cutoff + timedelta(days=90) <= candidate.plan.judged for cutoff in candidate.plan.before)
    judged, end = micros_of(candidate.plan.judged), micros_of(AS_OF)
    at = spenders.lines["at_us"].to_numpy()
    total = sum(spenders.lines["amount"].filter(pa.array((at >= judged) & (at < end))).to_pylist())
    assert candidate.verdict.truth.sum() == pytest.approx(float(total), rel=1e-12)


def test_it_expects_what_is_true(candidate: ValueCandidate, spenders: ValueCompany) -> None:
    """Within what is left to chance: half of the distance of the best rule to the truth, and the total."""
    truth, verdict = 90 * spenders.rate, candidate.verdict
    far = {name: np.abs(said - truth).mean() for name, said in {**verdict.rules, "model": verdict.said}.items()}
    assert far["model"] < 0.75 * min(far["pro_rata"], far["shrunk"])
    assert verdict.said.sum() == pytest.approx(truth.sum(), rel=0.15)
    assert abs(candidate.manifest["metrics"]["bias"]) < abs(candidate.manifest["baselines"]["pro_rata"]["bias"])


def test_the_currency_does_not_matter(candidate: ValueCandidate) -> None:
    dear = value_company(1_500, 1, factor=100.0)
    again = train_value(dear.observed, dear.orders, HORIZONS)
    assert again.manifest["rounds"] == pytest.approx(candidate.manifest["rounds"], abs=30)
    assert again.manifest["metrics"]["gini"] == pytest.approx(candidate.manifest["metrics"]["gini"], abs=0.02)
    assert again.verdict.said.sum() == pytest.approx(100 * candidate.verdict.said.sum(), rel=0.05)


def test_where_nothing_tells_a_rule_is_served() -> None:
    blind = value_company(700, 2, told=False)
    found = train_value(blind.observed, blind.orders, HORIZONS)
    assert found.manifest["served"] in ("pro_rata", "shrunk")
    assert found.files == {}
    assert "is served" in found.manifest["why_served"]


def test_the_same_data_gives_the_same_bundle(candidate: ValueCandidate, spenders: ValueCompany, tmp_path: Path) -> None:
    again = train_value(spenders.observed, spenders.orders, HORIZONS)
    hashes = {store.write(tmp_path, "value", one.manifest, one.files) for one in (candidate, again)}
    assert len(hashes) == 1
    model = ValueModel.from_bundle(store.read(tmp_path, hashes.pop()))
    people = spenders.observed.features_at(AS_OF)
    expected = model.expected(people)
    assert (expected > 0).all()
    assert [model.expected(people.slice(row, 1))[0] for row in range(0, 1_500, 50)] == expected[::50].tolist()


def test_what_comes_after_the_judged_cutoff_teaches_nothing(candidate: ValueCandidate, spenders: ValueCompany) -> None:
    judged = micros_of(candidate.plan.judged)
    later = spenders.orders.at >= judged
    doubled = replace(spenders.orders, amount=np.where(later, 10 * spenders.orders.amount, spenders.orders.amount))
    again = train_value(spenders.observed, doubled, HORIZONS)
    assert again.verdict.said.tobytes() == candidate.verdict.said.tobytes()
    assert again.verdict.truth.sum() == pytest.approx(10 * candidate.verdict.truth.sum())


def test_a_short_history_follows_orders_for_less(spenders: ValueCompany) -> None:
    """273 days ahead out of 227 before: no outcome of that length is complete, so a shorter one is carried on."""
    found = train_value(spenders.observed, spenders.orders, (273,))
    assert 30 <= found.plan.label_days < 273
    assert any("pro rata" in limit["en"] for limit in found.manifest["limits"])
    order = ranked(found.verdict.truth, found.verdict.said)(np.ones(found.verdict.truth.size))[0]
    assert order > 0.5


def test_no_orders_and_too_few_are_said(spenders: ValueCompany) -> None:
    none = Ordered.of(spenders.lines.slice(0, 0))
    with pytest.raises(NotEnoughHistoryError, match="needs orders with an amount"):
        train_value(spenders.observed, none, HORIZONS)
    few = Ordered.of(spenders.lines.slice(0, 3))
    with pytest.raises(NotEnoughHistoryError, match="who ordered"):
        train_value(spenders.observed, few, HORIZONS)


def test_returns_and_a_giant_order_are_no_crash(spenders: ValueCompany) -> None:
    amount = spenders.orders.amount.copy()
    amount[::3] *= -2
    amount[5] = 10**15
    found = train_value(spenders.observed, replace(spenders.orders, amount=amount), HORIZONS)
    assert np.isfinite(found.verdict.said).all()
    store_ready = [value for value in found.manifest["metrics"].values() if isinstance(value, float)]
    assert np.isfinite(store_ready).all()


Tables = dict[str, pa.Table]


@pytest.mark.slow
def test_nothing_after_the_cutoff_reaches_the_bundle(tables: Tables, observing: Callable[..., Observed]) -> None:
    """Half a year of the simulated company spoiled: orders gone, contacts moved, what was learned late undone."""
    early = datetime.fromisoformat("2026-04-30T16:00:00+00:00")

    def trained(given: Tables) -> ValueCandidate:
        backend = connect()
        try:
            orders = ordered(arrow_tables(backend, given), Window(early))
        finally:
            backend.disconnect()
        return train_value(observing(given, early), orders, HORIZONS)

    def spoiled(name: str, rows: pa.Table) -> pa.Table:
        known = pc.less(rows["known_at"], pa.scalar(early))
        if name != "orders":
            return rows.filter(known)
        late = rows.filter(pc.invert(known))
        dear = pc.multiply(late["amount"], pa.scalar(Decimal("99"))).cast(rows.schema.field("amount").type)
        late = late.set_column(late.schema.get_field_index("amount"), "amount", dear)
        return pa.concat_tables([rows.filter(known), late, late])

    before = trained(tables)
    again = trained({name: spoiled(name, rows) for name, rows in tables.items()})
    assert again.files == before.files
    assert again.manifest == before.manifest
