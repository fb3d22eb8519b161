import pandas as pd
import pyarrow as pa
import pytest

from features.statistics.base import interactions_base, orders_base
from workspace.engine import arrow_tables, connect
from workspace.tables import TABLES

EXTRA = ["owner", "region", "city", "country", "segment_id"]


@pytest.mark.parametrize(("name", "base"), [("interactions", interactions_base), ("orders", orders_base)])
def test_latest_versions_with_who_the_customer_is(name: str, base, tables: dict[str, pa.Table]) -> None:
    backend = connect()
    found = base(arrow_tables(backend, tables)).to_pyarrow()
    backend.disconnect()
    table = TABLES[name]
    assert found.schema.names == [*table.column_names, *EXTRA]
    (key,) = table.key

    def newest(of: str, by: str) -> pd.DataFrame:
        rows = tables[of].to_pandas().sort_values(["known_at", "collected_at", "source", "source_row"])
        return rows.groupby(by).tail(1)

    people = newest("customers", "customer_id")[["customer_id", *EXTRA[:-1]]]
    expected = newest(name, key).merge(people, on="customer_id", how="left")
    expected = expected.sort_values([table.event_time, key], ignore_index=True)
    frame = found.to_pandas().drop(columns="segment_id")
    pd.testing.assert_frame_equal(frame, expected[frame.columns], check_dtype=False)
    assert found["segment_id"].null_count == found.num_rows
