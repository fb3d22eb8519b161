"""What a message is about, in words: the terms that topics are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy.sparse as sp

from interactions.cleaning.word_lists import sections
from training.bundle.sentiment import plain, words
from training.sentiment_fit import Integers

_STOPPED = frozenset(word for found in sections("stop_words").values() for word in found)
_SHORTEST_HAN, _SHORTEST_LATIN = 2, 3


@dataclass(frozen=True)
class Terms:
    """`names`: [terms], as people write them; `counts`: [texts, terms], 1 where a text holds a term."""

    names: list[str]
    counts: sp.csr_matrix


def terms_of(texts: Sequence[str], who: Integers, fewest: int) -> Terms:
    """The terms that at least `fewest` different customers used in the form that is shown.

    texts: [rows], who: [rows] a number for each customer. Chinese words of two characters or more; English words by
    their stem, shown in the form that most customers wrote. Words that are about nothing (stop_words.txt), digits and
    masked data are no terms.
    """
    held = [_terms(text) for text in texts]
    used: dict[str, dict[str, set[int]]] = {}
    for found, writer in zip(held, who.tolist(), strict=True):
        for stem, word in found.items():
            used.setdefault(stem, {}).setdefault(word, set()).add(writer)
    # What is shown is a form, so that enough customers must have used that very form.
    shown = {stem: min(forms, key=lambda word: (-len(forms[word]), word)) for stem, forms in used.items()}
    stems = sorted(stem for stem, word in shown.items() if len(used[stem][word]) >= fewest)
    column = {stem: number for number, stem in enumerate(stems)}
    known = [[column[stem] for stem in sorted(found) if stem in column] for found in held]
    indices = np.array([place for row in known for place in row], dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum([len(row) for row in known], dtype=np.int64)])
    counts = sp.csr_matrix((np.ones(indices.size), indices, starts), shape=(len(texts), len(stems)))
    return Terms([shown[stem] for stem in stems], counts)


def _terms(text: str) -> dict[str, str]:
    """Stem -> word of a text's terms."""
    found = {}
    for word in words(plain(text)):
        latin = word[0] <= "z"
        if word not in _STOPPED and word.isalpha() and len(word) >= (_SHORTEST_LATIN if latin else _SHORTEST_HAN):
            found[_stem(word) if latin else word] = word
    return found


@lru_cache(maxsize=20_000)
def _stem(word: str) -> str:
    return str(_stemmer().stem(word))


@lru_cache(maxsize=1)
def _stemmer():  # type: ignore[no-untyped-def]  # nltk carries no types
    # Seconds of import: only where there is English.
    from nltk.stem.snowball import SnowballStemmer

    return SnowballStemmer("english")
