"""What a value bundle says: the two rules by hand, and bundles that can't be opened."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from training.bundle import store
from training.bundle.expected_value import Spending, ValueModel
from training.bundle.matrix import FEATURES
from workspace.errors import BundleError
from workspace.tables import CUSTOMER_FEATURES

SPENDING = Spending(mean_rate=2.0, prior_days=100.0, observation_days=365)
SPENT = np.array([730.0, 50.0, np.nan, -80.0, 0.0])
TENURE = np.array([1_000.0, 2.0, 400.0, 300.0, 50.0])


def test_pro_rata_by_hand() -> None:
    # A year's spend over a year; two days count as thirty; unknown amounts and returns are nothing.
    assert SPENDING.pro_rata(SPENT, TENURE).tolist() == [2.0, 50 / 30, 0.0, 0.0, 0.0]


def test_shrunk_by_hand() -> None:
    assert SPENDING.shrunk(SPENT, TENURE).tolist() == [930 / 465, 250 / 102, 2.0, 0.5, 200 / 150]


def customers() -> pa.Table:
    given = {"order_amount": SPENT, "tenure_days": TENURE}
    arrays = [
        pa.array(given[field.name], from_pandas=True).cast(field.type)
        if field.name in given
        else pa.nulls(5, field.type)
        for field in CUSTOMER_FEATURES.schema
    ]
    return pa.table(arrays, schema=CUSTOMER_FEATURES.schema)


def manifest(served: str) -> dict[str, object]:
    return {
        "features": list(FEATURES),
        "horizon_days": 90,
        "served": served,
        "grade": None,
        "level": 1.5,
        "spending": SPENDING.written(),
    }


def test_a_rule_is_served_level(tmp_path: Path) -> None:
    for rule, rates in (
        ("pro_rata", SPENDING.pro_rata(SPENT, TENURE)),
        ("shrunk", SPENDING.shrunk(SPENT, TENURE)),
    ):
        bundle = store.read(tmp_path, store.write(tmp_path, "value", manifest(rule), {}))
        model = ValueModel.from_bundle(bundle)
        assert model.expected(customers()).tolist() == pytest.approx((135.0 * rates).tolist(), rel=1e-15)
        assert model.expected(customers().slice(0, 0)).shape == (0,)
        assert (model.version, model.served, model.horizon_days) == (bundle.hash, rule, 90)


@pytest.mark.parametrize(
    ("kind", "changes", "files"),
    [
        ("churn", {}, {}),
        ("value", {"served": "model"}, {}),
        ("value", {"spending": {"mean_rate": 1.0}}, {}),
        ("value", {"served": "model"}, {"trees.txt": b"no trees"}),
    ],
)
def test_a_wrong_bundle_is_refused(
    tmp_path: Path, kind: str, changes: dict[str, object], files: dict[str, bytes]
) -> None:
    bundle = store.read(tmp_path, store.write(tmp_path, kind, {**manifest("shrunk"), **changes}, files))
    with pytest.raises(BundleError, match=r"Choose another|Train again"):
        ValueModel.from_bundle(bundle)
