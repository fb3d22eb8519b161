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
from training.bootstrap import COVERED, draws
from training.bundle.rowwise import Floats
from training.contacts_known import sampled
from workspace.errors import NotEnoughHistoryError
from workspace.tables import SATISFACTION_ESTIMATE

PERIOD_DAYS = 90
FEWEST, FEWEST_OF_A_KIND = 100, 10
_FEWEST_RATED = 20
_SATISFIED = 4
_JUDGED_SHARE = 0.25
_RESAMPLES = 100
_MOST_FITTED, _MOST_CONTACTS = 20_000, 200_000
_MOST_WORDS, _LEAST_OF_A_WORD = 12, 20
_TIMES, _WORDS = ("wait_ms", "response_us"), ("channel", "kind", "outcome")
_UNITS = {"wait_ms": 1_000.0, "response_us": 1_000_000.0}


@dataclass(frozen=True)
class Estimate:
    """Share of satisfied contacts in one channel, or in all of them. `answered`: of those rated; `everybody` with its
    95 % `interval`: of all contacts.
    """

    contacts: int
    rated: int
    answered: float
    everybody: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class Csat:
    """Share of satisfied contacts. `answered`: of those rated; `everybody` with its 95 % `interval`: of all contacts.

    `served` is model, or answered where later ratings are not predicted better than by their mean: then everybody is
    the mean of answers too. `judged`: how well later ratings were predicted (brier beside brier_of_mean, auc, rows).
    `channels`: the same for each channel with 100 contacts and 20 ratings of the period, or more.
    """

    contacts: int
    rated: int
    answered: float
    everybody: float
    interval: tuple[float, float]
    served: str
    judged: Mapping[str, float | None]
    channels: Mapping[str, Estimate]


def csat(contacts: pa.Table, cutoff: datetime, period_days: int = PERIOD_DAYS) -> Csat:
    """Estimate the CSAT of the contacts (contacts_known) of the `period_days` before `cutoff`.

    Learned from all contacts rated before the cutoff, judged on the latest quarter of ratings by a model of what was
    rated before; the interval is a bootstrap over customers, with the chance that lies in answers not given. Of more
    than 200,000 contacts those of a sample of customers are used.
    Raises NotEnoughHistoryError with fewer than 100 ratings, 10 satisfied and 10 not, or no contact in the period.
    """
    given = contacts.num_rows
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
        groups = {"all": recent, **_channels(contacts, rated, recent)}
        found = _estimated(contacts, rated, content, groups, served, contacts.num_rows < given)
    every = found.pop("all")
    return Csat(every.contacts, every.rated, every.answered, every.everybody, every.interval, served, judged, found)


def _channels(
    contacts: pa.Table, rated: npt.NDArray[np.bool_], recent: npt.NDArray[np.bool_]
) -> dict[str, npt.NDArray[np.bool_]]:
    """The period's contacts of each channel that has enough of them."""
    words = np.array(pc.fill_null(contacts["channel"], "").to_pylist(), dtype=object)
    found = {str(word): recent & (words == word) for word in sorted(set(words[recent & rated].tolist()) - {""})}
    return {
        word: inside
        for word, inside in found.items()
        if inside.sum() >= FEWEST and (inside & rated).sum() >= _FEWEST_RATED
    }


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
    contacts: pa.Table,
    rated: npt.NDArray[np.bool_],
    content: Floats,
    groups: Mapping[str, npt.NDArray[np.bool_]],
    served: str,
    of_a_sample: bool,
) -> dict[str, Estimate]:
    """The estimate of each group of the period's contacts, with intervals from the same draws of customers."""
    rows = _columns(contacts, rated) if served == "model" else np.zeros((len(contacts), 1))
    fitted = _sample(contacts, rated)
    people, who = np.unique(contacts["customer_id"].to_numpy(zero_copy_only=False).astype(str), return_inverse=True)
    random = np.random.default_rng(0)

    def once(drawn: Floats | None) -> list[float]:
        weight = np.ones(len(contacts)) if drawn is None else drawn[who]
        silent = groups["all"] & ~rated
        said = np.zeros(len(contacts))
        given = fitted[weight[fitted] > 0]
        if served == "model" and given.size:
            said[silent] = _predicted(_fitted(rows[given], content[given], weight[given]), rows[silent])
        chance = random.random(len(contacts))
        found = []
        for inside in groups.values():
            predicted = said if served == "model" else _mean_rule(inside, rated, content, weight)
            given_or_said = predicted if drawn is None else (chance < predicted).astype(np.float64)
            every = np.where(rated, content, given_or_said)
            # All contacts are what they are: only what is learned from, and what is not said, could differ.
            counted = weight[inside] if of_a_sample else np.ones(int(inside.sum()))
            total = counted.sum()
            found.append(float((counted * every[inside]).sum() / total) if total else float("nan"))
        return found

    spread = np.array([once(drawn) for drawn in draws(people.size, _RESAMPLES, seed=1)])
    low, high = np.nanquantile(spread, [(1 - COVERED) / 2, (1 + COVERED) / 2], axis=0)
    ends = zip(once(None), low.tolist(), high.tolist(), strict=True)
    return {
        name: _estimate(inside, rated, content, *end) for (name, inside), end in zip(groups.items(), ends, strict=True)
    }


def _estimate(
    inside: npt.NDArray[np.bool_], rated: npt.NDArray[np.bool_], content: Floats, middle: float, low: float, high: float
) -> Estimate:
    now = inside & rated
    answered = float(content[now].mean()) if now.any() else float(content[rated].mean())
    interval = (round(low, 6), round(high, 6))
    return Estimate(int(inside.sum()), int(now.sum()), answered, round(middle, 6), interval)


def _mean_rule(
    inside: npt.NDArray[np.bool_], rated: npt.NDArray[np.bool_], content: Floats, weight: Floats
) -> npt.NDArray[np.float64]:
    """The group's own mean of answers for each of its contacts; that of all ratings where it has none."""
    now = inside & rated if (inside & rated & (weight > 0)).any() else rated & (weight > 0)
    mean = float(np.average(content[now], weights=weight[now])) if now.any() else 0.5
    return np.full(content.size, mean)


def csat_rows(contacts: pa.Table, cutoff: datetime) -> pa.Table:
    """The estimates as the table `satisfaction_estimate`, that of all channels first; no row where there are too few
    ratings for any.
    """
    try:
        found = csat(contacts, cutoff)
    except NotEnoughHistoryError:
        return SATISFACTION_ESTIMATE.schema.empty_table()
    every = Estimate(found.contacts, found.rated, found.answered, found.everybody, found.interval)
    rows = [
        {
            "cutoff": cutoff,
            "period_days": PERIOD_DAYS,
            "contacts": one.contacts,
            "rated": one.rated,
            "answered": one.answered,
            "everybody": one.everybody,
            "lower_95": one.interval[0],
            "upper_95": one.interval[1],
            "served": found.served,
            "judged": int(found.judged["rows"] or 0),
            "brier": found.judged["brier"],
            "brier_of_mean": found.judged["brier_of_mean"],
            "channel": channel,
        }
        for channel, one in {"all": every, **found.channels}.items()
    ]
    return pa.Table.from_pylist(rows, SATISFACTION_ESTIMATE.schema)
