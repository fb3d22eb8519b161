"""Fitting sentiment from judged texts: TF-IDF of n-grams and the lexicon's score, a logistic regression."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression

from training.bundle.rowwise import Floats
from training.bundle.sentiment import SentimentModel, cold_score, ngrams

# Inverse strength of the ridge. From 1 to 10 the judged figures hardly move.
_C = 3.0

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Texts:
    """What is counted of texts once, for every fit on a part of them.

    `grams`: [n-grams], sorted; `counts`: [rows, n-grams], 1 where a text holds it; `cold`: [rows], the lexicon's score;
    `keys`: [rows], the same number for texts that are equal but for marks, blanks and case.
    """

    grams: list[str]
    counts: sp.csr_matrix
    cold: Floats
    keys: Integers


def counted(texts: Sequence[str]) -> Texts:
    """Count the n-grams of texts; each different text is read once."""
    different = sorted(set(texts))
    place = {text: row for row, text in enumerate(different)}
    rows = np.array([place[text] for text in texts], dtype=np.int64)
    held = [ngrams(text) for text in different]
    names = sorted(set(chain.from_iterable(held)))
    column = {gram: number for number, gram in enumerate(names)}
    indices = np.fromiter((column[gram] for grams in held for gram in grams), dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum([len(grams) for grams in held])])
    counts = sp.csr_matrix((np.ones(indices.size), indices, starts), shape=(len(different), len(names)))
    cold = np.array([cold_score(text) for text in different])
    normal = {key: number for number, key in enumerate(sorted({normalised(text) for text in different}, key=_hash))}
    keys = np.array([normal[normalised(text)] for text in different], dtype=np.int64)
    return Texts(names, counts[rows], cold[rows], keys[rows])


def normalised(text: str) -> str:
    """Letters and digits alone: texts with the same are one text. Where there are none, the text as it is."""
    unified = unicodedata.normalize("NFKC", text).casefold()
    return "".join(sign for sign in unified if sign.isalnum()) or unified.strip()


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def fit(
    texts: Texts,
    rows: npt.NDArray[np.bool_],
    content: npt.NDArray[np.bool_],
    fewest: int,
    holders: Integers | None = None,
) -> SentimentModel:
    """The model of the chosen `rows` [rows] and whether their writers are `content` [rows].

    Only n-grams that occur in `fewest` of the different texts, or with `holders` [rows] (who wrote it) in those of so
    many different writers, are learned from: what one person wrote is nobody's n-gram.
    """
    chosen = np.flatnonzero(rows)
    if holders is None:
        _, first = np.unique(texts.keys[chosen], return_index=True)
        spread = np.asarray(texts.counts[chosen[first]].sum(axis=0)).ravel()
    else:
        spread = writers(texts.counts[chosen], holders[chosen])
    kept = np.flatnonzero(spread >= fewest)
    counts = texts.counts[chosen][:, kept]
    frequency = np.asarray(counts.sum(axis=0)).ravel()
    idf = np.log((1 + chosen.size) / (1 + frequency)) + 1
    features = sp.hstack([_unit(counts, idf), sp.csr_matrix(texts.cold[chosen][:, None])]).tocsr()
    # liblinear: one thread, one order of sums, the same bits on every run.
    regression = LogisticRegression(C=_C, solver="liblinear", random_state=0, max_iter=300)
    regression.fit(features, content[chosen])
    *weights, cold = regression.coef_[0].tolist()
    named = (texts.grams[column] for column in kept)
    pairs = {gram: (float(i), float(w)) for gram, i, w in zip(named, idf, weights, strict=True)}
    return SentimentModel(pairs, cold, float(regression.intercept_[0]))


def scores(model: SentimentModel, texts: Texts, rows: npt.NDArray[np.bool_]) -> Floats:
    """Log-odds of the chosen rows, as `model.score` gives them but for the last bits: [chosen]."""
    chosen = np.flatnonzero(rows)
    kept = np.flatnonzero([gram in model.weights for gram in texts.grams])
    pairs = np.array([model.weights[texts.grams[column]] for column in kept]).reshape(-1, 2)
    unit = _unit(texts.counts[chosen][:, kept], pairs[:, 0])
    found: Floats = unit @ pairs[:, 1] + model.cold * texts.cold[chosen] + model.intercept
    return found


def _unit(counts: sp.csr_matrix, idf: Floats) -> sp.csr_matrix:
    """Each row's n-grams by their idf, brought to length 1."""
    weighed = (counts @ sp.diags(idf)).tocsr()
    length = np.sqrt(np.asarray(weighed.multiply(weighed).sum(axis=1)).ravel())
    inverse = np.divide(1.0, length, out=np.zeros_like(length), where=length > 0)
    return (sp.diags(inverse) @ weighed).tocsr()


def writers(counts: sp.csr_matrix, holders: Integers) -> Floats:
    """In how many different writers' texts each n-gram occurs."""
    people, number = np.unique(holders, return_inverse=True)
    by = sp.csr_matrix((np.ones(number.size), (number, np.arange(number.size))), shape=(people.size, number.size))
    held = (by @ counts).tocsr()
    held.data[:] = 1.0
    return np.asarray(held.sum(axis=0)).ravel().astype(np.float64)
