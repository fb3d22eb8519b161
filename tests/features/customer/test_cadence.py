from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from features.customer.cadence import cadence
from features.history import HISTORY_TABLES, known
from features.windows import Window
from workspace.engine import arrow_tables
from workspace.tables import TABLES, TIMESTAMP


def test_equals_plain_pandas(past: SimpleNamespace, made: Callable, same: Callable) -> None:
    def rhythm(at: pd.Series) -> pd.Series:
        inside = at[at >= past.start]
        gaps = (inside.diff().dropna() / pd.Timedelta(days=1)).to_numpy()
        half = len(gaps) // 2
        recency = (past.cutoff - at.max()) / pd.Timedelta(days=1)
        return pd.Series(
            {
                "active_days_count": inside.dt.floor("D").nunique(),
                "gap_days_median": np.median(gaps) if len(gaps) else None,
                "gap_days_cv": gaps.std(ddof=1) / gaps.mean() if len(gaps) > 1 and gaps.any() else None,
                "overdue_ratio": recency / np.median(gaps) if len(gaps) and np.median(gaps) else None,
                "slowing_ratio": gaps[len(gaps) - half :].mean() / gaps[:half].mean()
                if half and gaps[:half].any()
                else None,
            },
            dtype=float,
        )

    expected = past.events.groupby("customer_id")["at"].apply(rhythm).unstack()
    expected = expected[expected.active_days_count > 0]
    found = made(cadence)
    assert set(found.index) == set(expected.index)
    same(found, expected)


@pytest.mark.parametrize(
    ("days_ago", "expected"),
    [
        pytest.param([9], (1, None, None, None, None), id="one event"),
        pytest.param([9, 5], (2, 4.0, None, 1.25, None), id="one gap"),
        pytest.param([29, 22, 15, 8], (4, 7.0, 0.0, 8 / 7, 1.0), id="every week"),
        pytest.param([20, 18, 14, 6], (4, 4.0, np.std([2, 4, 8], ddof=1) / (14 / 3), 1.5, 4.0), id="slowing down"),
        pytest.param([6, 6, 6], (1, 0.0, None, None, None), id="all at one moment"),
        pytest.param([500, 400, 3], (1, None, None, None, None), id="the rest before the window"),
        pytest.param([100, 90], (2, 10.0, None, 9.0, None), id="the window's first moment counts"),
    ],
)
def test_golden(backend: Any, days_ago: list[int], expected: tuple[float | None, ...]) -> None:
    cutoff = datetime(2026, 5, 1, tzinfo=UTC)
    window = Window(cutoff, observation_days=100)
    found = _cadence_of(backend, [cutoff - timedelta(days=days) for days in days_ago], window)[1:]
    assert [figure is None for figure in found] == [figure is None for figure in expected]
    known_figures = [figure for figure in found if figure is not None]
    assert known_figures == pytest.approx([figure for figure in expected if figure is not None], rel=1e-12)


def _cadence_of(backend: Any, moments: list[datetime], window: Window) -> tuple:
    tables = {name: TABLES[name].schema.empty_table() for name in HISTORY_TABLES}
    at = pa.array(moments, TIMESTAMP)
    columns = {
        "interaction_id": pa.array([str(number) for number in range(len(moments))]),
        "customer_id": pa.array(["someone"] * len(moments)),
        "occurred_at": at,
        "known_at": at,
    }
    schema = TABLES["interactions"].schema
    tables["interactions"] = pa.Table.from_arrays(
        [columns.get(field.name, pa.nulls(len(moments), field.type)) for field in schema], schema=schema
    )
    (row,) = cadence(known(arrow_tables(backend, tables), window), window).to_pyarrow().to_pylist()
    return tuple(row.values())
