"""How satisfied customers are, those who did not answer included. It concerns the whole company and no customer."""

from typing import Any

from serving.answers.forms import moment
from serving.callers import Caller
from serving.snapshot import Snapshot

_FIGURES = ("period_days", "contacts", "rated", "answered", "everybody", "served", "judged", "brier", "brier_of_mean")
_OF_A_CHANNEL = ("channel", "contacts", "rated", "answered", "everybody")
_ALL = "all"


def satisfaction(snapshot: Snapshot, _caller: Caller) -> dict[str, Any]:
    """`answered`: share of ratings of 4 and 5; `everybody`: the same of all contacts, ratings not given as predicted,
    with its 95 % `interval`. `served` says whether a model predicts, or the mean of answers. Null with too few ratings.
    `channels`: the same of each channel with contacts and ratings enough.
    """
    table = snapshot.tables.get("satisfaction_estimate")
    rows = table.to_pylist() if table is not None else []
    # A version published by an older Rapport knows all channels together, and doesn't say so.
    every: dict[str, Any] = next((row for row in rows if row.get("channel", _ALL) == _ALL), {})
    return {
        "version": snapshot.version,
        "cutoff": moment(snapshot.cutoff),
        **{name: every.get(name) for name in _FIGURES},
        "interval": _interval(every) if every else None,
        "channels": [
            {**{name: row[name] for name in _OF_A_CHANNEL}, "interval": _interval(row)}
            for row in rows
            if row.get("channel", _ALL) != _ALL
        ],
    }


def _interval(row: dict[str, Any]) -> list[float]:
    return [row["lower_95"], row["upper_95"]]
