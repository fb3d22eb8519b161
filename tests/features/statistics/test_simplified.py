import pytest
import sqlglot

from features.statistics.simplified import simplified


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('COUNT("a") FILTER(WHERE "a")', 'COUNT(*) FILTER(WHERE "a")'),
        ('COUNT("a" AND "b") FILTER(WHERE "b" AND ("c" AND "a"))', 'COUNT(*) FILTER(WHERE "b" AND "c" AND "a")'),
        ('COUNT("w") FILTER(WHERE "a" AND (NOT "w" IS NULL))', 'COUNT(*) FILTER(WHERE "a" AND NOT "w" IS NULL)'),
        ('COUNT("x" - "y") FILTER(WHERE NOT ("x" - "y") IS NULL)', 'COUNT(*) FILTER(WHERE NOT ("x" - "y") IS NULL)'),
        ('SUM("w") FILTER(WHERE "a" AND "a")', 'SUM("w") FILTER(WHERE "a")'),
        ('SUM("w") FILTER(WHERE "a" OR "b")', 'SUM("w") FILTER(WHERE "a" OR "b")'),
        ('SUM("w") FILTER(WHERE ("a" OR "b") AND "c")', 'SUM("w") FILTER(WHERE ("a" OR "b") AND "c")'),
        # What may be unknown where the condition holds is still counted by itself.
        ('COUNT("a") FILTER(WHERE "b")', 'COUNT("a") FILTER(WHERE "b")'),
        ('COUNT("a" AND "b") FILTER(WHERE "a")', 'COUNT("a" AND "b") FILTER(WHERE "a")'),
        ('COUNT("a") FILTER(WHERE "a" OR "b")', 'COUNT("a") FILTER(WHERE "a" OR "b")'),
        ('COUNT(DISTINCT "a") FILTER(WHERE "a")', 'COUNT(DISTINCT "a") FILTER(WHERE "a")'),
        ('COUNT("a")', 'COUNT("a")'),
    ],
)
def test_the_same_rows_are_counted_in_the_same_words(written: str, read: str) -> None:
    tree = sqlglot.parse_one(written, dialect="duckdb")
    assert simplified(tree).sql(dialect="duckdb") == read
