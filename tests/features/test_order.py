from types import SimpleNamespace

import pyarrow as pa

from features.history import known
from features.order import whole_orders
from features.windows import Window
from workspace.engine import arrow_tables, connect


def test_equals_plain_pandas(tables: dict[str, pa.Table], window: Window, past: SimpleNamespace) -> None:
    backend = connect()
    found = whole_orders(known(arrow_tables(backend, tables), window).orders).to_pyarrow().to_pandas()
    backend.disconnect()
    found = found.set_index("order_key").sort_index()
    lines = past.orders
    orders = lines.groupby("order_id")
    assert len(found) == orders.ngroups > 0
    first, last = orders["at"].min(), orders["at"].max()
    assert (found["at"] == first).all()
    assert (found.age_us == (past.cutoff - first).astype("int64")).all()
    assert (found.last_age_us == (past.cutoff - last).astype("int64")).all()
    for since, column, amount in (
        (past.start, "observed", "amount_observed"),
        (past.recent, "recent", "amount_recent"),
    ):
        inside = lines[lines["at"] >= since]
        assert (found[f"is_{column}"] == (first >= since)).all()
        assert (found[f"any_{column}"] == (last >= since)).all()
        spent = inside.groupby("order_id").amount.agg(lambda sums: sums.sum(min_count=1)).reindex(found.index)
        assert found[amount].dropna().to_dict() == spent.dropna().to_dict()
