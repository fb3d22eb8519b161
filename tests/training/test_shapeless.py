import numpy as np
import pyarrow as pa
import pytest

from training.bundle.behaviour import CHANNELS, behaviour
from training.bundle.rowwise import Floats
from training.shapeless import shapeless


@pytest.fixture(scope="module")
def inputs(features: pa.Table) -> dict[str, Floats]:
    events = features.filter(pa.array(np.array(features["frequency"]) > 1))
    return behaviour(pa.concat_tables([events] * 4), 365)


@pytest.fixture(scope="module")
def crowd(inputs: dict[str, Floats]) -> dict[str, Floats]:
    return shapeless(inputs, np.random.default_rng(3))


def test_it_has_the_customers_distributions(inputs: dict[str, Floats], crowd: dict[str, Floats]) -> None:
    assert set(crowd) == set(inputs)
    for name in ("contacts_monthly", "orders_monthly"):
        wanted, found = (np.nanquantile(table[name], [0.1, 0.5, 0.9]) for table in (inputs, crowd))
        assert found == pytest.approx(wanted, rel=0.15)
    for name in ("order_amount_mean", "income"):
        # Two humps are one here, of the same mean and spread of logs.
        logs = [np.log(table[name][table[name] > 0]) for table in (inputs, crowd)]
        assert logs[1].mean() == pytest.approx(logs[0].mean(), abs=0.1)
        assert logs[1].std() == pytest.approx(logs[0].std(), rel=0.1)
        assert np.isnan(crowd[name]).mean() == pytest.approx(np.isnan(inputs[name]).mean(), abs=0.06)
    for share in CHANNELS:
        assert np.nanmean(crowd[share]) == pytest.approx(np.nanmean(inputs[share]), abs=0.06)
        assert np.nanstd(crowd[share]) == pytest.approx(np.nanstd(inputs[share]), abs=0.07)


def test_shares_are_of_whole_contacts(crowd: dict[str, Floats]) -> None:
    known = crowd["contacts"] > 0
    counts = crowd["phone_share"][known] * crowd["contacts"][known]
    assert counts == pytest.approx(np.round(counts))
    assert sum(crowd[share][known] for share in CHANNELS) == pytest.approx(1)


def test_correlations_stay() -> None:
    random = np.random.default_rng(1)
    rate = np.exp(random.normal(size=4000))
    nothing = dict.fromkeys(CHANNELS, np.full(4000, 1 / 6))
    inputs = {
        "contacts_monthly": rate,
        "orders_monthly": rate * np.exp(0.3 * random.normal(size=4000)),
        "order_amount_mean": np.full(4000, 5.0),
        "income": np.full(4000, np.nan),
        "contacts": np.full(4000, 20.0),
        **nothing,
        "rating_response_share": np.zeros(4000),
        "complaint_share": np.full(4000, np.nan),
    }
    found = shapeless(inputs, random)
    logs = [np.corrcoef(np.log(t["contacts_monthly"]), np.log(t["orders_monthly"]))[0, 1] for t in (inputs, found)]
    assert logs[1] == pytest.approx(logs[0], abs=0.02)
    assert set(found["rating_response_share"]) == {0.0}


def test_one_channel_and_no_contacts_are_no_trouble(inputs: dict[str, Floats]) -> None:
    one = {**inputs, **{share: np.where(np.isnan(inputs[share]), np.nan, 0.0) for share in CHANNELS}}
    one["phone_share"] = np.where(np.isnan(inputs["phone_share"]), np.nan, 1.0)
    found = shapeless(one, np.random.default_rng(4))
    assert set(found["phone_share"][found["contacts"] > 0]) == {1.0}
    none = {**inputs, **{name: np.full(inputs["income"].size, np.nan) for name in CHANNELS}}
    none["contacts"] = none["contacts_monthly"] = np.zeros(inputs["income"].size)
    assert (shapeless(none, np.random.default_rng(4))["contacts"] == 0).all()
