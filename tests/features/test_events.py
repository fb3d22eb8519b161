from types import SimpleNamespace

import pyarrow as pa
import pytest

from features.events import events
from features.history import known
from features.windows import Window
from workspace.engine import arrow_tables, connect


@pytest.mark.parametrize("event", ["interactions", "orders"])
def test_equals_plain_pandas(event: str, tables: dict[str, pa.Table], window: Window, past: SimpleNamespace) -> None:
    backend = connect()
    found = events(known(arrow_tables(backend, tables), window), event).to_pyarrow().to_pandas()
    backend.disconnect()
    expected = past.events
    if event == "orders":
        expected = past.orders.groupby("order_id")[["customer_id", "at"]].min()
    order = ["customer_id", "at"]
    found = found.sort_values(order)
    assert found[order].to_numpy().tolist() == expected.sort_values(order)[order].to_numpy().tolist()
    assert ((past.cutoff - found["at"]).astype("int64") == found.age_us).all()
    assert ((found["at"] >= past.start) == found.is_observed).all()
    assert ((found["at"] >= past.recent) == found.is_recent).all()


def test_a_line_without_an_order_is_an_order_of_its_own(tables: dict[str, pa.Table], window: Window) -> None:
    orders = tables["orders"]
    at = orders.schema.get_field_index("order_id")
    nameless = {**tables, "orders": orders.set_column(at, "order_id", pa.nulls(len(orders), pa.string()))}
    backend = connect()
    history = known(arrow_tables(backend, nameless), window)
    lines = history.orders.count().to_pyarrow().as_py()
    assert events(history, "orders").count().to_pyarrow().as_py() == lines > 0
    backend.disconnect()
