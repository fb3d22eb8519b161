"""Columns matched by name, in both languages."""

import pytest

from interactions.sources.mapping import targets
from interactions.sources.names import REQUIRED, SYNONYMS, match
from workspace.errors import MappingError


def matched(columns: list[str], table: str) -> dict[str, str]:
    return {target: rule.wanted[0][0] for target, rule in match(columns, table, "f").columns.items()}


def test_chinese_names() -> None:
    found = matched(["客户ID", "沟通时间", "沟通类型", "沟通内容", "响应时间", "满意度", "不认识"], "interactions")
    assert found == {
        "customer_id": "客户ID",
        "occurred_at": "沟通时间",
        "channel": "沟通类型",
        "content": "沟通内容",
        "responded_at": "响应时间",
        "satisfaction": "满意度",
    }


def test_english_names_in_any_dress() -> None:
    found = matched(["Customer ID", "ORDER_DATE", "Total Amount", "Qty"], "orders")
    assert found == {
        "customer_id": "Customer ID",
        "ordered_at": "ORDER_DATE",
        "amount": "Total Amount",
        "quantity": "Qty",
    }
    assert matched(["ｃｕｓｔｏｍｅｒ＿ｉｄ"], "customers") == {"customer_id": "ｃｕｓｔｏｍｅｒ＿ｉｄ"}


def test_units_in_names() -> None:
    mapping = match(["time", "通话时长(分钟)", "wait_seconds"], "interactions", "f")
    assert mapping.columns["duration_ms"].unit == "min"
    assert mapping.columns["wait_ms"].unit == "s"
    assert match(["time", "duration_ms"], "interactions", "f").columns["duration_ms"].unit == "ms"


def test_our_own_names_win_and_each_column_is_used_once() -> None:
    found = matched(["id", "interaction_id", "occurred_at", "time"], "interactions")
    assert found == {"interaction_id": "interaction_id", "occurred_at": "occurred_at"}


def test_says_what_it_looked_for() -> None:
    with pytest.raises(MappingError, match=r"No column of f is recognised as orders.customer_id .* It has: a, b"):
        match(["a", "b"], "orders", "f")


def test_synonyms_are_for_columns_that_exist() -> None:
    for table, columns in SYNONYMS.items():
        assert set(columns) <= set(targets(table))
        assert set(REQUIRED[table]) <= set(columns)
