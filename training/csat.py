"""Satisfaction of everybody, those who did not answer included: their answers predicted from how the contact went.

A logistic regression of being satisfied (4 or 5) on waiting, answering time, channel, kind, outcome, reopening and the
text's sentiment is learned from rated contacts; over all contacts, what was answered counts as it was and what was not
as predicted. It corrects for who answers only as far as these tell: where a feeling that nothing shows makes people
answer, no model of what is seen can know.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from features.windows import micros_of
from training import metrics
from training.bundle.rowwise import Floats
from training.contacts_known import sampled
from workspace.errors import NotEnoughHistoryError
from workspace.tables import SATISFACTION_ESTIMATE

PERIOD_DAYS = 90
FEWEST, FEWEST_OF_A_KIND = 100, 10
_SATISFIED = 4
_JUDGED_SHARE = 0.25
_RESAMPLES = 100
_MOST_FITTED, _MOST_CONTACTS = 20_000, 200_000
_MOST_WORDS, _LEAST_OF_A_WORD = 12, 20
_TIMES, _WORDS = ("wait_ms", "response_us"), ("channel", "kind", "outcome")
_UNITS = {"wait_ms": 1_000.0, "response_us": 1_000_000.0}
_COVERED = 0.95


@dataclass(frozen=True)
class Csat:
    """Share of satisfied contacts. `answered`: of those rated; `everybody` with its 95 % `interval`: of all contacts.

    `served` is model, or answered where later ratings are not predicted better than by their mean: then everybody is
    the mean of answers too. `judged`: how well later ratings were predicted (brier beside brier_of_mean, auc, rows).
    """

    contacts: int
    rated: int
    answered: float
    everybody: float
    interval: tuple[float, float]
    served: str
    judged: Mapping[str, float | None]


def csat(contacts: pa.Table, cutoff: datetime, period_days: int = PERIOD_DAYS) -> Csat:
    """Estimate the CSAT of the contacts (contacts_known) of the `period_days` before `cutoff`.

    Learned from all contacts rated before the cutoff, judged on the latest quarter of ratings by a model of what was
    rated before; the interval is a bootstrap over customers, with the chance that lies in answers not given. Of more
    than 200,000 contacts those of a sample of customers are used.
    Raises NotEnoughHistoryError with fewer than 100 ratings, 10 satisfied and 10 not, or no contact in the period.
    """
    contacts = sampled(contacts, _MOST_CONTACTS).sort_by([("at_us", "ascending"), ("interaction_id", "ascending")])
    rated = contacts["satisfaction"].is_valid().to_numpy()
    content = pc.fill_null(pc.greater_equal(contacts["satisfaction"], _SATISFIED), False).to_numpy().astype(np.float64)
    begin = micros_of(cutoff.astimezone(UTC) - timedelta(days=period_days))
    recent = (contacts["at_us"].to_numpy() >= begin) if len(contacts) else rated
    _check(rated, content, recent, cutoff, period_days)
    with threadpool_limits(1):  # the same bits on every run
        judged = _judged(contacts, rated, content)
        better = judged["brier"] is not None and judged["brier"] < (judged["brier_of_mean"] or 0)
        served = "model" if better else "answered"
        now = recent & rated
        answered = float(content[now].mean()) if now.any() else float(content[rated].mean())
        everybody, interval = _estimated(contacts, rated, content, recent, served)
    return Csat(int(recent.sum()), int(now.sum()), answered, everybody, interval, served, judged)


def _check(rated: Any, content: Floats, recent: Any, cutoff: datetime, period_days: int) -> None:
    satisfied = int(content[rated].sum())
    other = int(rated.sum()) - satisfied
    if rated.sum() < FEWEST or min(satisfied, other) < FEWEST_OF_A_KIND:
        raise NotEnoughHistoryError(
            f"Predicting satisfaction needs {FEWEST} rated contacts before {cutoff.date()}, {FEWEST_OF_A_KIND} of them "
            f"rated 4 or 5 and {FEWEST_OF_A_KIND} lower; found {int(rated.sum())}, {satisfied} of 4 or 5. Collect more."
        )
    if not recent.any():
        raise NotEnoughHistoryError(
            f"No contact of a customer lies in the {period_days} days before {cutoff.date()}. Choose another --as-of."
        )


@dataclass(frozen=True)
class _Model:
    centre: Floats
    scale: Floats
    regression: LogisticRegression

    def probability(self, rows: Floats) -> Floats:
        found: Floats = self.regression.predict_proba((rows - self.centre) / self.scale)[:, 1]
        return found


def _fitted(rows: Floats, content: Floats, weight: Floats | None = None) -> _Model | float:
    """The model, or the mean where only one class was drawn."""
    if content.min() == content.max():
        return float(content[0])
    scale = rows.std(axis=0)
    centre, scale = rows.mean(axis=0), np.where(scale > 0, scale, 1.0)
    regression = LogisticRegression(solver="liblinear", random_state=0)
    regression.fit((rows - centre) / scale, content, sample_weight=weight)
    return _Model(centre, scale, regression)


def _predicted(model: _Model | float, rows: Floats) -> Floats:
    if isinstance(model, float):
        return np.full(len(rows), model)
    return model.probability(rows) if len(rows) else np.empty(0)


def _columns(contacts: pa.Table, learned_from: npt.NDArray[np.bool_]) -> Floats:
    """What is known of each contact as numbers: [contacts, features]; words that few rated contacts have are one."""
    columns: list[Floats] = []
    for name in _TIMES:
        seconds = contacts[name].cast(pa.float64()).to_numpy() / _UNITS[name]
        known = np.maximum(np.nan_to_num(seconds), 0.0)
        # Patience may end at once or slowly: both shapes are there to choose from.
        columns += [np.log1p(known), np.sqrt(known), np.isnan(seconds).astype(float)]
    felt = contacts["sentiment"].cast(pa.float64()).to_numpy()
    columns += [np.nan_to_num(felt), np.isnan(felt).astype(float)]
    columns += [pc.fill_null(contacts[name], False).to_numpy().astype(float) for name in ("reopened", "is_resolved")]
    for name in _WORDS:
        words = np.array(pc.fill_null(contacts[name], "").to_pylist(), dtype=object)
        columns += [(words == word).astype(float) for word in _frequent(words[learned_from])]
    return np.column_stack(columns)


def _frequent(words: npt.NDArray[np.object_]) -> Sequence[str]:
    different, counts = np.unique(words.astype(str), return_counts=True)
    often = sorted(zip(-counts, different, strict=True))[:_MOST_WORDS]
    return [str(word) for count, word in often if -count >= _LEAST_OF_A_WORD]


def _judged(contacts: pa.Table, rated: npt.NDArray[np.bool_], content: Floats) -> dict[str, float | None]:
    """Later ratings predicted by what was rated before them."""
    when = contacts["rated_us"].to_numpy().astype(np.float64)
    bound = np.sort(when[rated])[int((1 - _JUDGED_SHARE) * rated.sum())]
    earlier, later = rated & (when < bound), rated & (when >= bound)
    if not earlier.any():
        return {"rows": float(later.sum()), "brier": None, "brier_of_mean": None, "auc": None}
    rows = _columns(contacts, earlier)
    chosen = _sample(contacts, earlier)
    said = _predicted(_fitted(rows[chosen], content[chosen]), rows[later])
    truth = content[later]
    auc = metrics.auc(truth, said)
    return {
        "rows": float(later.sum()),
        "brier": metrics.brier(truth, said),
        "brier_of_mean": metrics.brier(truth, np.full(truth.size, content[earlier].mean())),
        "auc": None if np.isnan(auc) else auc,
    }


def _sample(contacts: pa.Table, chosen: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Rows of the chosen contacts, at most 20,000 of them, always the same ones."""
    rows = np.flatnonzero(chosen)
    if rows.size <= _MOST_FITTED:
        return rows
    ids = contacts["interaction_id"].take(pa.array(rows)).to_pylist()
    order = sorted(range(rows.size), key=lambda place: hashlib.sha256(ids[place].encode()).digest())
    return np.sort(rows[order[:_MOST_FITTED]])


def _estimated(
    contacts: pa.Table, rated: npt.NDArray[np.bool_], content: Floats, recent: npt.NDArray[np.bool_], served: str
) -> tuple[float, tuple[float, float]]:
    rows = _columns(contacts, rated) if served == "model" else np.zeros((len(contacts), 1))
    fitted = _sample(contacts, rated if served == "model" or not (rated & recent).any() else rated & recent)
    people, who = np.unique(contacts["customer_id"].to_numpy(zero_copy_only=False).astype(str), return_inverse=True)
    silent = recent & ~rated
    random = np.random.default_rng(0)

    def once(drawn: Floats | None) -> float:
        weight = np.ones(len(contacts)) if drawn is None else drawn[who]
        given = fitted[weight[fitted] > 0]
        if served == "model" and given.size:
            said = _predicted(_fitted(rows[given], content[given], weight[given]), rows[silent])
        else:
            said = np.full(
                int(silent.sum()), float(np.average(content[given], weights=weight[given])) if given.size else 0.5
            )
        if drawn is not None:
            said = (random.random(said.size) < said).astype(np.float64)
        every = np.where(rated, content, 0.0)
        every[silent] = said
        total = weight[recent].sum()
        return float((weight[recent] * every[recent]).sum() / total) if total else float("nan")

    draws = [
        random.multinomial(people.size, np.full(people.size, 1 / people.size)).astype(float) for _ in range(_RESAMPLES)
    ]
    found = np.array([once(drawn) for drawn in draws])
    low, high = np.nanquantile(found, [(1 - _COVERED) / 2, (1 + _COVERED) / 2])
    return round(once(None), 6), (round(float(low), 6), round(float(high), 6))


def csat_row(contacts: pa.Table, cutoff: datetime) -> pa.Table:
    """The estimate as the one row of the table `satisfaction_estimate`; none where there are too few ratings for it."""
    try:
        found = csat(contacts, cutoff)
    except NotEnoughHistoryError:
        return SATISFACTION_ESTIMATE.schema.empty_table()
    row = {
        "cutoff": cutoff,
        "period_days": PERIOD_DAYS,
        "contacts": found.contacts,
        "rated": found.rated,
        "answered": found.answered,
        "everybody": found.everybody,
        "lower_95": found.interval[0],
        "upper_95": found.interval[1],
        "served": found.served,
        "judged": int(found.judged["rows"] or 0),
        "brier": found.judged["brier"],
        "brier_of_mean": found.judged["brier_of_mean"],
    }
    return pa.Table.from_pylist([row], SATISFACTION_ESTIMATE.schema)
