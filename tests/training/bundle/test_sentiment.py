"""The learned model: its n-grams, its sums, its bundle."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.bundle.sentiment import FILE, SentimentModel, cold_score, ngrams
from training.bundle.store import Bundle
from workspace.errors import BundleError

MODEL = SentimentModel({"w:good": (2.0, 1.5), "c:很好": (1.0, 3.0), "c:bad": (1.5, -2.0)}, 0.5, -0.25)


def test_ngrams_of_both_languages() -> None:
    grams = ngrams("很好 Good")
    assert {"c:很", "c:好", "c:很好", "w:good", "c:^go", "c:od$", "c:^good"} <= set(grams)
    assert grams == sorted(set(grams))


def test_other_languages_have_ngrams_too() -> None:
    assert {"w:заказ", "w:мой заказ", "c:^мой", "c:зака"} <= set(ngrams("Где мой заказ?"))


def test_personal_data_and_digits_make_no_ngrams() -> None:
    assert ngrams("13812345678") == ngrams("anna@example.com 8812") == []
    assert ngrams("订单88812345 慢") == ngrams("订单77712345 慢")


def test_score_is_its_formula() -> None:
    # good and bad are known: the vector is (2, 1.5), its length 2.5.
    expected = -0.25 + 0.5 * cold_score("good bad") + (2 * 1.5 + 1.5 * -2) / math.hypot(2, 1.5)
    assert MODEL.score("good bad") == pytest.approx(expected)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="很好差 goodba!，12", max_size=40))
def test_contributions_add_up_exactly(text: str) -> None:
    assert math.fsum(part for _, part in MODEL.contributions(text)) == MODEL.score(text)


def test_a_bundle_gives_the_same_bits() -> None:
    again = SentimentModel.from_bundle(Bundle("h", "sentiment", {}, {FILE: MODEL.to_bytes()}))
    assert again.score("很好 good") == MODEL.score("很好 good")
    assert again.to_bytes() == MODEL.to_bytes()


@pytest.mark.parametrize(
    "files", [{}, {FILE: b"{}"}, {FILE: b"x"}, {FILE: b'{"ngrams": [[1]], "cold": 1, "intercept": 0}'}]
)
def test_a_bundle_without_a_model_is_refused(files: dict[str, bytes]) -> None:
    with pytest.raises(BundleError, match="Train again"):
        SentimentModel.from_bundle(Bundle("h", "sentiment", {}, files))
