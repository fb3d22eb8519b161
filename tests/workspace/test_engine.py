from pathlib import Path

import pyarrow as pa
import pytest

from workspace import engine
from workspace.lake import Lake
from workspace.tables import ORDERS


def test_lake_tables_are_read_and_absent_ones_are_empty(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    row = dict.fromkeys(ORDERS.column_names) | {"order_line_id": "a"}
    lake.append("orders", pa.Table.from_pylist([row], ORDERS.schema))
    tables = engine.lake_tables(engine.connect(), lake, ("orders", "surveys"))
    assert tables["orders"].count().execute() == 1
    assert tables["surveys"].count().execute() == 0
    assert tables["orders"].to_pyarrow().schema.names == ORDERS.schema.names


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "COPY (SELECT 1) TO '/tmp/rapport-escape.csv'",
        "ATTACH '/tmp/rapport-escape.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "SELECT * FROM unregistered_python_variable",
    ],
)
def test_a_locked_down_connection_reads_only_what_is_registered(query: str) -> None:
    import duckdb

    unregistered_python_variable = pa.table({"x": [1]})
    connection = engine.locked_down()
    connection.register("registered", unregistered_python_variable)
    assert connection.execute("SELECT sum(x) FROM registered").fetchone() == (1,)
    with pytest.raises(duckdb.Error):
        connection.execute(query)


def test_times_are_utc_whatever_the_machine_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    query = "SELECT TIMESTAMPTZ '2026-01-01 12:00:00+00'::TIMESTAMP::VARCHAR"
    assert engine.locked_down().execute(query).fetchone() == ("2026-01-01 12:00:00",)
    assert engine.connect().raw_sql(query).fetchone() == ("2026-01-01 12:00:00",)
