"""How a match may begin, against the regular expressions themselves."""

import re

import pytest

from interactions.cleaning.english_phrases import _PATTERNS
from interactions.cleaning.pattern_beginnings import DIGIT, LENGTH, alternatives, beginnings


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("never +again", {"nev"}),
        ("(?:do +|did +)?not +regret", {"do ", "did", "not"}),
        ("f[ea]ll(?:s|ing)? +apart", {"fel", "fal"}),
        ("an? +joke", {"a  ", "a j", "an "}),
        ("over[ +-]?charged", {"ove"}),
        (r"(?:many|\d+) +times", {"man", DIGIT}),
        (r"(?:look|go)\w* +elsewhere", {"loo", "go"}),
        ("oh,? +great", {"oh,", "oh "}),
        ("1/10", {DIGIT}),
    ],
)
def test_beginnings(pattern: str, expected: set[str]) -> None:
    assert beginnings(pattern) == expected


def test_a_pattern_that_may_begin_anyhow_is_refused() -> None:
    for pattern in (r"\w+ing", "(?:so +){0,3}long", "a", "x*y", ".+"):
        with pytest.raises(ValueError, match=r"begin"):
            beginnings(pattern)


def test_alternatives_are_those_outside_brackets() -> None:
    assert alternatives("a(?:b|c(?:d|e))|[|]f|g") == ["a(?:b|c(?:d|e))", "[|]f", "g"]


def test_whatever_a_phrase_list_matches_begins_as_told() -> None:
    """Every short beginning, tried on every expression in full: none matches what its beginnings leave out."""
    words = re.findall(r"[a-z']+|\d+", " ".join(pattern for _, pattern in _PATTERNS))
    texts = sorted({" ".join(words[place : place + length]) for place in range(len(words)) for length in (2, 3, 4)})
    matched = 0
    for _, pattern in _PATTERNS:
        for one in alternatives(pattern):
            begun = beginnings(one)
            for found in filter(None, map(re.compile(one).match, texts)):
                begin = found.group()[:LENGTH]
                matched += 1
                assert DIGIT in begun if begin[0].isdigit() else {begin, begin[:-1]} & begun, (one, begin)
    assert matched > 100
