import pytest

from features.statistics.additive import Additive


def test_sums_and_counts_become_columns_once() -> None:
    cube = Additive()
    mean = cube.over_cube('SUM("wait") FILTER(WHERE "a") / (NULLIF(COUNT(*) FILTER(WHERE "a"), 0) * 1000)')
    assert mean == 'SUM("sum_0") / (NULLIF(CAST(COALESCE(SUM("sum_1"), 0) AS BIGINT), 0) * 1000)'
    assert cube.over_cube('COUNT(*) FILTER(WHERE "a")') == 'CAST(COALESCE(SUM("sum_1"), 0) AS BIGINT)'
    assert cube.columns == {'SUM("wait") FILTER(WHERE "a")': "sum_0", 'COUNT(*) FILTER(WHERE "a")': "sum_1"}


@pytest.mark.parametrize(
    "text", ['COUNT(DISTINCT "a")', 'QUANTILE_CONT("a", 0.5) FILTER(WHERE "b")', 'COUNT(*) / MAX("a")', 'AVG("a")']
)
def test_what_is_no_sum_stays_with_the_rows(text: str) -> None:
    cube = Additive()
    assert cube.over_cube(text) is None
    assert cube.columns == {}
