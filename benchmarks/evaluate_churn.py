"""How good churn risks are: on real companies, where risks are known exactly, and where there is nothing to learn.

The part of `make evaluate` about churn. `peer` is the figure asked for, or what a rule or the truth itself reaches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from benchmarks import bg_nbd, known_hazard
from benchmarks.results_table import Row, compared
from features.history import HISTORY_TABLES
from features.windows import Window
from interactions.cleaning.clean import clean
from interactions.demo.company import simulate
from interactions.sources.collect import collect
from training import churn, churn_trees, metrics
from training.bootstrap import draws
from training.bundle.matrix import FEATURES
from training.judged import baseline_qualities
from training.labels import Events
from training.observed import Observed, observe, observed_workspace
from workspace.engine import arrow_tables, connect
from workspace.folder import Workspace, open_workspace
from workspace.tables import TABLES

Floats = npt.NDArray[np.float64]

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"
CUTOFF = datetime(2026, 8, 1, 16, tzinfo=UTC)
HORIZONS = (30, 60, 90)
SEEDS = (7, 8, 9, 10, 11)
# Of so many customers of the company of known risks about half are active, and so judged.
_JUDGED_SHARE = 0.5
_SHUFFLES, _SHUFFLED_CUSTOMERS = 20, 6_000
_RESAMPLES = 1_000
_US_A_DAY = 86_400e6


def rows(seeds: int, customers: int) -> list[Row]:
    """All figures: `customers` judged in each of `seeds` companies of known risks; real ones where they are present."""
    found = [*_cdnow(), *_bank_calls()]
    for seed in range(1, seeds + 1):
        found += [*_company(seed, customers), *_known(seed, customers)]
    return [*found, *_nothing_to_learn()]


def _company(seed: int, customers: int) -> list[Row]:
    """The simulated company of the demo, where bad service and silence make customers leave: beside both rules."""
    company = simulate(customers=customers, days=730, seed=seed, end=CUTOFF.date(), timezone="UTC")
    end = datetime.combine(CUTOFF.date() + timedelta(days=1), datetime.min.time(), UTC)
    tables = {**company.tables, "message_signals": TABLES["message_signals"].schema.empty_table()}
    with _observed(tables, Window(end)) as observed:
        verdict = churn.judge(churn.prepare(observed, HORIZONS, until_judged=True))
    truth, risk = verdict.judged.truth, verdict.judged.risk
    name = f"simulated company, seed {seed}, grade {verdict.letter}"
    return [
        compared(f"{name}, beside {rule}", measure(truth, risk), unit, measure(truth, verdict.judged.rankings[rule]))
        for rule in sorted(verdict.judged.rankings)
        for measure, unit in ((metrics.average_precision, "average precision"), (metrics.auc, "AUC"))
    ]


def _known(seed: int, customers: int) -> list[Row]:
    """Beside the truth: AUC within .02, calibration error and slope within what a right model's noise allows."""
    company = known_hazard.simulate(round(customers / _JUDGED_SHARE), seed, CUTOFF)
    with _observed(company.tables, Window(CUTOFF + timedelta(days=90))) as observed:
        setting = churn.prepare(observed, HORIZONS, until_judged=True)
        judged = churn.judge(setting).judged
        place = dict(zip(company.customers, company.risk(90).tolist(), strict=True))
        ids = setting.maker.active(setting.plan.judged)["customer_id"].to_pylist()
    known = np.array([place[one] for one in ids])
    return beside_truth(f"known risks, seed {seed}", judged.truth, judged.risk, known)


def beside_truth(name: str, truth: Floats, risk: Floats, known: Floats) -> list[Row]:
    """Outcomes and risks, all [n], beside the risks that are known to be true."""
    count, share = truth.size, float(truth.mean())
    noise = count * share * (1 - share)
    name = f"{name}, {count:,} judged"
    return [
        compared(name, metrics.auc(truth, risk), "AUC", metrics.auc(truth, known)),
        compared(
            name,
            metrics.calibration_error(truth, risk),
            "calibration error; at most",
            0.005 + float(np.sqrt(10 * share * (1 - share) / count)),
        ),
        compared(
            name,
            abs(metrics.calibration_slope(truth, risk) - 1),
            "|calibration slope - 1|; at most",
            0.05 + 2.5 / float(np.sqrt(noise)),
        ),
    ]


def _nothing_to_learn() -> list[Row]:
    """Labels of other customers, in training and judging: how often a grade of A or B; and recency alone."""
    company = known_hazard.simulate(_SHUFFLED_CUSTOMERS, 99, CUTOFF)
    with _observed(company.tables, Window(CUTOFF + timedelta(days=90))) as observed:
        graded = [
            _grade(replace(observed, events=_Shuffled.of_events(observed.events, seed))) for seed in range(_SHUFFLES)
        ]
        alone = _grade(_recency_alone(observed))
    return [
        compared("labels shuffled", sum(one in ("A", "B") for one in graded), f"A or B of {_SHUFFLES}; at most", 1),
        compared("recency alone", float(alone == "A"), "A; at most", 0),
    ]


def _grade(observed: Observed) -> str | None:
    return churn.judge(churn.prepare(observed, HORIZONS, until_judged=True)).letter


@dataclass(frozen=True)
class _Shuffled(Events):
    """Every customer with what happened to another, another one at every cutoff."""

    seed: int = 0

    @classmethod
    def of_events(cls, events: Events, seed: int) -> _Shuffled:
        return cls(events.customers, events.code, events.at, events.leaving, seed)

    def first_from(self, cutoff_us: int) -> npt.NDArray[np.int64]:
        found = super().first_from(cutoff_us)
        found[:-1] = np.random.default_rng((self.seed, cutoff_us)).permutation(found[:-1])
        return found


def _recency_alone(observed: Observed) -> Observed:
    """All other features unknown, but for the frequency that the rule needs: that becomes a function of recency."""

    def features_at(cutoff: datetime) -> pa.Table:
        table = observed.features_at(cutoff)
        recency = table["recency_days"].to_numpy()
        for name in set(FEATURES) - {"recency_days"}:
            place, kind = table.schema.get_field_index(name), table.schema.field(name).type
            known = pa.array(np.round(1_000 / (1 + recency)).astype(np.int64))
            table = table.set_column(place, name, known if name == "frequency" else pa.nulls(table.num_rows, kind))
        return table

    return replace(observed, features_at=features_at)


def _cdnow() -> list[Row]:
    """All customers at 1997-10-01, any order in the 273 days after; the mean of five seeds, beside BG/NBD."""
    if not (DATA / "cdnow").is_dir():
        return []
    judged_at = datetime(1997, 10, 1, 4, tzinfo=UTC)
    with example("cdnow", ["cdnow/CDNOW_master.txt"], "orders") as workspace:
        window = Window(judged_at + timedelta(days=273), 365, 300, "orders")
        with observed_workspace(workspace, window) as observed:
            setting = churn.prepare(observed, (273,), until_judged=True)
            found = [_seeded(seed, lambda: churn.judge(setting).judged) for seed in SEEDS]
            ids = setting.maker.active(setting.plan.judged)["customer_id"]
            returns = _bg_nbd(observed.events, ids, judged_at)
    truth = found[0].truth
    theirs = 1 - returns
    lower = min(_paired_lower(truth, judged.risk, theirs) for judged in found)
    recency = baseline_qualities(found[0])["recency"]["auc"]
    name = "CDNOW, 273 days, five seeds"
    return [
        compared(name, _mean([metrics.auc(truth, one.risk) for one in found]), "AUC; at least", 0.768),
        compared(name, _mean([metrics.brier(truth, one.risk) for one in found]), "Brier; at most", 0.161),
        compared("CDNOW, BG/NBD", metrics.auc(truth, theirs), "AUC", None),
        compared("CDNOW, BG/NBD", metrics.brier(truth, theirs), "Brier", None),
        compared("CDNOW, recency", recency, "AUC", None),
        compared("CDNOW, beside BG/NBD", lower, "AUC gained, lower end of 95 %; above", 0.0),
    ]


def _bank_calls() -> list[Row]:
    """Callers of January who don't call in February, learned on labels that end on 31 January."""
    if not (DATA / "bank_calls_1999").is_dir():
        return []
    files = [f"bank_calls_1999/{month}1999.txt" for month in ("january", "february")]
    with example("bank_calls", files, "interactions") as workspace:
        window = replace(
            Window.from_settings(workspace.settings, datetime(1999, 2, 28, 22, tzinfo=UTC)), active_days=31
        )
        with observed_workspace(workspace, window) as observed:
            found = [
                _seeded(seed, lambda: churn.judge(churn.prepare(observed, (28,), until_judged=True))) for seed in SEEDS
            ]
    rules = baseline_qualities(found[0].judged)
    best = max(rules, key=lambda rule: float(rules[rule]["auc"]))
    ours = _mean([metrics.auc(one.judged.truth, one.judged.risk) for one in found])
    name = f"bank calls, served: {found[0].served}"
    return [
        compared(name, ours, "AUC; at least", 0.675),
        compared(name, float(rules[best]["auc"]) - ours, f"AUC below {best}; at most", 0.005),
    ]


def _seeded(seed: int, work: Callable[[], Any]) -> Any:
    """`work` with another seed of the trees."""
    usual = churn_trees.PARAMETERS["seed"]
    churn_trees.PARAMETERS["seed"] = seed
    try:
        return work()
    finally:
        churn_trees.PARAMETERS["seed"] = usual


def _bg_nbd(events: Events, ids: pa.ChunkedArray, judged_at: datetime) -> Floats:
    """1 - exp(-expected orders in 273 days) by BG/NBD fitted on days with an order before `judged_at`, [ids]."""
    end = int(judged_at.timestamp() * 1e6)
    days = events.at // int(_US_A_DAY)
    before = events.at < end
    pairs = np.unique(np.column_stack([events.code[before], days[before]]), axis=0)
    who, begin, count = np.unique(pairs[:, 0], return_index=True, return_counts=True)
    first, last = pairs[begin, 1], pairs[begin + count - 1, 1]
    x, t_x, age = count - 1.0, (last - first) / 7, (end / _US_A_DAY - first) / 7
    model = bg_nbd.fit(x, t_x, age)
    returns = np.full(len(events.customers), np.nan)
    returns[who] = 1 - np.exp(-model.expected(x, t_x, age, 39.0))
    result: Floats = returns[events.place(ids)]
    return result


def _paired_lower(truth: Floats, ours: Floats, theirs: Floats) -> float:
    """Lower end of the 95 % interval of the difference in AUC, the same customers drawn for both."""
    our_auc, their_auc = metrics.Ranked(truth, ours).auc, metrics.Ranked(truth, theirs).auc
    differences = [our_auc(weight) - their_auc(weight) for weight in draws(truth.size, _RESAMPLES)]
    return float(np.quantile(differences, 0.025))


@contextmanager
def _observed(tables: dict[str, pa.Table], window: Window) -> Iterator[Observed]:
    backend = connect()
    try:
        yield observe(arrow_tables(backend, {name: tables[name] for name in HISTORY_TABLES}), window)
    finally:
        backend.disconnect()


@contextmanager
def example(name: str, files: Sequence[str], table: str) -> Iterator[Workspace]:
    """A workspace with a real company, collected and cleaned by its example's mapping."""
    with TemporaryDirectory() as folder:
        copy(ROOT / "examples" / name / "rapport.toml", Path(folder) / "rapport.toml")
        workspace = open_workspace(Path(folder))
        collect(workspace, [DATA / file for file in files], table, ROOT / "examples" / name / f"{name}.toml")
        clean(workspace)
        yield workspace


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))
