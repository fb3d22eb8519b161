"""Phrases: found whole, whatever the case and the contraction, and in time on hostile text."""

import time

import pytest

from interactions.cleaning.english_phrases import VALENCES, with_phrases


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("The refund never came", ["never came"]),
        ("I DIDN'T RECEIVE it", ["not RECEIVE"]),
        ("it wasn’t delivered", ["not delivered"]),
        ("I cannot recommend this", ["not recommend"]),
        ("no problem at all", ["no problem"]),
        ("customer service", []),
        ("notify the comedian", []),
        ("\x011", []),
    ],
)
def test_phrases_found(text: str, said: list[str]) -> None:
    assert with_phrases(text)[1] == said


def test_each_phrase_becomes_one_word_with_a_valence() -> None:
    text, said = with_phrases("my issue was not resolved and nobody called back")
    assert sum(word in VALENCES for word in text.split()) == len(said) == 2
    assert all(-4 <= valence <= 4 for valence in VALENCES.values())


@pytest.mark.parametrize("piece", ["issue not ", "not a a ", "no no ", "keeps ", "aaaa ", "in 1 "])
def test_hostile_texts_take_no_longer_than_their_length(piece: str) -> None:
    begun = time.process_time()
    with_phrases(piece * (5_000 // len(piece)))
    assert time.process_time() - begun < 0.5
