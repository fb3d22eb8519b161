"""VADER's rules (Hutto and Gilbert 2014, as NLTK has them) asked of the words that have a valence, and of no other.

NLTK takes a message apart by comparing each word with all combinations of words and punctuation, and weighs the words
of no feeling, too: nine tenths of the time. Here the same words are found directly, each weighed as NLTK weighs it, in
the same order of operations: the sums are the same to the last bit.
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from typing import Any

_PUNCTUATION = frozenset(string.punctuation)
_STRONGER = ("so", "this")


class Rules:
    """What bears on the valences of `lexicon`, by the word lists and weights of NLTK's VaderConstants."""

    def __init__(self, lexicon: Mapping[str, float], constants: Any) -> None:
        self._lexicon = lexicon
        self._marks = frozenset(constants.PUNC_LIST)
        self._boosters: Mapping[str, float] = constants.BOOSTER_DICT
        self._negations: frozenset[str] = frozenset(constants.NEGATE)
        self._idioms: Mapping[str, float] = constants.SPECIAL_CASE_IDIOMS
        self._begin_idioms = frozenset(idiom.split()[0] for idiom in self._idioms)
        self._begin_boosters = frozenset(words.split()[0] for words in self._boosters if " " in words)
        begun = self._begin_idioms | self._begin_boosters
        self._bearing = self._boosters.keys() | self._negations | begun | {*_STRONGER, "never", "least"}
        self._capitals: float = constants.C_INCR
        self._denied: float = constants.N_SCALAR
        self._dampened: float = constants.B_DECR

    def alone(self, word: str) -> list[tuple[str, float]]:
        """`valences` of a text of one word, letters only; none where it is 0."""
        lower = word.lower()
        valence = self._lexicon.get(lower) if len(word) > 1 and lower not in self._boosters else None
        return [(word, valence)] if valence else []

    def valences(self, text: str) -> list[tuple[str, float]]:
        """The words of the lexicon in a text, each with its valence as it stands there, in order."""
        tokens = [token if token.isalnum() else self._bare(token) for token in text.split() if len(token) > 1]
        lower = [token.lower() for token in tokens]
        places = [place for place, word in enumerate(lower) if word in self._lexicon]
        if not places:
            return []
        found: list[tuple[str, float]] = []
        varied = not all(map(str.isupper, tokens))  # else capitals say nothing
        contracted = "'" in text
        first: dict[str, int] = {}
        turn = lower.index("but") if "but" in lower else -1
        for place in places:
            token = tokens[place]
            # NLTK reads a word that comes again by what stands before it the first time.
            begun = first.setdefault(token, place)
            word = lower[place]
            if word in self._boosters or (word == "kind" and lower[begun + 1 : begun + 2] == ["of"]):
                continue
            valence = self._lexicon[word]
            if varied and token.isupper():
                valence += self._capitals if valence > 0 else -self._capitals
            if contracted or not self._bearing.isdisjoint(lower[max(begun - 3, 0) : begun + 1]):
                valence = self._borne(tokens, lower, begun, varied, valence)
            if turn >= 0 and place != turn:
                valence *= 0.5 if place < turn else 1.5
            found.append((token, valence))
        return found

    def _bare(self, token: str) -> str:
        """The token without the punctuation at either end, where a word of two letters without any is left."""
        if token[-1] in self._marks and token[:-1].isalnum():
            return token[:-1] if len(token) > 2 else token
        bare = token.rstrip(string.punctuation)
        mark = token[len(bare) :]
        if not mark:
            bare = token.lstrip(string.punctuation)
            mark = token[: len(token) - len(bare)]
        return bare if mark in self._marks and len(bare) > 1 and _PUNCTUATION.isdisjoint(bare) else token

    def _borne(self, tokens: Sequence[str], lower: Sequence[str], place: int, varied: bool, valence: float) -> float:
        """The valence of the word at `place` once the three words before it have borne on it."""
        for back in range(min(place, 3)):
            near = lower[place - back - 1]
            if near in self._lexicon:
                continue
            if near in self._boosters:
                boost = self._boost(near, varied and tokens[place - back - 1].isupper(), valence)
                valence += boost * (1.0, 0.95, 0.9)[back]
            valence = self._negated(tokens, near, place, back, valence)
            if back == 2:
                valence = self._idiom(tokens, place, valence)
        least = place and lower[place - 1] == "least" and "least" not in self._lexicon
        if least and (place == 1 or lower[place - 2] not in ("at", "very")):
            valence *= self._denied
        return valence

    def _boost(self, near: str, loud: bool, valence: float) -> float:
        boost = self._boosters[near] * (-1 if valence < 0 else 1)
        if loud:
            boost += self._capitals if valence > 0 else -self._capitals
        return boost

    def _negated(self, tokens: Sequence[str], near: str, place: int, back: int, valence: float) -> float:
        """The valence as the word `near`, so many before the one before it, turns or (never so ...) strengthens it."""
        if back == 1 and tokens[place - 2] == "never" and tokens[place - 1] in _STRONGER:
            return valence * 1.5
        if back == 2 and (
            tokens[place - 1] in _STRONGER or (tokens[place - 3] == "never" and tokens[place - 2] in _STRONGER)
        ):
            return valence * 1.25
        return valence * self._denied if near in self._negations or "n't" in near else valence

    def _idiom(self, tokens: Sequence[str], place: int, valence: float) -> float:
        """The valence of an idiom that the word is part of or that stands before it; else the word's own."""
        near = tokens[place - 3 : place + 1]
        if not self._begin_idioms.isdisjoint(near):
            third, second, one, here = near
            before = (f"{one} {here}", f"{second} {one} {here}", f"{second} {one}", f"{third} {second} {one}")
            for words in (*before, f"{third} {second}"):
                if words in self._idioms:
                    valence = self._idioms[words]
                    break
            for end in (place + 2, place + 3):
                if end <= len(tokens):
                    valence = self._idioms.get(" ".join(tokens[place:end]), valence)
        if not self._begin_boosters.isdisjoint(near):
            third, second, one, _ = near
            if f"{third} {second}" in self._boosters or f"{second} {one}" in self._boosters:
                valence += self._dampened
        return valence
