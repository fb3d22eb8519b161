"""`rapport backtest sentiment`: how well sentiment is read, cold and learned, from texts that somebody has judged.

Cold: the lexicons as they are; above 0 is positive, no fit and no threshold of the data (three classes: VADER's own
bounds, +-.05). Learned: n-grams and the lexicon in a logistic regression, each text judged by a model that saw neither
it nor an equal one.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from training import metrics
from training.bootstrap import interval
from training.bundle.rowwise import Floats
from training.labelled_texts import CLASSES, NEGATIVE, POSITIVE, Labelled, labelled_texts
from training.sentiment_fit import Integers, Texts, counted, fit, scores
from workspace.errors import QueryError
from workspace.progress import Progress, silent

FOLDS = 5
# Different texts of a class below which nothing is learned from it.
FEWEST_TEXTS = 10
_FEWEST_IN = 2
_NEUTRAL_WITHIN = 0.05


def backtest_sentiment(
    file: Path, text: str, label: str, language: str = "auto", progress: Progress = silent
) -> dict[str, Any]:
    """Judge sentiment on the texts of a file whose columns `text` and `label` are named.

    `language` zh or en judges the texts in that language (those that mix it with another included), auto all.
    The figures: rows, texts (different ones), classes, left_out, folds, majority, and for cold and learned accuracy,
    macro_f1, balanced_accuracy, auc (positive against negative), and of accuracy and auc the 95 % bootstrap interval
    over different texts. learned is null where a class has too few texts, and learned_needs says what is missing.
    Raises what labelled_texts raises, QueryError for an unknown language and where none of the texts is in it.
    """
    if language not in ("zh", "en", "auto"):
        raise QueryError(f"--language is zh, en or auto; found {language!r}. Choose one of them.")
    progress("reading", 0.0)
    labelled = labelled_texts(file, text, label)
    texts, signs = _in(language, labelled, file)
    progress(f"reading {len(texts):,} texts", 0.1)
    held = counted(texts)
    progress("learning", 0.4)
    learned, missing = _learned(held, signs, progress)
    counts = {CLASSES[sign]: int((signs == sign).sum()) for sign in sorted(set(signs.tolist()))}
    groups = np.unique(held.keys, return_inverse=True)[1]
    return {
        "rows": len(texts),
        "texts": int(groups.max()) + 1,
        "classes": counts,
        "labels": labelled.scale,
        "left_out": {why: rows for why, rows in labelled.left_out.items() if rows},
        "language": language,
        "folds": FOLDS,
        "majority": {"accuracy": max(counts.values()) / len(texts)},
        "cold": _figures(signs, _cold_class(held.cold, signs), held.cold, groups),
        "learned": None if learned is None else _figures(signs, learned[0], learned[1], groups),
        **({"learned_needs": missing} if missing else {}),
    }


def _in(language: str, labelled: Labelled, file: Path) -> tuple[list[str], Integers]:
    signs = np.array(labelled.signs, dtype=np.int64)
    if language == "auto":
        return labelled.texts, signs
    from interactions.cleaning.text import signals

    speaks = np.array([one.language in (language, "mixed", "other") for one in signals(labelled.texts)])
    if len(set(signs[speaks].tolist())) < 2:
        raise QueryError(
            f"{file.name} holds {int(speaks.sum())} texts that are in {language}, of fewer than two classes. "
            "Use --language auto, or give another file."
        )
    return [text for text, chosen in zip(labelled.texts, speaks, strict=True) if chosen], signs[speaks]


def folds(keys: Integers, signs: Integers) -> Integers:
    """The fold of each row: equal texts in one, the classes spread evenly, whatever the order of the rows.

    keys: [rows], the same for equal texts, ordered by nothing that the data is about; signs: [rows], their class.
    """
    different, number = np.unique(keys, return_inverse=True)
    # A text that was judged both ways goes where its majority goes.
    sign = np.sign(np.bincount(number, weights=signs))
    fold = np.zeros(different.size, dtype=np.int64)
    for kind in np.unique(sign):
        of_kind = np.flatnonzero(sign == kind)
        fold[of_kind] = np.arange(of_kind.size) % FOLDS
    return fold[number]


def _learned(held: Texts, signs: Integers, progress: Progress) -> tuple[tuple[Integers, Floats] | None, str]:
    """Class and score (positive against negative) of each row by a model that saw no equal text; or what is missing."""
    present = sorted(set(signs.tolist()))
    few = {CLASSES[sign]: np.unique(held.keys[signs == sign]).size for sign in present}
    short = {name: texts for name, texts in few.items() if texts < FEWEST_TEXTS}
    if short:
        found = ", ".join(f"{name} {texts}" for name, texts in short.items())
        return None, f"learning needs {FEWEST_TEXTS} different texts of each class; found {found}"
    fold = folds(held.keys, signs)
    odds = {sign: np.zeros(signs.size) for sign in (present if len(present) > 2 else [POSITIVE])}
    for number in range(FOLDS):
        progress(f"learning, part {number + 1} of {FOLDS}", 0.4 + 0.12 * number)
        judged = fold == number
        if judged.any():
            for sign in odds:
                other = signs == (sign if len(present) > 2 else present[-1])
                odds[sign][judged] = scores(fit(held, ~judged, other, _FEWEST_IN), held, judged)
    if len(present) == 2:
        return (np.where(odds[POSITIVE] > 0, present[-1], present[0]), odds[POSITIVE]), ""
    together = np.column_stack([odds[sign] for sign in present])
    return (np.array(present)[together.argmax(axis=1)], odds[POSITIVE] - odds[NEGATIVE]), ""


def _cold_class(cold: Floats, signs: Integers) -> Integers:
    present = sorted(set(signs.tolist()))
    found: Integers
    if len(present) == 2:
        found = np.where(cold > 0, present[-1], present[0])
    else:
        found = np.where(cold > _NEUTRAL_WITHIN, POSITIVE, np.where(cold < -_NEUTRAL_WITHIN, NEGATIVE, 0))
    return found


def _figures(signs: Integers, said: Integers, score: Floats, groups: Integers) -> dict[str, Any]:
    right = (said == signs).astype(np.float64)
    present = sorted(set(signs.tolist()))
    polar = (signs == present[0]) | (signs == present[-1])
    auc = metrics.Ranked((signs[polar] == present[-1]).astype(np.float64), score[polar]).auc
    return {
        "accuracy": float(right.mean()),
        "macro_f1": float(np.mean([_f1(signs == sign, said == sign) for sign in present])),
        "balanced_accuracy": float(np.mean([right[signs == sign].mean() for sign in present])),
        "auc": auc(np.ones(int(polar.sum()))),
        "accuracy_interval": _interval(lambda weight: float((weight * right).sum() / weight.sum()), groups),
        "auc_interval": _interval(lambda weight: auc(weight[polar]), groups),
    }


def _f1(true: npt.NDArray[np.bool_], said: npt.NDArray[np.bool_]) -> float:
    """2 x right / (true + said), 0 where neither occurs."""
    both = int(true.sum() + said.sum())
    return 2 * int((true & said).sum()) / both if both else 0.0


def _interval(measure: Callable[[Floats], float], groups: Integers) -> list[float] | None:
    """Bootstrap over different texts: equal ones are drawn together."""
    low, high = interval(lambda weight: measure(weight[groups]), int(groups.max()) + 1)
    return None if np.isnan(low) else [low, high]
