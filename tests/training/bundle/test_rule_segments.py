from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from training.bundle.rule_segments import RFM_SEGMENTS, condition, filtered, rfm_cells, rfm_edges, rfm_segment
from workspace.errors import SettingsError
from workspace.tables import CUSTOMER_FEATURES


def table(**columns: list[Any]) -> pa.Table:
    rows = len(next(iter(columns.values())))
    nothing: dict[str, list[Any]] = {name: [None] * rows for name in CUSTOMER_FEATURES.schema.names}
    return pa.table({**nothing, **columns}, schema=CUSTOMER_FEATURES.schema)


def test_cells_are_quintiles() -> None:
    days = [float(day) for day in range(1, 101)]
    crowd = table(recency_days=days, frequency=list(range(100, 0, -1)), order_amount=[None] * 100)
    cells = rfm_cells(crowd, rfm_edges(crowd))
    # The latest are the most frequent; without amounts frequency stands for both.
    assert cells[0] == 555
    assert cells[-1] == 111
    assert np.bincount(cells // 100).tolist() == [0, 20, 20, 20, 20, 20]


def test_amounts_make_the_third_digit(features: pa.Table) -> None:
    cells = rfm_cells(features, rfm_edges(features))
    there = np.array(features["frequency"]) > 0
    amounts = np.array(features["order_amount"].cast(pa.float64()))[there]
    fifth = np.quantile(amounts, 0.8)
    assert ((cells[there] % 10 == 5) == (amounts > fifth)).all()
    assert (cells[~there] == 0).all()


def test_every_cell_has_one_segment_and_nobody_dormant_has(features: pa.Table) -> None:
    every = np.array([100 * r + 10 * f + m for r in range(1, 6) for f in range(1, 6) for m in range(1, 6)])
    found = rfm_segment(every)
    assert set(found) == set(RFM_SEGMENTS)
    assert (np.sum(list(found.values()), axis=0) == 1).all()
    assert found["rfm_champions"][every == 555].all()
    assert found["rfm_lost"][every == 111].all()
    assert found["rfm_cannot_lose"][every == 155].all()
    assert not any(inside.any() for inside in rfm_segment(np.zeros(3, dtype=np.int64)).values())


def test_nobody_in_the_window_has_no_quintiles() -> None:
    nobody = table(recency_days=[400.0], frequency=[0])
    assert rfm_edges(nobody) == {}
    assert rfm_cells(nobody, {}).tolist() == [0]


def test_filters_hold_all_their_conditions_and_never_the_unknown() -> None:
    some = table(frequency=[1, 5, 9], phone_share=[0.9, None, 0.2], lifecycle=["new", "returning", None])
    assert filtered(some, ["frequency >= 5"]).tolist() == [False, True, True]
    assert filtered(some, ["frequency>=1", "phone_share != 0.2"]).tolist() == [True, False, False]
    assert filtered(some, ["lifecycle = new"]).tolist() == [True, False, False]
    assert filtered(some, ["lifecycle != new"]).tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("frequency", "expected FEATURE OP VALUE"),
        ("__import__('os').system('x') > 1", "expected FEATURE OP VALUE"),
        ("wealth > 5", 'no feature "wealth"'),
        ("frequency > many", "is a number"),
        ("frequency > nan", "is a number"),
        ("lifecycle > new", "is a word"),
        ("customer_id = C1", "no feature"),
    ],
)
def test_what_is_no_condition_is_refused(written: str, complaint: str) -> None:
    with pytest.raises(SettingsError, match=complaint):
        condition(written)
