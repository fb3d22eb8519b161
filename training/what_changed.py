"""Why a customer's risk differs from the one before: corrections, time passing, new data, another model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from features.corrected import corrected
from features.fills import Fills
from features.table import customer_features
from features.windows import Window
from training.bundle.churn import ChurnModel
from training.bundle.matrix import column, matrix
from training.bundle.rowwise import Floats

if TYPE_CHECKING:
    import ibis

# In the order of the steps from the score before to this one.
PARTS = ("corrections", "time", "new_data", "model")
RISK = "churn_90"


@dataclass(frozen=True)
class Scored:
    """One scoring: customers' risks as stored (customer_id, churn_90), its cutoff, and the model they came from."""

    scores: pa.Table
    cutoff: datetime
    model: ChurnModel


def what_changed(
    tables: Mapping[str, ibis.Table], window: Window, features: pa.Table, before: Scored, now: Scored, fills: Fills = ()
) -> pa.Table:
    """customer_id, compared_with, risk_before and changed_by_* in points of probability, a row for each of now.scores.

    The risk is carried from the one before to the one now in four steps, so that risk_before + the four parts = the
    risk now: what is known by now of the time before (corrections), the later cutoff without anything new (time), what
    happened in between (new_data), and the model of now on the same features (model). `features` and `window` are those
    of now.cutoff.
    Null for who has no risk at one of the two cutoffs.
    """
    past = corrected(tables, before.cutoff, now.cutoff)
    earlier = Window(before.cutoff, window.observation_days, window.active_days, window.event)
    ids = now.scores["customer_id"]
    first = _of(ids, before.scores["customer_id"], column(before.scores, RISK))
    last = column(now.scores, RISK)
    steps = [
        first,
        _risk(ids, before.model, customer_features(past, earlier, fills)),
        _risk(ids, before.model, customer_features(past, window, fills)),
        _risk(ids, before.model, features),
        last,
    ]
    known: npt.NDArray[np.bool_] = np.asarray(~np.isnan(np.column_stack(steps)).any(axis=1))
    columns: dict[str, Any] = {
        "customer_id": ids,
        "compared_with": pa.array([before.cutoff if one else None for one in known], pa.timestamp("us", tz="UTC")),
        "risk_before": _shown(first, known),
    }
    for part, start, end in zip(PARTS, steps, steps[1:], strict=False):
        columns[f"changed_by_{part}"] = _shown(end - start, known)
    return pa.table(columns)


def _risk(ids: pa.ChunkedArray, model: ChurnModel, features: pa.Table) -> Floats:
    """Risk at the last horizon of the customers `ids` by their features, NaN for who has none."""
    curve = model.curve(matrix(features, model.features), features["cutoff"].to_numpy())
    return _of(ids, features["customer_id"], curve[:, -1])


def _of(ids: pa.ChunkedArray, known: pa.ChunkedArray, values: Floats) -> Floats:
    place = pc.fill_null(pc.index_in(ids, value_set=known.combine_chunks()), -1).to_numpy()
    result: Floats = np.where(place >= 0, np.append(values, np.nan)[place], np.nan)
    return result


def _shown(values: Floats, known: npt.NDArray[np.bool_]) -> pa.Array:
    return pa.array(np.where(known, values, np.nan), pa.float64(), from_pandas=True)
