"""A prepared query reads what is held at the moment, and isn't planned again for it."""

import duckdb
import pyarrow as pa
import pytest

from serving.held_tables import HeldTables
from workspace.engine import locked_down

SCHEMA = pa.schema([("name", pa.string()), ("count", pa.int64())])


@pytest.fixture
def engine() -> tuple[duckdb.DuckDBPyConnection, HeldTables]:
    connection = locked_down()
    held = HeldTables(connection, {"given": SCHEMA})
    connection.execute("PREPARE counted AS SELECT name, sum(count)::BIGINT AS total FROM given GROUP BY 1 ORDER BY 1")
    return connection, held


def asked(connection: duckdb.DuckDBPyConnection) -> list[dict[str, object]]:
    return connection.sql("EXECUTE counted").to_arrow_table().to_pylist()


def test_each_execution_reads_what_is_held_then(engine: tuple[duckdb.DuckDBPyConnection, HeldTables]) -> None:
    connection, held = engine
    assert asked(connection) == []
    for rows in (3, 5_000, 1):
        table = pa.table({"name": ["a", None] * rows, "count": list(range(2 * rows))}, SCHEMA)
        held.hold({"given": table})
        odd, even = sum(range(1, 2 * rows, 2)), sum(range(0, 2 * rows, 2))
        expected = [{"name": "a", "total": even}, {"name": None, "total": odd}]
        assert sorted(asked(connection), key=str) == sorted(expected, key=str)
    held.empty()
    assert asked(connection) == []


def test_pieces_are_read_as_one_table(engine: tuple[duckdb.DuckDBPyConnection, HeldTables]) -> None:
    connection, held = engine
    piece = pa.table({"name": ["a"], "count": [1]}, SCHEMA)
    held.hold({"given": pa.concat_tables([piece] * 7)})
    assert asked(connection) == [{"name": "a", "total": 7}]


def test_a_table_of_another_schema_is_refused(engine: tuple[duckdb.DuckDBPyConnection, HeldTables]) -> None:
    connection, held = engine
    with pytest.raises(ValueError, match="was prepared for"):
        held.hold({"given": pa.table({"name": ["a"], "count": pa.array([1], pa.int32())})})
    assert asked(connection) == []
