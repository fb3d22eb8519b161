import sqlglot

from features.statistics.counted_once import counted_once

ONCE = 'COUNT(*) FILTER(WHERE "a" AND NOT "customer_id" IS NULL AND "once")'


def read(written: str) -> str | None:
    found = counted_once(sqlglot.parse_one(written, dialect="duckdb"))
    return found and found.sql(dialect="duckdb")


def test_different_customers_are_counted_by_a_condition() -> None:
    different = 'COUNT(DISTINCT "customer_id") FILTER(WHERE "a")'
    assert read(different) == ONCE
    assert read(f"{different} - COUNT(*)") == f"{ONCE} - COUNT(*)"
    assert read(f"COUNT(*) / NULLIF({different}, 0)") == f"COUNT(*) / NULLIF({ONCE}, 0)"


def test_other_counts_stay() -> None:
    assert read('COUNT(DISTINCT "agent_id") FILTER(WHERE "a")') is None
    assert read("COUNT(*)") is None
