"""What customers write about, and what they write about more often lately.

Topics are parts of a non-negative factorisation of TF-IDF of terms (Lee and Seung 1999); each message belongs to the
part it is closest to. Terms that rise without a topic of theirs doing so, because they are new or rare, make topics of
their own. Counted are customers a week, so that one who writes often weighs no more.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import scipy.sparse as sp
from threadpoolctl import threadpool_limits

from features.windows import DAY_US, micros_of
from training.bundle.rowwise import Floats
from training.contacts_known import sampled
from training.rising import BUDGET, RECENT_WEEKS, WEEKS_BEFORE, changes
from training.sentiment_fit import Integers
from training.topic_terms import Terms, terms_of
from workspace.tables import TOPICS

# A term is used by as many customers at least, a message names it so that it is nobody's own.
CUSTOMERS_A_TERM = 5
FEWEST_TEXTS = 100
_MOST_TOPICS, _TEXTS_A_TOPIC = 12, 40
_MOST_FITTED, _MOST_TEXTS = 20_000, 100_000
_TERMS_SHOWN, _EXAMPLES = 5, 3
_LEAST_LIKENESS = 0.1
_SAME_TOPIC = 0.5
_TOGETHER = 0.2
WEEKS = RECENT_WEEKS + WEEKS_BEFORE


@dataclass(frozen=True)
class _Found:
    """A topic: its terms with their weights, the messages in it [texts], and whether it rises."""

    weights: Mapping[str, float]
    messages: npt.NDArray[np.bool_]
    p_value: float
    rises: bool


def topics(contacts: pa.Table, cutoff: datetime, before: pa.Table | None = None) -> pa.Table:
    """The topics of the 16 weeks before `cutoff` as rows of the table `topics`, rising ones first, then the largest.

    contacts: contacts_known at the cutoff. `before`: the topics of the last scoring, whose ids live on where a topic's
    terms are much the same. No rows where fewer than 100 messages were written; of more than 100,000 those of a sample
    of customers are looked at and counted.
    """
    said = _said(contacts, cutoff)
    if said.num_rows < FEWEST_TEXTS:
        return TOPICS.schema.empty_table()
    who = np.unique(said["customer_id"].to_numpy(zero_copy_only=False).astype(str), return_inverse=True)[1]
    week = ((said["at_us"].to_numpy() - _start(cutoff)) // (7 * DAY_US)).astype(np.int64)
    terms = terms_of(said["content"].to_pylist(), who, CUSTOMERS_A_TERM)
    if len(terms.names) < 2:
        return TOPICS.schema.empty_table()
    with threadpool_limits(1):  # the same bits on every run
        parts = _parts(terms, said["interaction_id"].to_pylist())
    found = _topics_of(parts, terms, who, week)
    found = _together(found, _emerging(terms, who, week), week)
    return _table(found, said, week, who, cutoff, before)


def _start(cutoff: datetime) -> int:
    return micros_of(cutoff - timedelta(weeks=WEEKS))


def _said(contacts: pa.Table, cutoff: datetime) -> pa.Table:
    at, begin, end = contacts["at_us"], _start(cutoff), micros_of(cutoff)
    within = pc.and_(pc.greater_equal(at, begin), pc.less(at, end))
    said = contacts.filter(pc.and_(within, pc.is_valid(contacts["content"])))
    said = sampled(said, _MOST_TEXTS)
    return said.sort_by([("at_us", "ascending"), ("interaction_id", "ascending")])


def _parts(terms: Terms, ids: Sequence[str]) -> Floats:
    """Weights of the terms in each part: [parts, terms]."""
    from sklearn.decomposition import NMF

    weighed = _tfidf(terms.counts)
    order = sorted(range(len(ids)), key=lambda row: hashlib.sha256(ids[row].encode()).digest())
    fitted = weighed[sorted(order[:_MOST_FITTED])]
    fitted = fitted[np.flatnonzero(np.diff(fitted.indptr))]
    count = max(2, min(_MOST_TOPICS, fitted.shape[0] // _TEXTS_A_TOPIC, len(terms.names) - 1))
    if fitted.shape[0] < count:
        return np.zeros((0, len(terms.names)))
    model = NMF(n_components=count, init="nndsvda", random_state=0, max_iter=300, tol=1e-3)
    model.fit(fitted)
    parts: Floats = model.components_
    used: Floats = parts[parts.sum(axis=1) > 0]
    return used


def _tfidf(counts: sp.csr_matrix) -> sp.csr_matrix:
    frequency = np.asarray(counts.sum(axis=0)).ravel()
    weighed = (counts @ sp.diags(np.log((1 + counts.shape[0]) / (1 + frequency)) + 1)).tocsr()
    length = np.sqrt(np.asarray(weighed.multiply(weighed).sum(axis=1)).ravel())
    return (sp.diags(np.divide(1.0, length, out=np.zeros_like(length), where=length > 0)) @ weighed).tocsr()


def _topics_of(parts: Floats, terms: Terms, who: Integers, week: Integers) -> list[_Found]:
    if not len(parts):
        return []
    unit = parts / np.sqrt((parts**2).sum(axis=1))[:, None]
    likeness = np.asarray(_tfidf(terms.counts) @ unit.T)
    member = np.where(likeness.max(axis=1) >= _LEAST_LIKENESS, likeness.argmax(axis=1), -1)
    messages = [member == number for number in range(len(parts))]
    weekly = np.array([_customers_a_week(chosen, who, week) for chosen in messages])
    change = changes(weekly, _customers_a_week(np.ones(week.size, dtype=bool), who, week), BUDGET / 2)
    return [
        _Found(_heaviest(parts[number], terms.names), messages[number], float(p), bool(rises))
        for number, (p, rises) in enumerate(zip(change.p_value, change.rises, strict=True))
        if messages[number].any()
    ]


def _heaviest(weights: Floats, names: Sequence[str]) -> dict[str, float]:
    order = np.argsort(-weights, kind="stable")[: 4 * _TERMS_SHOWN]
    return {names[place]: round(float(weights[place]), 6) for place in order if weights[place] > 0}


def _customers_a_week(chosen: npt.NDArray[np.bool_], who: Integers, week: Integers) -> Floats:
    """Different customers of the chosen messages in each week."""
    pairs = np.unique(np.column_stack([who[chosen], week[chosen]]), axis=0)
    return np.bincount(pairs[:, 1], minlength=WEEKS).astype(np.float64)


def _emerging(terms: Terms, who: Integers, week: Integers) -> list[_Found]:
    """Rising terms, those said together as one topic."""
    holds = [np.asarray(terms.counts[:, place].todense()).ravel() > 0 for place in range(len(terms.names))]
    weekly = np.array([_customers_a_week(chosen, who, week) for chosen in holds])
    change = changes(weekly, _customers_a_week(np.ones(week.size, dtype=bool), who, week), BUDGET / 2)
    left = [place for place in np.argsort(change.p_value, kind="stable").tolist() if change.rises[place]]
    found = []
    while left:
        first = left[0]
        group = [place for place in left if _overlap(holds[place], holds[first]) >= _TOGETHER]
        left = [place for place in left if place not in group]
        weights = {terms.names[place]: float(holds[place].sum()) for place in group}
        messages = np.logical_or.reduce([holds[place] for place in group])
        found.append(_Found(weights, messages, float(change.p_value[first]), True))
    return found


def _together(found: Sequence[_Found], emerging: Sequence[_Found], week: Integers) -> list[_Found]:
    """The topics, and of what emerges what no rising topic covers; one that does is named by what rises in it."""
    together = list(found)
    for one in emerging:
        recent = one.messages & (week >= WEEKS_BEFORE)
        covers = [
            place
            for place, other in enumerate(together)
            if other.rises and (recent & other.messages).sum() >= recent.sum() / 2
        ]
        if not covers:
            together.append(one)
        else:
            other = together[covers[0]]
            heaviest = max(other.weights.values())
            first = {name: other.weights.get(name, heaviest) for name in one.weights}
            together[covers[0]] = replace(other, weights={**first, **other.weights})
    return together


def _overlap(one: npt.NDArray[np.bool_], other: npt.NDArray[np.bool_]) -> float:
    either = int((one | other).sum())
    return int((one & other).sum()) / either if either else 0.0


def _table(
    found: Sequence[_Found], said: pa.Table, week: Integers, who: Integers, cutoff: datetime, before: pa.Table | None
) -> pa.Table:
    everyone = _customers_a_week(np.ones(week.size, dtype=bool), who, week)
    ids = _ids(found, before)
    rows: list[dict[str, Any]] = []
    for topic_id, one in zip(ids, found, strict=True):
        weekly = _customers_a_week(one.messages, who, week)
        theirs = said.filter(pa.array(one.messages))
        names = list(one.weights)[:_TERMS_SHOWN]
        rows.append(
            {
                "topic_id": topic_id,
                "cutoff": cutoff,
                "name": " · ".join(names[:3]),
                "terms": json.dumps(one.weights, ensure_ascii=False),
                "contacts": int(one.messages.sum()),
                "share": float(weekly[-RECENT_WEEKS:].sum() / max(everyone[-RECENT_WEEKS:].sum(), 1.0)),
                "share_before": float(weekly[:-RECENT_WEEKS].sum() / max(everyone[:-RECENT_WEEKS].sum(), 1.0)),
                "rising": one.rises,
                "p_value": one.p_value,
                "weekly": json.dumps(weekly.astype(int).tolist()),
                "sentiment": _mean(theirs["sentiment"]),
                "satisfaction": _mean(theirs["satisfaction"]),
                "examples": json.dumps(_examples(theirs, names)),
            }
        )
    rows.sort(key=lambda row: (not row["rising"], -row["contacts"], row["topic_id"]))
    return pa.Table.from_pylist(rows, TOPICS.schema)


def _mean(values: pa.ChunkedArray) -> float | None:
    """Exact to a millionth in any order: sums of whole numbers."""
    known = pc.drop_null(values).to_pylist()
    return sum(round(value * 1_000_000) for value in known) / len(known) / 1_000_000 if known else None


def _examples(theirs: pa.Table, names: Sequence[str]) -> list[dict[str, str]]:
    """Which messages show a topic best: those with most of its terms, the newest first, one a customer."""
    rows = theirs.select(["interaction_id", "customer_id", "content", "at_us"]).to_pylist()
    rows.sort(key=lambda row: (-sum(name in row["content"].lower() for name in names), -row["at_us"]))
    chosen: dict[str, str] = {}
    for row in rows:
        chosen.setdefault(row["customer_id"], row["interaction_id"])
        if len(chosen) == _EXAMPLES:
            break
    return [{"customer_id": who, "interaction_id": which} for who, which in chosen.items()]


def _ids(found: Sequence[_Found], before: pa.Table | None) -> list[str]:
    """The id of each topic: that of the last scoring's topic whose terms are most alike, else one from its terms."""
    old = {} if before is None else {row["topic_id"]: json.loads(row["terms"]) for row in before.to_pylist()}
    pairs = sorted(
        (
            (_likeness(one.weights, terms), name, place)
            for place, one in enumerate(found)
            for name, terms in old.items()
        ),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )
    named: dict[int, str] = {}
    for likeness, name, place in pairs:
        if likeness >= _SAME_TOPIC and place not in named and name not in named.values():
            named[place] = name
    for place, one in enumerate(found):
        if place not in named:
            named[place] = _fresh(list(one.weights)[:_TERMS_SHOWN], {*named.values(), *old})
    return [named[place] for place in range(len(found))]


def _fresh(names: Sequence[str], taken: set[str]) -> str:
    for attempt in range(len(taken) + 1):
        name = "t" + hashlib.sha256(f"{attempt} {' '.join(sorted(names))}".encode()).hexdigest()[:8]
        if name not in taken:
            return name
    raise AssertionError("more attempts than names")


def _likeness(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Cosine of two sets of weights."""
    together = sum(one[name] * other[name] for name in sorted(one.keys() & other.keys()))
    lengths = [sum(weight * weight for weight in weights.values()) ** 0.5 for weights in (one, other)]
    return float(together / (lengths[0] * lengths[1])) if all(lengths) else 0.0
