"""What training costs beside the bare calls within it: `make bench-training`.

Half a million customers of a simulated company, six cutoffs before the judged one. `value` is the time of the training,
`peer` the time inside `lightgbm.train`, or `KMeans.fit`, on the same matrices, `ratio` the one over the other; features
are computed before the clock starts, since any model needs them. Peak memory is of the whole process.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
from sklearn.cluster import KMeans

from benchmarks import known_hazard
from benchmarks.bare_calls import seconds_inside
from benchmarks.own_process import peak_gib
from benchmarks.results_table import Row, compared, show, write
from features.history import HISTORY_TABLES
from features.windows import Window
from training import churn, churn_trees, cutoffs
from training.kept_features import KeptFeatures
from training.observed import observe
from training.segmentation import train_segments
from workspace.engine import connect, lake_tables
from workspace.lake import Lake
from workspace.settings import Limits

CUTOFF = datetime(2026, 8, 1, 16, tzinfo=UTC)
HORIZONS = (30, 60, 90)
CUTOFFS = 6


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, print, write benchmarks/results/training.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=500_000)
    options = parser.parse_args(arguments)
    cutoffs.MOST = CUTOFFS
    rows = _churn(options.customers)
    show(rows, "Training", digits=1)
    write("training", rows)
    return 0


def _churn(customers: int) -> list[Row]:
    with TemporaryDirectory(prefix="training-") as temporary:
        lake = Lake(Path(temporary) / "lake")
        # In a process of its own: what making the company takes is none of the training's memory.
        with ProcessPoolExecutor(1, get_context("spawn")) as other:
            other.submit(_make, lake, customers).result()
        return _timed(customers, lake.count("interactions"), lake, temporary)


def _make(lake: Lake, customers: int) -> None:
    """The company's tables go to disk, where a training finds them."""
    tables = known_hazard.simulate(customers, 1, CUTOFF).tables
    for name in HISTORY_TABLES:
        lake.append(name, tables[name])


def _timed(customers: int, contacts: int, lake: Lake, temporary: str) -> list[Row]:
    backend = connect(Limits(), temporary)
    try:
        tables = lake_tables(backend, lake, HISTORY_TABLES)
        observed = observe(tables, Window(CUTOFF + timedelta(days=90)), kept=KeptFeatures(Path(temporary)))
        begun = time.perf_counter()
        churn.prepare(observed, HORIZONS, _said)
        known = time.perf_counter()
        with seconds_inside(churn_trees.lgb, "train") as bare:
            found = churn.train_churn(observed, HORIZONS, progress=_said)
        taken = time.perf_counter() - known
        rows = [
            compared(f"churn, {len(bare)} calls", taken, "s beside bare calls", sum(bare)),
            compared("churn, features before it", known - begun, "s", None),
            _segments(observed.features_at(CUTOFF)),
        ]
    finally:
        backend.disconnect()
    name = f"{customers:,} customers, {contacts:,} contacts, {found.manifest['rows']:,} rows of churn"
    return [*rows, compared(name, peak_gib(), "GiB", 8.0)]


def _segments(features: pa.Table) -> Row:
    begun = time.perf_counter()
    with seconds_inside(KMeans, "fit") as bare:
        train_segments(features)
    return compared(f"segments, {len(bare)} calls", time.perf_counter() - begun, "s beside bare calls", sum(bare))


def _said(text: str, share: float) -> None:
    sys.stderr.write(f"{share:4.0%} {text}\n")


if __name__ == "__main__":
    sys.exit(main())
