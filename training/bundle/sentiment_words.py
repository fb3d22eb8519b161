"""Which words a sentiment came from: what the lexicon found, and what a learned model's n-grams say, word by word.

An n-gram's part of a score is shared out evenly among its letters wherever they stand, a word's part is that of its
letters, and the lexicon's part goes to what the lexicon felt. All parts but the intercept are shared out: they add up.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from interactions.cleaning.feelings import Feeling, bounded, feelings, read
from interactions.cleaning.masking import masked
from interactions.cleaning.text import CAP
from training.bundle.sentiment import (
    HAN_FROM,
    HAN_LENGTHS,
    LATIN_LENGTHS,
    MASK,
    PIECE,
    WORD,
    SentimentModel,
    in_words,
    plain,
)

Span = tuple[int, int]

# Words of the Chinese lexicon with what strengthens them are shorter: 好吃得不得了.
_LONGEST_PHRASE = 12


def lexicon_words(text: str) -> list[Feeling]:
    """What the lexicons felt in a text, the same words once, the strongest first. No personal data: it is masked."""
    return _strongest(feelings(read(MASK.sub(" ", masked(text)[:CAP]))))


def lexicon_reading(text: str) -> tuple[float | None, list[Feeling]]:
    """The sentiment of interactions.cleaning.text.signals and `lexicon_words`, the text being read once for both."""
    message = read(MASK.sub(" ", masked(text)[:CAP]))
    felt = feelings(message)
    score = bounded(math.fsum(one.strength for one in felt)) if message.speaks else None
    return (None, []) if score is None else (round(score, 4), _strongest(felt))


def learned_words(model: SentimentModel, text: str, parts: Sequence[tuple[str, float]]) -> list[Feeling]:
    """The words of a text with their part of the model's score, in log-odds; with the intercept they add up to it.

    parts: the contributions that the model gives for the text. A word within a phrase that the lexicon felt counts to
    that phrase. The strongest first.
    """
    said = plain(text)
    found: list[Feeling] = []
    felt = feelings(read(MASK.sub(" ", masked(text)[:CAP])))
    total = math.fsum(one.strength for one in felt)
    factor = model.cold / math.sqrt(total * total + 15)
    found += [Feeling(one.words, factor * one.strength) for one in felt]
    phrases = _parts_of(felt)
    shown = (Feeling(phrases.get(one.words, one.words), one.strength) for one in _of_ngrams(model, parts, said))
    return _strongest([*found, *shown])


def located(said: str) -> Iterator[tuple[str, tuple[Span, ...]]]:
    """The n-grams of a plain text as `ngrams` names them, each with the stretches of the text it stands for."""
    spans = list(_words(said))
    for begin, end in spans:
        yield f"w:{said[begin:end]}", ((begin, end),)
    for one, other in pairwise(spans):
        yield f"w:{said[slice(*one)]} {said[slice(*other)]}", (one, other)
    for piece in PIECE.finditer(said):
        latin = piece.group()[0] < HAN_FROM
        signs, first = (f"^{piece.group()}$", piece.start() - 1) if latin else (piece.group(), piece.start())
        for length in LATIN_LENGTHS if latin else HAN_LENGTHS:
            for start in range(len(signs) - length + 1):
                begin, end = max(piece.start(), first + start), min(piece.end(), first + start + length)
                yield f"c:{signs[start : start + length]}", ((begin, end),)


def _words(said: str) -> Iterator[Span]:
    """Where the words stand that n-grams are made of."""
    if any(sign >= HAN_FROM for sign in said):
        import rjieba

        begin = 0
        for word in rjieba.cut(said, False):
            if in_words(word):
                yield begin, begin + len(word)
            begin += len(word)
    else:
        yield from (found.span() for found in WORD.finditer(said))


def _of_ngrams(model: SentimentModel, given: Sequence[tuple[str, float]], said: str) -> list[Feeling]:
    """The words that known n-grams are of; letters of no word, beside digits say, by themselves."""
    parts = {gram: part for gram, part in given if gram in model.weights}
    places: dict[str, list[Span]] = {}
    for gram, spans in located(said):
        if gram in parts:
            places.setdefault(gram, []).extend(spans)
    letters = [0.0] * len(said)
    for gram, stretches in places.items():
        each = parts[gram] / sum(end - begin for begin, end in stretches)
        for begin, end in stretches:
            for place in range(begin, end):
                letters[place] += each
    inside = sorted({*_words(said), *_outside(said)})
    return [Feeling(said[begin:end], math.fsum(letters[begin:end])) for begin, end in inside]


def _outside(said: str) -> Iterator[Span]:
    """Pieces of letters that lie in no word."""
    taken = [False] * len(said)
    for begin, end in _words(said):
        taken[begin:end] = [True] * (end - begin)
    for piece in PIECE.finditer(said):
        begin = piece.start()
        for place in range(piece.start(), piece.end() + 1):
            if place == piece.end() or taken[place]:
                if place > begin:
                    yield begin, place
                begin = place + 1


def _parts_of(felt: Sequence[Feeling]) -> dict[str, str]:
    """The words that lie within what the lexicon felt, with the first phrase that each lies in."""
    found: dict[str, str] = {}
    for one in felt:
        phrase = plain(one.words).strip()
        inside = phrase.split()
        if len(phrase) <= _LONGEST_PHRASE:
            starts = range(len(phrase))
            han = (phrase[start:end] for start in starts for end in range(start + 1, len(phrase) + 1))
            inside += [part for part in han if part[0] >= HAN_FROM]
        for part in inside:
            found.setdefault(part, one.words)
    return found


def _strongest(found: Sequence[Feeling]) -> list[Feeling]:
    together: dict[str, list[float]] = {}
    for one in found:
        together.setdefault(one.words, []).append(one.strength)
    added = [Feeling(words, math.fsum(strengths)) for words, strengths in together.items()]
    return sorted((one for one in added if one.strength), key=lambda one: (-abs(one.strength), one.words))
