"""Learned sentiment: from what customers wrote and how they rated the contact, judged on later ratings.

Its baseline is the lexicon, which needs no ratings: where the model is not clearly better, the lexicon is served.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from training.bundle.rowwise import Floats, sigmoid
from training.bundle.sentiment import FILE, SentimentModel
from training.compared import Compared
from training.contacts_known import sampled
from training.cutoffs import moment
from training.grade import Grade, grade
from training.judged import quality
from training.sentiment_fit import Integers, Texts, counted, fit, scores
from workspace.errors import NotEnoughHistoryError
from workspace.progress import Progress, silent

# Ratings of texts, and of these rated 1 or 2 and rated 4 or 5, each before and after the judged moment.
FEWEST, FEWEST_OF_A_KIND = 200, 20
_JUDGED_SHARE = 0.25
# Of more, those of a sample of customers are learned from.
_MOST_TEXTS = 100_000
# N-grams that fewer different customers used are not learned: nobody's own words are kept.
CUSTOMERS_A_GRAM = 5
_LONGEST_ODDS = 30.0
_RATED_ALONE = {
    "en": "Learned and judged on texts that were rated: those who rate are not everybody.",
    "zh": "学习和评判只用有评分的文本：评分的客户不代表全体。",
}


@dataclass(frozen=True)
class Learned:
    """A trained sentiment model, its bundle's manifest and files, and what it was judged by.

    `unhappy`: [judged] 1 where the rating was 1 or 2; `texts`: the judged ones, in memory only.
    """

    model: SentimentModel
    grade: Grade
    manifest: dict[str, Any]
    files: Mapping[str, bytes]
    judged_from: datetime
    texts: list[str]
    unhappy: Floats

    @property
    def served(self) -> str:
        """model, or lexicon where the model is not clearly better."""
        return str(self.manifest["served"])


def train_sentiment(contacts: pa.Table, cutoff: datetime, data_version: str, progress: Progress = silent) -> Learned:
    """Learn from contacts (contacts_known) whose text was rated 4 or 5, or 1 or 2, before `cutoff`.

    Judged on the latest quarter of ratings by a model of what was rated before; the model kept learns from all.
    Raises NotEnoughHistoryError where there are too few rated texts, or too few of one kind.
    """
    rated = sampled(_rated(contacts), _MOST_TEXTS)
    texts = rated["content"].to_pylist()
    unhappy = pc.less_equal(rated["satisfaction"], 2).to_numpy().astype(bool)
    begins = _judged_from(rated["rated_us"].to_numpy())
    judged = rated["rated_us"].to_numpy() >= begins
    _check(unhappy, judged, cutoff)
    progress("reading texts", 0.1)
    held = counted(texts)
    writers = np.unique(rated["customer_id"].to_numpy(zero_copy_only=False).astype(str), return_inverse=True)[1]
    progress("learning", 0.4)
    trial = fit(held, ~judged, ~unhappy, CUSTOMERS_A_GRAM, writers)
    found = _verdict(trial, held, judged, unhappy)
    progress("learning", 0.7)
    model = fit(held, np.ones_like(judged), ~unhappy, CUSTOMERS_A_GRAM, writers)
    manifest = {
        "served": "model" if found["grade"].beats_the_rule else "lexicon",
        "why_served": _why(found),
        "limits": [_RATED_ALONE],
        "grade": found["grade"].letter,
        "gain": found["grade"].gain,
        "gain_interval": list(found["grade"].interval),
        "metrics": found["model"],
        "baselines": {"lexicon": found["lexicon"]},
        "rows": int(judged.size),
        "judged": int(judged.sum()),
        "judged_from": moment(begins).isoformat(),
        "unhappy": int(unhappy.sum()),
        "ngrams": len(model.weights),
        "customers_a_ngram": CUSTOMERS_A_GRAM,
        "cutoff": cutoff.astimezone(UTC).isoformat(),
        "data_version": data_version,
    }
    chosen = np.flatnonzero(judged)
    return Learned(
        model,
        found["grade"],
        manifest,
        {FILE: model.to_bytes()},
        moment(begins),
        [texts[row] for row in chosen],
        unhappy[chosen].astype(np.float64),
    )


def _why(found: Mapping[str, Any]) -> str:
    ours, theirs = (found[name]["average_precision"] for name in ("model", "lexicon"))
    verdict = "better than" if found["grade"].beats_the_rule else "not clearly better than"
    return f"on later ratings its average precision of {ours:.3f} was {verdict} the lexicon's {theirs:.3f}"


def unhappiness(model: SentimentModel, texts: list[str]) -> Floats:
    """Log-odds that the writers of texts are unhappy, by the learned model: [texts]."""
    return np.array([-model.score(text) for text in texts])


def _rated(contacts: pa.Table) -> pa.Table:
    polar = pc.and_(pc.is_valid(contacts["content"]), pc.is_valid(contacts["satisfaction"]))
    polar = pc.and_(polar, pc.fill_null(pc.not_equal(contacts["satisfaction"], 3), False))
    return contacts.filter(polar).sort_by([("rated_us", "ascending"), ("interaction_id", "ascending")])


def _judged_from(rated_us: Integers) -> int:
    """The moment from which ratings are judged: a quarter of them, whole moments together."""
    if not rated_us.size:
        return 0
    return int(rated_us[math.floor((1 - _JUDGED_SHARE) * rated_us.size)])


def _check(unhappy: Any, judged: Any, cutoff: datetime) -> None:
    kinds = [int((kind & part).sum()) for kind in (unhappy, ~unhappy) for part in (judged, ~judged)]
    if unhappy.size < FEWEST or min(kinds) < FEWEST_OF_A_KIND:
        raise NotEnoughHistoryError(
            f"Sentiment needs {FEWEST} texts with a rating before {cutoff.date()}, {FEWEST_OF_A_KIND} of them rated 1 "
            f"or 2, {FEWEST_OF_A_KIND} rated 4 or 5, in the earlier three quarters and again in the last; found "
            f"{unhappy.size}, {int(unhappy.sum())} rated 1 or 2. Until then the lexicons are used; collect ratings."
        )


def _verdict(trial: SentimentModel, held: Texts, judged: Any, unhappy: Any) -> dict[str, Any]:
    truth = unhappy[judged].astype(np.float64)
    odds = np.clip(-scores(trial, held, judged), -_LONGEST_ODDS, _LONGEST_ODDS)
    cold = -held.cold[judged]
    compared = Compared(truth, {"model": odds, "lexicon": cold})
    figures = {
        "model": quality(compared, "model", sigmoid(odds)) | {"accuracy": float(np.mean((odds > 0) == (truth == 1)))},
        "lexicon": {
            name: value
            for name, value in quality(compared, "lexicon", (1 + cold) / 2).items()
            if name in ("auc", "auc_interval", "average_precision", "average_precision_interval", "lift_at_10")
        }
        | {"accuracy": float(np.mean((cold >= 0) == (truth == 1)))},
    }
    return {**figures, "grade": grade(compared)}
