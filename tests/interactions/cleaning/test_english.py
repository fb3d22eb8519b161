"""English feeling: VADER with the words and phrases of service messages."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interactions.cleaning.english import analyzer, english_hits, english_strength

WORDS = "good GREAT bad, terrible! not very never so kind of (nice) 'awful' :) but least isn't love... hate?! the a day"
ENGLISH = st.lists(st.sampled_from(WORDS.split()), max_size=25).map(" ".join)


@settings(max_examples=200, deadline=None)
@given(ENGLISH)
def test_our_shorter_way_is_vader(text: str) -> None:
    assert analyzer().compound(text) == analyzer().polarity_scores(text)["compound"]


@pytest.mark.parametrize(
    "text",
    [
        "The refund never came, terrible service!!",
        "Still no refund after 3 weeks",
        "My package never arrived",
        "Where is my order? It has been 10 days",
        "I was charged twice and nobody answers",
        "I expected better",
        "the app keeps crashing",
        "no response to my emails",
        "issue not resolved yet",
        "disappointed!!!!",
        "soooo slooow",
        "It doesn't work.Please fix it",
    ],
)
def test_grievances(text: str) -> None:
    assert english_strength(text) < 0


@pytest.mark.parametrize(
    "text",
    [
        "not bad",
        "I couldn't be happier",
        "no complaints, everything went smoothly",
        "nothing wrong with it",
        "Agent was polite and resolved my issue immediately",
        "exactly as described, arrived on time",
        "very goooood",
        "helpful.Thanks",
    ],
)
def test_praise(text: str) -> None:
    assert english_strength(text) > 0


def test_names_of_services_are_no_feeling() -> None:
    assert english_strength("customer care number of United Airlines") == 0


def test_contributions_add_up_to_the_strength() -> None:
    text = "It NEVER came, but the agent was very kind!"
    hits = english_hits(text)
    assert sum(valence for _, valence in hits) == pytest.approx(english_strength(text))
    assert hits[0][0] == "NEVER came"
    assert hits[0][1] < 0 < hits[1][1]
    assert hits[-1][0] == "!"
