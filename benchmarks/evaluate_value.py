"""How good expected amounts and the CSAT of everybody are: on CDNOW, on simulated companies, and against known truth.

The part of `make evaluate` about value and satisfaction. `peer` is what the best simple rule, BG/NBD with gamma-gamma
amounts, or the truth itself reaches.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks import bg_nbd, gamma_gamma
from benchmarks.evaluate_churn import CUTOFF, DATA, HORIZONS, example
from benchmarks.results_table import Row, compared
from features.history import HISTORY_TABLES
from features.windows import DAY_US, Window, micros_of
from interactions.demo.company import simulate
from training import value
from training.csat import csat
from training.observed import Observed, observe, observed_workspace
from training.value_orders import Ordered, ordered, ordered_workspace
from training.value_quality import ranked, value_quality
from workspace.engine import arrow_tables, connect
from workspace.tables import TABLES

Floats = npt.NDArray[np.float64]

# Companies whose every contact's satisfaction is known: enough to tell 95 % from 90 %.
_COMPANIES, _CONTACTS = 100, 2_000
_CSAT_AT = datetime(2026, 7, 1, tzinfo=UTC)
_RESAMPLES = 1_000


def rows(seeds: int, customers: int) -> list[Row]:
    """All figures: CDNOW where it is present, `seeds` simulated companies of `customers`, the CSAT's coverage."""
    found = [*_cdnow(datetime(1998, 4, 1, 5, tzinfo=UTC), 90), *_cdnow(datetime(1997, 10, 1, 4, tzinfo=UTC), 273)]
    for seed in range(1, seeds + 1):
        found += _company(seed, customers)
    return [*found, *_csat_coverage()]


def _company(seed: int, customers: int) -> list[Row]:
    """The simulated company of the demo."""
    company = simulate(customers=customers, days=730, seed=seed, end=CUTOFF.date(), timezone="UTC")
    end = datetime.combine(CUTOFF.date() + timedelta(days=1), datetime.min.time(), UTC)
    tables = {**company.tables, "message_signals": TABLES["message_signals"].schema.empty_table()}
    with _observed(tables, Window(end)) as (observed, orders):
        moments = value.prepare(observed, orders, HORIZONS)
        verdict = value.judge(observed, orders, moments)
    return _beside(f"simulated company, seed {seed}, {verdict.truth.size:,} judged", verdict)


def _beside(name: str, verdict: value.ValueVerdict) -> list[Row]:
    """The model's figures beside the best rule's, and how often chance alone would explain them."""
    model, rule = value_quality(verdict.truth, verdict.said), verdict.rules[verdict.grade.rule]
    theirs = value_quality(verdict.truth, rule)
    label = f"{name}, grade {verdict.letter}, beside {verdict.grade.rule}"
    figures = [
        compared(label, model[measure], unit, theirs[measure])
        for measure, unit in (
            ("gini", "Gini of amounts"),
            ("top_tenth_share", "of all orders, in the top tenth"),
            ("spearman", "Spearman"),
            ("mae", "mean distance; at most"),
            ("bias", "total expected / ordered - 1"),
        )
    ]
    return [*figures, compared(label, verdict.grade.interval[0], "gain of the grade, lower end of 95 %; above", 0.0)]


def _cdnow(judged_at: datetime, horizon_days: int) -> list[Row]:
    """Everybody known at the moment, what they order afterwards; beside BG/NBD x gamma-gamma fitted before it."""
    if not (DATA / "cdnow").is_dir():
        return []
    with example("cdnow", ["cdnow/CDNOW_master.txt"], "orders") as workspace:
        window = Window(judged_at + timedelta(days=horizon_days), 365, 300, "orders")
        orders = ordered_workspace(workspace, window)
        with observed_workspace(workspace, window) as observed:
            moments = value.prepare(observed, orders, (horizon_days,))
            verdict = value.judge(observed, orders, moments)
            ids = observed.features_at(moments.judged)["customer_id"]
    peer = _published(orders, ids, judged_at, horizon_days)
    name = f"CDNOW, {judged_at.date()}, {horizon_days} days, outcomes of {moments.label_days:.0f}"
    ours, theirs = value_quality(verdict.truth, verdict.said), value_quality(verdict.truth, peer)
    beside = f"{name}, beside BG/NBD x gamma-gamma"
    return [
        *_beside(name, verdict),
        compared(beside, ours["gini"], "Gini of amounts", theirs["gini"]),
        compared(beside, ours["top_tenth_share"], "of all orders, in the top tenth", theirs["top_tenth_share"]),
        compared(beside, ours["spearman"], "Spearman", theirs["spearman"]),
        compared(beside, ours["bias"], "total expected / ordered - 1", theirs["bias"]),
        compared(beside, _paired_lower(verdict.truth, verdict.said, peer), "Gini gained, lower end of 95 %", None),
    ]


def _published(orders: Ordered, ids: pa.ChunkedArray, judged_at: datetime, horizon_days: int) -> Floats:
    """BG/NBD expected orders x gamma-gamma expected amount, fitted before `judged_at`; a day is an order."""
    end = micros_of(judged_at)
    before = orders.at < end
    code, day = orders.code[before], orders.at[before] // DAY_US
    pairs, place = np.unique(np.column_stack([code, day]), axis=0, return_inverse=True)
    amounts = np.bincount(place.ravel(), weights=orders.amount[before] / 10_000)
    who, first, count = np.unique(pairs[:, 0], return_index=True, return_counts=True)
    x = count - 1.0
    later = np.ones(len(pairs), dtype=bool)
    later[first] = False
    spent = np.bincount(pairs[later, 0], weights=amounts[later], minlength=len(orders.customers))[who]
    mean = np.where(x > 0, spent / np.maximum(x, 1.0), 0.0)
    began, last = pairs[first, 1], pairs[first + count - 1, 1]
    age = (end / DAY_US - began) / 7
    times = bg_nbd.fit(x, (last - began) / 7, age).expected(x, (last - began) / 7, age, horizon_days / 7)
    expected = np.zeros(len(orders.customers) + 1)
    expected[who] = times * gamma_gamma.fit(x, mean).expected(x, mean)
    places = pc.fill_null(pc.index_in(ids, value_set=orders.customers), -1).to_numpy()
    result: Floats = expected[places]
    return result


def _paired_lower(truth: Floats, ours: Floats, theirs: Floats) -> float:
    random = np.random.default_rng(0)
    one, other = ranked(truth, ours), ranked(truth, theirs)
    even = np.full(truth.size, 1 / truth.size)
    draws = (random.multinomial(truth.size, even).astype(np.float64) for _ in range(_RESAMPLES))
    return float(np.quantile([one(weight)[0] - other(weight)[0] for weight in draws], 0.025))


@dataclass(frozen=True)
class _Told:
    """Contacts of which everybody's satisfaction is known, though few told it."""

    contacts: pa.Table
    truth: float


def _csat_coverage() -> list[Row]:
    """Who waits long is less satisfied and tells it more often: how often the 95 % interval holds what all felt."""
    hits, far, plain = 0, [], []
    for seed in range(_COMPANIES):
        told = _told(seed)
        found = csat(told.contacts, _CSAT_AT)
        hits += found.interval[0] <= told.truth <= found.interval[1]
        far.append(abs(found.everybody - told.truth))
        plain.append(abs(found.answered - told.truth))
    name = f"CSAT of everybody, {_COMPANIES} simulated companies"
    return [
        compared(name, hits / _COMPANIES, "share of 95 % intervals that hold the truth", 0.95),
        compared(
            name, float(np.mean(far)), "mean distance to the truth; peer: of those who rated", float(np.mean(plain))
        ),
    ]


def _told(seed: int) -> _Told:
    random = np.random.default_rng(seed)
    wait = random.exponential(300_000, _CONTACTS)
    content = random.random(_CONTACTS) > 1 / (1 + np.exp(2.0 - wait / 200_000))
    answers = random.random(_CONTACTS) < np.where(wait > 300_000, 0.5, 0.1)
    rating = np.where(content, random.integers(4, 6, _CONTACTS), random.integers(1, 4, _CONTACTS))
    at = micros_of(_CSAT_AT) - random.integers(1, 80 * DAY_US, _CONTACTS)
    nothing = {
        name: pa.nulls(_CONTACTS, kind)
        for name, kind in (
            *((name, pa.string()) for name in ("kind", "outcome")),
            *(("response_us", pa.int64()), ("reopened", pa.bool_()), ("sentiment", pa.float64())),
        )
    }
    contacts = pa.table(
        {
            **nothing,
            "interaction_id": [f"i{number:05d}" for number in range(_CONTACTS)],
            "customer_id": [f"c{number}" for number in random.integers(0, _CONTACTS // 2, _CONTACTS)],
            "at_us": at,
            "rated_us": pa.array(at + 1, mask=~answers),
            "channel": random.choice(["phone", "email"], _CONTACTS).tolist(),
            "wait_ms": wait.astype(np.int64),
            "is_resolved": [True] * _CONTACTS,
            "satisfaction": pa.array(rating, mask=~answers),
        }
    )
    return _Told(contacts, float(content.mean()))


@contextmanager
def _observed(tables: dict[str, pa.Table], window: Window) -> Iterator[tuple[Observed, Ordered]]:
    backend = connect()
    try:
        lake = arrow_tables(backend, {name: tables[name] for name in HISTORY_TABLES})
        yield observe(lake, window), ordered(lake, window)
    finally:
        backend.disconnect()
