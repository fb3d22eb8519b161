"""VADER's rules word by word, against NLTK's own loop over its own words."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interactions.cleaning.english import analyzer

WORDS = (
    "good GREAT bad terrible! not never NOT so this very VERY kind of (nice) 'awful' :) but least at isn't love... "
    "hate?! the a yeah right bad ass kiss death cut mustard just enough sort hardly rarely without €good good-"
)
MESSAGES = st.lists(st.sampled_from(WORDS.split()), max_size=25).map(" ".join)


@settings(max_examples=300, deadline=None)
@given(MESSAGES)
def test_the_score_is_that_of_nltk(text: str) -> None:
    assert analyzer().compound(text) == analyzer().polarity_scores(text)["compound"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("good", [("good", 1.9)]),
        ("not good", [("good", 1.9 * -0.74)]),
        ("very good", [("good", 1.9 + 0.293)]),
        ("so very good", [("good", 1.9 + 0.293 + 0.293 * 0.95)]),
        ("a GOOD day", [("GOOD", 1.9 + 0.733)]),
        ("bad but good", [("bad", -2.5 * 0.5), ("good", 1.9 * 1.5)]),
        ("least good", [("good", 1.9 * -0.74)]),
        ("at least good", [("good", 1.9)]),
        ("kind of good", [("good", 1.9)]),
        ("the good' one", [("good", 1.9)]),
        ("the parcel came", []),
    ],
)
def test_what_bears_on_a_word(text: str, expected: list[tuple[str, float]]) -> None:
    found = analyzer().rules.valences(text)
    assert [word for word, _ in found] == [word for word, _ in expected]
    assert [valence for _, valence in found] == pytest.approx([valence for _, valence in expected])
