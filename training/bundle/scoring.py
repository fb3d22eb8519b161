"""Scores of customers: the one function that batch and service call, giving the same bits to both."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from training.bundle.churn import ChurnModel
from training.bundle.expected_value import ValueModel
from training.bundle.matrix import column, matrix
from training.bundle.rowwise import Floats
from training.bundle.segments import SegmentModel
from workspace.tables import CUSTOMER_SCORES

RISKS = ("churn_30", "churn_60", "churn_90")
_OF_A_RISK = ("risk_band", "median_days", "reasons", "risk_start", "risk_others")
# What training.what_changed adds where there was a score before.
_COMPARED = tuple(
    name for name in CUSTOMER_SCORES.schema.names if name.startswith(("compared", "changed", "risk_before"))
)
# The parts of a customer's value, by the feature each is the rank of.
VALUE_PARTS = {"income": "income", "frequency": "order_count", "loyalty": "tenure_days"}
# Of a part that isn't known the middle is assumed, when others are.
_MIDDLE = 0.5


def score(
    features: pa.Table,
    churn: ChurnModel | None,
    segments: SegmentModel | None,
    worth: ValueModel | None = None,
    left: Collection[str] = (),
) -> pa.Table:
    """Scores in the CUSTOMER_SCORES schema, a row for each row of a customer_features table, in its order.

    churn_30, churn_60 and churn_90 are the risks at the first, second and last of the model's horizons (ChurnModel's
    risk_days; the last one repeated where there are fewer); null for who is not active, and where there is no model.
    `left`: customers known to have left before the cutoff, who are not active where churn is by date. What compares
    with an earlier score is null: training.what_changed says it.
    """
    rows = features.num_rows
    columns: dict[str, Any] = {
        "customer_id": features["customer_id"],
        "cutoff": features["cutoff"],
        "churn_version": [churn.version if churn else None] * rows,
        "segments_version": [segments.version if segments else None] * rows,
        "segment_id": segments.assign(features) if segments else [None] * rows,
        **_risks(features, churn, left),
        "value": _nulls(value(features, segments)),
        "satisfaction": _nulls(satisfaction(features)),
        "value_version": [worth.version if worth else None] * rows,
        "expected_value": worth.expected(features).tolist() if worth else [None] * rows,
        **dict.fromkeys(_COMPARED, [None] * rows),
    }
    arrays = [
        pa.array(columns[name], field.type) if isinstance(columns[name], list) else columns[name]
        for name, field in zip(CUSTOMER_SCORES.schema.names, CUSTOMER_SCORES.schema, strict=True)
    ]
    return pa.table(arrays, names=CUSTOMER_SCORES.schema.names).cast(CUSTOMER_SCORES.schema)


def value(features: pa.Table, segments: SegmentModel | None) -> Floats:
    """Income x purchase frequency x loyalty, each its rank on [0, 1] among the customers of the training; [rows].

    Loyalty is tenure_days. An income that isn't known counts as the middle one; NaN where the training saw no orders.
    """
    result = np.ones(features.num_rows)
    for part in value_parts(features, segments).values():
        result = result * part
    return result


def value_parts(features: pa.Table, segments: SegmentModel | None) -> dict[str, Floats]:
    """The factors of `value`: income, frequency and loyalty, each [rows]; NaN where the training saw no orders."""
    ranks: Mapping[str, Sequence[float]] = segments.manifest["value_ranks"] if segments else {}
    if "order_count" not in ranks:
        return {part: np.full(features.num_rows, np.nan) for part in VALUE_PARTS}
    return {part: _rank(column(features, name), ranks.get(name)) for part, name in VALUE_PARTS.items()}


def satisfaction(features: pa.Table) -> Floats:
    """Mean of what is known of rating, sentiment and 1 - complaint rate, each on [0, 1]; [rows].

    NaN where neither a rating nor a sentiment is known: having complained of nothing says little alone.
    """
    rating = (column(features, "rating_mean") - 1.0) / 4.0
    sentiment = (column(features, "sentiment_mean") + 1.0) / 2.0
    calm = 1.0 - column(features, "complaint_share")
    total, known = np.zeros(features.num_rows), np.zeros(features.num_rows)
    for part in (rating, sentiment, calm):
        total = total + np.where(np.isnan(part), 0.0, part)
        known = known + ~np.isnan(part)
    heard = ~(np.isnan(rating) & np.isnan(sentiment))
    return np.where(heard, total / np.maximum(known, 1.0), np.nan)


def _risks(features: pa.Table, churn: ChurnModel | None, left: Collection[str]) -> dict[str, list[Any]]:
    if churn is None:
        nothing: list[Any] = [None] * features.num_rows
        return {"active": nothing, **dict.fromkeys((*RISKS, *_OF_A_RISK), nothing)}
    active = column(features, "recency_days") <= churn.active_days
    if churn.by_date and left:
        gone = pc.is_in(features["customer_id"], pa.array(sorted(left), pa.string()))
        active &= ~gone.to_numpy(zero_copy_only=False)
    chosen = features.filter(pa.array(active))
    data = matrix(chosen, churn.features)
    cutoffs = chosen["cutoff"].to_numpy()
    curve = churn.curve(data, cutoffs)
    found = churn.reasons(data, cutoffs=cutoffs)
    risks = {
        name: _spread(active, curve[:, place].tolist()) for name, place in zip(RISKS, churn.risk_places, strict=True)
    }
    about: dict[str, list[Any]] = {
        "risk_band": churn.risk_bands(curve[:, -1]),
        "median_days": _nulls(churn.median_days(data, cutoffs)),
        "reasons": [json.dumps(reasons.strongest) for reasons in found],
        "risk_start": [reasons.start for reasons in found],
        "risk_others": [reasons.others for reasons in found],
    }
    return {"active": active.tolist(), **risks, **{name: _spread(active, about[name]) for name in _OF_A_RISK}}


def _spread(active: Any, values: Sequence[Any]) -> list[Any]:
    """`values` of the active rows at their places, null elsewhere."""
    remaining = iter(values)
    return [next(remaining) if chosen else None for chosen in active.tolist()]


def _rank(values: Floats, ranks: Sequence[float] | None) -> Floats:
    """Place of values among rising `ranks` on [0, 1]; the middle for what isn't known."""
    if ranks is None:
        return np.full(values.size, _MIDDLE)
    known = np.where(np.isnan(values), ranks[0], values)
    below = np.searchsorted(ranks, known, side="left")
    up_to = np.searchsorted(ranks, known, side="right")
    # Equal ranks: the middle of them, as for any ties.
    place = (below + up_to) / (2.0 * len(ranks))
    return np.where(np.isnan(values), _MIDDLE, place)


def _nulls(values: Floats) -> list[float | None]:
    return [None if np.isnan(value) else value for value in values.tolist()]
