"""How good the models are: `make evaluate`. On simulated companies whose truth no model saw; real ones too.

Prints a table a part and writes benchmarks/results/evaluate.json, a list of {name, value, unit, peer, ratio}: `value`
is the model's, `peer` what it is held against: a simple rule, a reference forecast, a classifier that knows the true
parameters, the truth itself, or the figure asked for, as the row's name and unit say.
`--part churn --customers 3000 --seeds 1` is a quick look at one part; the default is every part with 20,000 customers
and five seeds.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence

from benchmarks import (
    evaluate_churn,
    evaluate_leaving,
    evaluate_segments,
    evaluate_text,
    evaluate_value,
    evaluate_volume,
)
from benchmarks.results_table import Row, show, write

PARTS: Mapping[str, Callable[[int, int], list[Row]]] = {
    "churn": evaluate_churn.rows,
    "leaving": evaluate_leaving.rows,
    "value": evaluate_value.rows,
    "volume": evaluate_volume.rows,
    "segments": evaluate_segments.rows,
    "text": evaluate_text.rows,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Evaluate, print, write; 1 when churn is not above a simple rule in some simulated company."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--part", choices=PARTS, action="append", help="one part; again for another (default: all)")
    options = parser.parse_args(arguments)
    rows: list[Row] = []
    for part in options.part or PARTS:
        begun = time.perf_counter()
        found = PARTS[part](options.seeds, options.customers)
        show(found, f"{part}, {time.perf_counter() - begun:.0f} s", digits=4)
        rows += found
    write("evaluate", rows)
    return 0 if all(row["ratio"] > 1 for row in rows if row["unit"] == "average precision") else 1


if __name__ == "__main__":
    sys.exit(main())
