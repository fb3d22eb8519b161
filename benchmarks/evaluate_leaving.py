"""How good risks of leaving by a date are, where the true ones are known: the part of `make evaluate` about left_at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from benchmarks import known_leaving
from benchmarks.evaluate_churn import beside_truth
from benchmarks.results_table import Row
from features.history import HISTORY_TABLES
from features.windows import Window
from training import churn
from training.observed import observe
from workspace.engine import arrow_tables, connect

CUTOFF = datetime(2026, 8, 1, 16, tzinfo=UTC)
HORIZONS = (30, 60, 90)
# Of so many customers nearly half are there and active at the cutoff, and so judged.
_JUDGED_SHARE = 0.45


def rows(seeds: int, customers: int) -> list[Row]:
    """Beside the truth, in each of `seeds` companies: AUC, and calibration within what a right model's noise allows."""
    return [row for seed in range(1, seeds + 1) for row in _known(seed, customers)]


def _known(seed: int, customers: int) -> list[Row]:
    company = known_leaving.simulate(round(customers / _JUDGED_SHARE), seed, CUTOFF)
    backend = connect()
    try:
        tables = arrow_tables(backend, {name: company.tables[name] for name in HISTORY_TABLES})
        observed = observe(tables, Window(CUTOFF + timedelta(days=90), event="left_at"))
        setting = churn.prepare(observed, HORIZONS, until_judged=True)
        verdict = churn.judge(setting)
        place = dict(zip(company.customers, company.risk(90).tolist(), strict=True))
        ids = setting.maker.active(setting.plan.judged)["customer_id"].to_pylist()
    finally:
        backend.disconnect()
    known = np.array([place[one] for one in ids])
    name = f"known risks of leaving, seed {seed}, grade {verdict.letter}"
    return beside_truth(name, verdict.judged.truth, verdict.judged.risk, known)
