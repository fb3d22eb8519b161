"""How customers moved between segments within a month: the same model, at two cutoffs."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pyarrow as pa

from training.bundle.segments import SegmentModel

MONTH = timedelta(days=30)


def flow(earlier: pa.Table, later: pa.Table, model: SegmentModel) -> dict[str, Any]:
    """{since, until, moves: [{from_id, to_id, customers}]}, the largest moves first, those who stayed among them.

    earlier, later: customer_features at two cutoffs. from_id is null for who was no customer yet, to_id for who is none
    any more (erased, or not to be profiled). Both months are seen with one model, so that a move is a customer's, not
    the model's.
    """
    was = dict(zip(earlier["customer_id"].to_pylist(), model.assign(earlier), strict=True))
    now = dict(zip(later["customer_id"].to_pylist(), model.assign(later), strict=True))
    counted = Counter((was.get(who), now.get(who)) for who in was | now)
    moves = [{"from_id": a, "to_id": b, "customers": count} for (a, b), count in counted.items()]
    return {
        "since": earlier["cutoff"][0].as_py().isoformat(),
        "until": later["cutoff"][0].as_py().isoformat(),
        "moves": sorted(moves, key=lambda move: (-move["customers"], str(move["from_id"]), str(move["to_id"]))),
    }
