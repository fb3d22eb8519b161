"""How good the models are on simulated companies, judged on truth no model saw: `make evaluate`.

Prints a table and writes benchmarks/results/evaluate.json, a list of {name, value, unit, peer, ratio}: `value` is the
model's, `peer` that of a simple rule (recency, frequency, seasonal naive) or of the classifier that knows
the true parameters (segments).
`--customers 3000 --seeds 1` is a quick look; the default is 20,000 customers and five seeds.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sklearn.metrics import adjusted_rand_score

from benchmarks.results_table import Row, compared, show, write
from features.history import HISTORY_TABLES
from features.volume import volume_of
from features.windows import Window
from interactions.demo.classifier import true_parameter_classifier
from interactions.demo.company import Company, simulate
from training import churn, segmentation
from training.judged import baseline_qualities, quality
from training.observed import Observed, observe
from training.volume_backtest import backtest_volume
from workspace.engine import arrow_tables, connect
from workspace.progress import silent
from workspace.settings import Company as CompanySettings
from workspace.tables import TABLES

ZONE = "Asia/Shanghai"
END = date(2026, 10, 31)
HORIZONS = (30, 60, 90)


def main(arguments: Sequence[str] | None = None) -> int:
    """Evaluate, print, write; 1 when churn is not above a rule in some seed, or volume not below on some channel."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--days", type=int, default=730)
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args(arguments)
    rows: list[Row] = []
    for seed in range(1, options.seeds + 1):
        begun = time.perf_counter()
        rows += evaluate(options.customers, options.days, seed)
        sys.stdout.write(f"seed {seed}: {time.perf_counter() - begun:.0f} s\n")
    rows += _summary(rows)
    show(rows, "Simulated companies", digits=4)
    write("evaluate", rows)
    clearly_above = all(row["ratio"] > 1 for row in rows if row["unit"] == "average precision")
    below = all(row["ratio"] < 1 for row in rows if row["unit"] == "WAPE")
    return 0 if clearly_above and below else 1


def evaluate(customers: int, days: int, seed: int) -> list[Row]:
    """The rows of one simulated company of that many customers, of whom the active ones are judged."""
    company = simulate(customers=customers, days=days, seed=seed, end=END, timezone=ZONE)
    end = datetime.combine(END + timedelta(days=1), datetime.min.time(), ZoneInfo(ZONE)).astimezone(UTC)
    backend = connect()
    try:
        tables = {**company.tables, "message_signals": TABLES["message_signals"].schema.empty_table()}
        named = arrow_tables(backend, {name: tables[name] for name in HISTORY_TABLES})
        observed = observe(named, Window(end))
        counts = volume_of({**named, **_no_history(backend)}, CompanySettings(timezone=ZONE), end, "day")
        return [
            *_churn(observed, seed),
            *_segments(observed.features_at(end), company, seed),
            *_volume(counts, seed),
        ]
    finally:
        backend.disconnect()


def _churn(observed: Observed, seed: int) -> list[Row]:
    setting = churn.prepare(observed, HORIZONS, silent, until_judged=True)
    verdict = churn.judge(setting)
    judged = verdict.judged
    ours = quality(judged.truth, judged.risk, judged.risk)
    rules = baseline_qualities(judged)
    best = max(rules, key=lambda rule: float(rules[rule]["average_precision"]))
    found = [
        compared(f"churn, seed {seed}, beside {rule}", ours[measure], unit, rules[rule][measure])
        for rule in sorted(rules)
        for measure, unit in (("average_precision", "average precision"), ("auc", "AUC"))
    ]
    return [
        *found,
        compared(f"churn, seed {seed}, grade {verdict.letter}", verdict.grade.gain, "gain", None),
        compared(f"churn, seed {seed}, beside {best}", ours["brier"], "Brier", rules[best]["brier"]),
        compared(f"churn, seed {seed}", ours["calibration_slope"], "calibration slope", 1.0),
        compared(f"churn, seed {seed}", ours["calibration_error"], "calibration error", None),
    ]


def _segments(features: pa.Table, company: Company, seed: int) -> list[Row]:
    found = segmentation.train_segments(features)
    truth = company.truth["customers"]
    place = pc.index_in(features["customer_id"], value_set=truth["customer_id"].combine_chunks()).to_numpy()
    planted = truth["segment"].to_numpy()[place]
    knowing = true_parameter_classifier(company)[place]
    assigned = np.array(found.model.assign(features))
    clustered = ~np.isin(assigned, found.model.rules)
    everybody = np.ones(planted.size, dtype=bool)
    return [
        compared(f"segments, seed {seed}, k {len(found.model.centroids)}, {who}", ours, "adjusted Rand", peer)
        for who, chosen in (("all customers", everybody), ("clustered customers", clustered))
        for ours, peer in [_rand(planted[chosen], assigned[chosen], knowing[chosen])]
    ]


def _no_history(backend: Any) -> dict[str, Any]:
    return arrow_tables(backend, {"volume_history": TABLES["volume_history"].schema.empty_table()})


def _volume(counts: pa.Table, seed: int) -> list[Row]:
    judged = backtest_volume(counts, grain="day", horizon=14, windows=13)
    return [
        compared(f"volume, seed {seed}, {name}", found["wape"], "WAPE", found["baselines"]["seasonal_naive"]["wape"])
        for name, found in judged["channels"].items()
    ]


def _rand(planted: Any, ours: Any, knowing: Any) -> tuple[float, float]:
    return float(adjusted_rand_score(planted, ours)), float(adjusted_rand_score(planted, knowing))


def _summary(rows: Sequence[Row]) -> list[Row]:
    """The mean and the least ratio of average precision over the seeds."""
    ratios = [row["ratio"] for row in rows if row["unit"] == "average precision"]
    return [compared("churn, all seeds, least", min(ratios), "ratio of average precision", 1.0)]


if __name__ == "__main__":
    sys.exit(main())
