import numpy as np
import pyarrow as pa
import pytest

from training.bundle.behaviour import CHANNELS, FEATURES, SHARES, behaviour


def customers(shares: list[list[float | None]]) -> pa.Table:
    """Customers of a year and ten events, two of them orders, with these shares of the five named channels."""
    rows = len(shares)
    others = {"recency_days": 5.0, "tenure_days": 365.0, "frequency": 10, "order_count": 2}
    columns = {name: pa.array([others.get(name)] * rows, pa.float64()) for name in FEATURES}
    columns |= {name: pa.array([row[at] for row in shares], pa.float64()) for at, name in enumerate(SHARES)}
    return pa.table(columns)


def test_rates_are_of_thirty_days_between_the_events() -> None:
    found = behaviour(customers([[1.0, 0.0, 0.0, 0.0, 0.0]]), 365)
    assert found["contacts_monthly"] == pytest.approx(30 * 8 / 360)
    assert found["orders_monthly"] == pytest.approx(30 * 2 / 360)
    assert found["contacts"] == pytest.approx(8)


def test_the_channels_of_a_customer_add_up_to_one() -> None:
    found = behaviour(customers([[0.5, 0.25, 0.0, 0.0, 0.0], [0.1, 0.2, 0.3, 0.3, 0.1], [0.0] * 5, [None] * 5]), 365)
    assert sum(found[name] for name in CHANNELS)[:3] == pytest.approx(1)
    assert found["other_share"][0] == 0.25
    # Not 2.8e-17, which would be a coordinate in which customers differ.
    assert found["other_share"][1] == 0.0
    assert found["other_share"][2] == 1.0
    assert np.isnan(found["other_share"][3])


def test_a_batch_gives_the_bits_of_its_rows() -> None:
    shares = np.random.default_rng(1).dirichlet(np.ones(6), 200)[:, :5].tolist()
    batch = behaviour(customers(shares), 365)["other_share"]
    single = [behaviour(customers([row]), 365)["other_share"][0] for row in shares]
    assert batch.tolist() == single
