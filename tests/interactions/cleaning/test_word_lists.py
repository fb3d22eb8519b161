"""The lists beside the code: read by heading, no word under two headings that contradict each other."""

import pytest

from interactions.cleaning.word_lists import sections


@pytest.mark.parametrize("name", ["chinese_words", "chinese_rules", "english_words", "english_phrases", "emoticons"])
def test_lists_hold_words_under_every_heading(name: str) -> None:
    assert all(sections(name).values())


@pytest.mark.parametrize("name", ["chinese_words", "english_words"])
def test_no_word_has_two_strengths(name: str) -> None:
    words = [word for heading, found in sections(name).items() if heading != "acts" for word in found]
    assert len(words) == len(set(words))
