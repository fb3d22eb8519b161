"""How satisfied customers are, those who did not answer included. It concerns the whole company and no customer."""

from typing import Any

from serving.answers.forms import moment
from serving.callers import Caller
from serving.snapshot import Snapshot

_FIGURES = ("period_days", "contacts", "rated", "answered", "everybody", "served", "judged", "brier", "brier_of_mean")


def satisfaction(snapshot: Snapshot, _caller: Caller) -> dict[str, Any]:
    """`answered`: share of ratings of 4 and 5; `everybody`: the same of all contacts, ratings not given as predicted,
    with its 95 % `interval`. `served` says whether a model predicts, or the mean of answers. Null with too few ratings.
    """
    table = snapshot.tables.get("satisfaction_estimate")
    row = table.to_pylist()[0] if table is not None and table.num_rows else {}
    return {
        "version": snapshot.version,
        "cutoff": moment(snapshot.cutoff),
        **{name: row.get(name) for name in _FIGURES},
        "interval": [row["lower_95"], row["upper_95"]] if row else None,
    }
