"""Sentiment learned from rated messages: a linear model over characters and words, beside the lexicon's score.

A message's n-grams are the pieces of one to three characters of its Chinese, of three to five of its other words, and
its words alone and in pairs, each counted once. A score is intercept + cold * (the lexicon's sentiment) + the sum of
its known n-grams' weights / the length of their vector. Sums are exact (math.fsum), so that one message gives the same
bits alone as among others.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from interactions.cleaning.feelings import read, sentiment
from interactions.cleaning.masking import MASKS, masked
from interactions.cleaning.text import CAP
from interactions.cleaning.traditional import simplified
from training.bundle.store import Bundle
from workspace.errors import BundleError

FILE = "ngrams.json"
PIECE = re.compile(r"[\u3400-\u9fff]+|[^\W\d_\u3400-\u9fff]+")
WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?|[!?]")
MASK = re.compile("|".join(map(re.escape, MASKS)))
HAN_FROM = "\u3400"
HAN_LENGTHS, LATIN_LENGTHS = (1, 2, 3), (3, 4, 5)


def plain(text: str) -> str:
    """The text as n-grams see it: masked, its beginning, compatible signs unified, lower case."""
    return simplified(unicodedata.normalize("NFKC", MASK.sub(" ", masked(text)[:CAP])).casefold())


def ngrams(text: str) -> list[str]:
    """The different n-grams of a text: "w:" before words and pairs of words, "c:" before characters. No digits."""
    said = plain(text)
    in_order = words(said)
    found = {f"w:{word}" for word in in_order}
    found.update(f"w:{one} {other}" for one, other in pairwise(in_order))
    for piece in PIECE.findall(said):
        latin = piece[0] < HAN_FROM
        signs = f"^{piece}$" if latin else piece
        for length in LATIN_LENGTHS if latin else HAN_LENGTHS:
            found.update(f"c:{signs[start : start + length]}" for start in range(len(signs) - length + 1))
    return sorted(found)


def cold_score(text: str) -> float:
    """The lexicons' sentiment of a text, 0 where they have no say."""
    return sentiment(read(MASK.sub(" ", masked(text)[:CAP]))) or 0.0


def words(said: str) -> list[str]:
    """The words of a plain text in order, and ! and ?; none with digits."""
    if any(sign >= HAN_FROM for sign in said):
        import rjieba

        cut = rjieba.cut(said, False)
    else:
        cut = WORD.findall(said)
    return [word for word in cut if in_words(word)]


def in_words(word: str) -> bool:
    """Whether a piece of a segmentation counts as a word: no blanks, nothing with digits."""
    return word in "!?" or not (word.isspace() or any(sign.isdigit() for sign in word))


@dataclass(frozen=True)
class SentimentModel:
    """`weights`: of each n-gram, (inverse document frequency, coefficient); scores are log-odds of being content."""

    weights: Mapping[str, tuple[float, float]]
    cold: float
    intercept: float

    @classmethod
    def from_bundle(cls, bundle: Bundle) -> SentimentModel:
        """Raises BundleError where the bundle holds no such model."""
        try:
            held = json.loads(bundle.files[FILE])
            weights = {gram: (float(idf), float(weight)) for gram, idf, weight in held["ngrams"]}
            return cls(weights, float(held["cold"]), float(held["intercept"]))
        except (KeyError, TypeError, ValueError) as error:
            raise BundleError(f"Bundle {bundle.hash} holds no sentiment model. Train again.") from error

    def to_bytes(self) -> bytes:
        """The model as the file of its bundle."""
        grams = [[gram, *pair] for gram, pair in sorted(self.weights.items())]
        held = {"cold": self.cold, "intercept": self.intercept, "ngrams": grams}
        return json.dumps(held, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()

    def score(self, text: str) -> float:
        """Log-odds that the writer of a text is content: above 0 rather yes."""
        return math.fsum(part for _, part in self.contributions(text))

    def contributions(self, text: str) -> list[tuple[str, float]]:
        """What a text's score is the sum of: its n-grams, the lexicon ("lexicon") and the intercept ("")."""
        known = [(gram, *self.weights[gram]) for gram in ngrams(text) if gram in self.weights]
        length = math.sqrt(math.fsum(idf * idf for _, idf, _ in known))
        parts = [(gram, idf * weight / length) for gram, idf, weight in known]
        return [*parts, ("lexicon", self.cold * cold_score(text)), ("", self.intercept)]
