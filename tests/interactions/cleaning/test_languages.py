"""Languages span by span."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactions.cleaning.languages import spans


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("快递 delay 了三天, very bad", [("快递 ", "zh"), ("delay ", "en"), ("了三天, ", "zh"), ("very bad", "en")]),
        ("Где мой заказ", [("Где мой заказ", "other")]),
        ("注文はどこですか", [("注文はどこですか", "other")]),
        ("주문 good", [("주문 ", "other"), ("good", "en")]),
        ("¿Dónde está el pedido número cuatro?", [("Dónde está el pedido número cuatro?", "other")]),
        ("iPhone", [("iPhone", "en")]),
        ("123 !!", []),
        ("", []),
    ],
)
def test_spans(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(text[one.begin : one.end], one.language) for one in spans(text)] == expected


@given(st.text(max_size=100))
def test_spans_follow_each_other_and_hold_every_letter(text: str) -> None:
    found = spans(text)
    assert all(one.end <= other.begin for one, other in itertools.pairwise(found))
    covered = {place for one in found for place in range(one.begin, one.end)}
    assert all(place in covered for place, sign in enumerate(text) if sign.isalpha())
