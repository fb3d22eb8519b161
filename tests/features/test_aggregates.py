import pandas as pd
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from features.aggregates import count_where, median_where, sum_where
from workspace.engine import arrow_tables, connect

_ROWS = st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from([True, False, None]), st.none() | st.integers(-9, 9)))


@settings(max_examples=30, deadline=None)
@given(_ROWS)
def test_equals_plain_pandas(rows: list[tuple[str, bool | None, int | None]]) -> None:
    columns = [list(column) for column in zip(*rows, strict=True)] or [[], [], []]
    types = (pa.string(), pa.bool_(), pa.int64())
    arrays = [pa.array(column, type_) for column, type_ in zip(columns, types, strict=True)]
    backend = connect()
    table = arrow_tables(backend, {"t": pa.table(arrays, ["who", "meets", "value"])})["t"]
    found = table.group_by("who").aggregate(
        count=count_where(table.meets),
        sum=sum_where(table["value"], table.meets),
        median=median_where(table["value"], table.meets),
    )
    by_name = {row["who"]: row for row in found.to_pyarrow().to_pylist()}
    backend.disconnect()
    for who in {row[0] for row in rows}:
        met = [value for name, meets, value in rows if name == who and meets]
        known = pd.Series([value for value in met if value is not None], dtype=float)
        assert by_name[who]["count"] == len(met)
        assert by_name[who]["sum"] == (known.sum() if len(known) else None)
        assert by_name[who]["median"] == (known.median() if len(known) else None)
