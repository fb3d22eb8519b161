"""How a message feels, whatever languages it mixes: the strengths of its words, phrases and faces added up.

Chinese and English valences and those of emoji are of one scale; their sum s becomes s / sqrt(s * s + 15), VADER's way
to [-1, 1]. No model and no fit: the same text always feels the same. `read` takes a message apart once, for all who
look at it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from interactions.cleaning.emoticons import faces
from interactions.cleaning.languages import Span, spans
from interactions.cleaning.traditional import simplified

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_LATIN_SIGNS = frozenset(filter(_LATIN.match, map(chr, range(0x250))))
_WITHIN_ENGLISH = re.compile(r"[\s'’\-0-9]+")
_TURNS = ("but", "however", "though", "yet")


class Feeling(NamedTuple):
    """What of a message bears on its sentiment, and by how much before the sum is brought into [-1, 1]."""

    words: str
    strength: float


class Message(NamedTuple):
    """A message taken apart.

    `raw`: as given; `text`: without faces and stretches in other languages, blanks in their place, and simplified;
    `spans`: its languages; `words`: those of a Chinese segmentation, marks and Latin words included, where any of it is
    Chinese, else none; `faces`: emoji and the like.
    """

    raw: str
    text: str
    spans: Sequence[Span]
    words: Sequence[str]
    faces: Sequence[Feeling]

    @property
    def speaks(self) -> bool:
        """Whether a lexicon of ours has a say: there is Chinese, English or a face in it."""
        return bool(self.faces) or any(span.language != "other" for span in self.spans)


def read(text: str) -> Message:
    """Take a message apart."""
    found = faces(text)
    plain = _without(text, [(begin, end) for begin, end, _ in found]) if found else text
    parts = spans(plain)
    foreign = [(part.begin, part.end) for part in parts if part.language == "other"]
    if foreign:
        plain = _without(plain, foreign)
    words: list[str] = []
    if not plain.isascii() and _HAN.search(plain) is not None:
        import rjieba

        plain = simplified(plain)
        words = list(rjieba.cut(plain, False))
    shown = [Feeling(text[begin:end], strength) for begin, end, strength in found]
    return Message(text, plain, parts, words, shown)


def sentiment(message: Message) -> float | None:
    """Feeling of a message from -1 to 1; None where it holds nothing that a lexicon speaks."""
    return bounded(math.fsum(_strengths(message))) if message.speaks else None


def bounded(strength: float) -> float:
    """A sum of strengths brought into [-1, 1]."""
    return strength / math.sqrt(strength * strength + 15)


def feelings(message: Message) -> list[Feeling]:
    """What bears on a message's sentiment, in the order of the text, faces last; their strengths make up its sum."""
    if message.words:
        found = _in_mixed(message)
    elif _LATIN.search(message.text) is not None:
        found = _in_english(message.text)
    else:
        found = []
    return [*found, *(face for face in message.faces if face.strength)]


def _strengths(message: Message) -> list[float]:
    """The strengths of `feelings`, and zeros, without the words that they are of."""
    if message.words:
        from interactions.cleaning.chinese import chinese_hits

        found = [strength for _, _, strength in chinese_hits(_tokens(message)[0])]
    elif _LATIN.search(message.text) is not None:
        from interactions.cleaning.english import english_hits

        found = [strength for _, strength in english_hits(message.text)]
    else:
        found = []
    return [*found, *(face.strength for face in message.faces)] if message.faces else found


def _without(text: str, places: Sequence[tuple[int, int]]) -> str:
    parts: list[str] = []
    done = 0
    for begin, end in places:
        parts += [text[done:begin], " " * (end - begin)]
        done = end
    return "".join([*parts, text[done:]])


def _in_english(text: str) -> list[Feeling]:
    from interactions.cleaning.english import english_hits

    return [Feeling(words, strength) for words, strength in english_hits(text)]


def _in_mixed(message: Message) -> list[Feeling]:
    from interactions.cleaning.chinese import chinese_hits

    tokens, shown = _tokens(message)
    return [
        Feeling("".join(shown[first:last]).strip(), strength)
        for first, last, strength in chinese_hits(tokens)
        if strength
    ]


def _tokens(message: Message) -> tuple[Sequence[str | float], Sequence[str]]:
    """What the Chinese lexicon reads of a message that holds Chinese, and how each was written."""
    words = message.words
    if _LATIN.search(message.text) is None:
        return words, words
    tokens: list[str | float] = []
    shown: list[str] = []
    english: list[str] = []
    for word in words:
        if word[0] in _LATIN_SIGNS or (english and _WITHIN_ENGLISH.fullmatch(word)):
            english.append(word)
            continue
        if english:
            _add_english("".join(english), tokens, shown)
            english = []
        tokens.append(word)
        shown.append(word)
    if english:
        _add_english("".join(english), tokens, shown)
    return tokens, shown


def _add_english(text: str, tokens: list[str | float], shown: list[str]) -> None:
    """Add an English stretch as its strength."""
    for token, said in _english_valued(text):
        tokens.append(token)
        shown.append(said)


def _english_valued(text: str) -> Iterator[tuple[str | float, str]]:
    from interactions.cleaning.english import english_strength

    first, _, rest = text.partition(" ")
    if first.lower() in _TURNS:
        yield "but", first
        text = rest
    strength = english_strength(text)
    if strength:
        yield strength, text
    else:
        # Without a feeling of its own it may bear on the Chinese behind it: very 好吃.
        yield from ((word.lower(), word) for word in text.split())
