import ibis
import pyarrow as pa

from features.apart import read_apart
from workspace.engine import arrow_tables, connect


def test_rows_read_apart_are_the_same_and_share_nothing() -> None:
    backend = connect()
    table = arrow_tables(backend, {"numbers": pa.table({"n": range(10), "name": list("abcdefghij")})})["numbers"]
    few = table.filter(table.n > 3).select("n")
    together, apart = few.union(few), few.union(read_apart(few))
    assert sorted(together.to_pyarrow()["n"].to_pylist()) == sorted(apart.to_pyarrow()["n"].to_pylist())
    assert _reads(together) == 1
    assert _reads(apart) == 2
    backend.disconnect()


def test_what_was_read_apart_before_stays_shared() -> None:
    numbers = ibis.table({"n": "int64"}, name="numbers")
    rare = read_apart(numbers.filter(numbers.n == 7)).distinct()
    rest = numbers.anti_join(rare, "n")
    both = rest.union(rare).union(read_apart(rest.union(rare)))
    # Twice the rest, once the rare.
    assert _reads(both) == 3


def _reads(rows: ibis.Table) -> int:
    return str(ibis.to_sql(rows, dialect="duckdb")).count('FROM "numbers"') + str(
        ibis.to_sql(rows, dialect="duckdb")
    ).count('."numbers"')
