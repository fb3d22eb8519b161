"""The expected grade: chances that add up, and samples that take people whole."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from ibis.backends.duckdb import Backend

from features.windows import Window
from training.expected_grade import chances, expected_grade, sample
from training.observed import observe
from workspace.engine import arrow_tables, connect

WINDOW = Window(datetime(2026, 6, 30, 16, tzinfo=UTC))


@pytest.fixture
def backend() -> Iterator[Backend]:
    backend = connect()
    yield backend
    backend.disconnect()


@pytest.mark.parametrize("gain", [-0.1, 0.0, 0.05, 0.12, 0.3])
@pytest.mark.parametrize("deviation", [0.0, 0.01, 0.05, 0.2])
def test_chances_add_up(gain: float, deviation: float) -> None:
    found = chances(gain, deviation)
    assert sum(found.values()) == pytest.approx(1)
    assert min(found.values()) >= 0


def test_a_clear_gain_is_likely_an_a_and_an_unclear_one_a_c() -> None:
    assert chances(0.3, 0.02)["A"] > 0.99
    assert chances(0.06, 0.01)["B"] > 0.99
    assert chances(0.1, 0.1)["C"] > 0.5
    assert chances(-0.3, 0.05)["D"] > 0.99


def test_a_sample_takes_people_whole_and_the_same_ones_again(tables: dict[str, pa.Table], backend: Backend) -> None:
    people = pc.unique(tables["orders"]["customer_id"].combine_chunks())
    given = arrow_tables(backend, tables)
    once = {name: rows.to_pyarrow() for name, rows in sample(backend, given, WINDOW, people, 0.3).items()}
    again = {name: rows.to_pyarrow() for name, rows in sample(backend, given, WINDOW, people, 0.3).items()}
    chosen = pc.unique(once["orders"]["customer_id"].combine_chunks())
    assert len(chosen) == round(len(people) * 0.3)
    for name in ("orders", "interactions"):
        wanted = pc.sum(pc.is_in(tables[name]["customer_id"], value_set=chosen)).as_py()
        assert once[name].num_rows == again[name].num_rows == wanted


@pytest.mark.slow
def test_many_customers_are_estimated_from_some(tables: dict[str, pa.Table], backend: Backend) -> None:
    given = arrow_tables(backend, tables)
    observed = observe(given, WINDOW)
    every = expected_grade(observed, 400, given, WINDOW, backend, (90,), most=10_000)
    some = expected_grade(observed, every.fitted_on, given, WINDOW, backend, (90,), most=every.fitted_on // 2)
    assert 0.35 < some.fitted_on / every.fitted_on < 0.65
    assert some.customers == every.fitted_on
    assert some.interval[0] <= some.gain <= some.interval[1]
