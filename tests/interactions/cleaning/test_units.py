"""Numbers, durations and money against plain Python."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interactions.cleaning import units


@pytest.mark.parametrize(
    ("text", "unit", "milliseconds"),
    [
        ("90", "s", 90_000),
        ("1.5", "min", 90_000),
        ("0.25", "h", 900_000),
        ("90000", "ms", 90_000),
        ("1:30", "s", 90_000),
        ("0:01:30", "s", 90_000),
        ("01:30.5", "s", 90_500),
        ("26:00:00", "hh:mm:ss", 93_600_000),
        ("5 min", "s", 300_000),
        ("5分钟", "s", 300_000),
        ("90秒", "min", 90_000),
        ("1小时3分20秒", "s", 3_800_000),
        ("3m 20s", "s", 200_000),
        ("９０", "s", 90_000),
        ("1,200", "s", 1_200_000),
        ("-5", "s", -5_000),
        ("0", "s", 0),
    ],
)
def test_durations(evaluate: Any, text: str, unit: str, milliseconds: int) -> None:
    (found,) = evaluate(lambda column: units.duration_ms(column, "wait", unit), [text])
    assert (found["value"], found["refused"]) == (milliseconds, [])


@pytest.mark.parametrize("text", ["soon", "5 weeks", "1:2:3:4", "s", "--", "1,2", "0x1F", "1_000", "nan", "inf"])
def test_what_is_no_duration(evaluate: Any, text: str) -> None:
    (found,) = evaluate(lambda column: units.duration_ms(column, "wait", "s"), [text])
    assert (found["value"], found["refused"]) == (None, ["wait not a number"])


def test_conversions_are_counted(evaluate: Any) -> None:
    texts = ["5", "5 min", "1:30", "90s", None]
    in_seconds = evaluate(lambda column: units.duration_ms(column, "wait", "s"), texts)
    assert [row["repaired"] for row in in_seconds] == [
        [],
        ["wait: minutes to ms", "wait: own unit"],
        ["wait: clock to ms"],
        [],
        [],
    ]
    in_minutes = evaluate(lambda column: units.duration_ms(column, "wait", "min"), texts)
    assert [row["repaired"] for row in in_minutes] == [
        ["wait: minutes to ms"],
        ["wait: minutes to ms"],
        ["wait: clock to ms"],
        ["wait: own unit"],
        [],
    ]


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.decimals(-(10**9), 10**9, places=3), min_size=1, max_size=30), st.sampled_from(["ms", "s", "min", "h"])
)
def test_durations_are_exact(evaluate: Any, numbers: list[Decimal], unit: str) -> None:
    factor = {"ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000}[unit]
    found = evaluate(lambda column: units.duration_ms(column, "d", unit), [f"{number:f}" for number in numbers])
    expected = [int((number * factor).quantize(Decimal(1), ROUND_HALF_UP)) for number in numbers]
    assert [row["value"] for row in found] == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234.50", "1234.5"),
        ("¥12.00", "12"),
        ("12元", "12"),
        ("(5.25)", "-5.25"),
        ("１２．５", "12.5"),
        ("1e3", "1000"),
        (".5", "0.5"),
        ("0.00005", "0.0001"),
        ("99999999999999.9999", "99999999999999.9999"),
    ],
)
def test_money(evaluate: Any, text: str, value: str) -> None:
    (found,) = evaluate(lambda column: units.money(column, "amount"), [text])
    assert (found["value"], found["refused"]) == (Decimal(value), [])


def test_money_that_can_t_be_read(evaluate: Any) -> None:
    found = evaluate(lambda column: units.money(column, "amount"), ["12,50", "free", "1e20", None])
    assert [row["refused"] for row in found] == [
        ["amount not a number"],
        ["amount not a number"],
        ["amount out of range"],
        [],
    ]
    found = evaluate(lambda column: units.money(column, "amount", ","), ["1.234,50", "12,5"])
    assert [row["value"] for row in found] == [Decimal("1234.5"), Decimal("12.5")]


def test_currencies(evaluate: Any) -> None:
    def priced(column: Any) -> Any:
        return units.converted(
            units.money(column, "amount"), units.currency_code(currency(column)), "CNY", {"USD": 7.1}
        )

    def currency(column: Any) -> Any:
        return column.cases(("1", "USD"), ("2", "人民币"), ("3", "EUR"), ("4", "$"), else_=None)

    found = evaluate(priced, ["1", "2", "3", "4", "5"])
    assert [row["value"] for row in found] == [Decimal("7.1"), Decimal(2), None, Decimal("28.4"), Decimal(5)]
    assert [row["repaired"] for row in found] == [[], [], ["amount without rate"], [], []]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(-1000, 1000), st.decimals(0, 10**6, places=2)), min_size=1, max_size=20))
def test_products_are_exact(evaluate: Any, lines: list[tuple[int, Decimal]]) -> None:
    def amount(column: Any) -> Any:
        factors = [units.money(column.split("|")[place], "amount") for place in (0, 1)]
        return units.product(factors, "amount")

    found = evaluate(amount, [f"{quantity}|{price}" for quantity, price in lines])
    assert [row["value"] for row in found] == [quantity * price for quantity, price in lines]


def test_whole_numbers(evaluate: Any) -> None:
    found = evaluate(lambda column: units.whole_number(column, "n"), ["4", "4.0", "4.5", "x", "1e30", "-3", None])
    assert [row["value"] for row in found] == [4, 4, None, None, None, -3, None]
    assert [row["refused"] for row in found] == [
        [],
        [],
        ["n not a whole number"],
        ["n not a number"],
        ["n out of range"],
        [],
        [],
    ]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.text(max_size=12), min_size=1, max_size=20))
def test_any_text_is_a_number_or_refused(evaluate: Any, texts: list[str]) -> None:
    for make in (units.whole_number, units.money, lambda column, name: units.duration_ms(column, name, "s")):
        for row in evaluate(lambda column, make=make: make(column, "n"), texts):
            assert (row["value"] is None) == (len(row["refused"]) == 1)
