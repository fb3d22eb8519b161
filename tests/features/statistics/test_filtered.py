"""What all aggregates of a figure filter by is taken in front of them."""

from features.statistics.filtered import filtered


def test_one_condition_is_taken_out() -> None:
    found = filtered(
        {
            "value": 'QUANTILE_CONT("wait_ms", 0.9) FILTER(WHERE "begun" AND "wait_ms" > 0) / 1000',
            "count": 'COUNT(*) FILTER(WHERE "begun" AND "wait_ms" > 0)',
        }
    )
    assert found == {
        "where": '"begun" AND "wait_ms" > 0',
        "value": 'QUANTILE_CONT("wait_ms", 0.9) / 1000',
        "count": "COUNT(*)",
    }


def test_several_conditions_or_none_are_left() -> None:
    count = "COUNT(*) FILTER(WHERE a)"
    assert filtered({"value": "MAX(x) FILTER(WHERE b)", "count": count}) is None
    assert filtered({"value": "MAX(x)", "count": count}) is None
    assert filtered({"value": "MAX(x)", "count": "COUNT(*)"}) is None
