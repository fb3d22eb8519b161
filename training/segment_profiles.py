"""What sets each segment apart, as the lake keeps it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa

from training.bundle.matrix import column
from training.bundle.rowwise import Floats
from training.bundle.segments import SegmentModel
from training.segmentation import profiles
from workspace.tables import SEGMENT_PROFILES


def profile_table(features: pa.Table, scores: pa.Table, model: SegmentModel) -> pa.Table:
    """A row for each segment that has customers, in the SEGMENT_PROFILES schema, by segment_id.

    features, scores: rows of the same customers in the same order, at one cutoff.
    """
    segments: list[str | None] = scores["segment_id"].to_pylist()
    labels = np.asarray(segments, dtype=object)
    risk, value = column(scores, "churn_90"), column(scores, "value")
    segmented = sum(segment is not None for segment in segments)
    rows: list[dict[str, Any]] = []
    for segment, profile in profiles(features, segments).items():
        inside = labels == segment
        rows.append(
            {
                "segment_id": segment,
                "cutoff": features["cutoff"][0].as_py(),
                "segments_version": model.version,
                "name_en": model.names[segment]["en"],
                "name_zh": model.names[segment]["zh"],
                "customers": int(inside.sum()),
                "share": float(inside.sum() / segmented),
                "churn_90_mean": _mean(risk[inside]),
                "value_mean": _mean(value[inside]),
                "profile": json.dumps(profile),
            }
        )
    return pa.Table.from_pylist(rows, SEGMENT_PROFILES.schema)


def _mean(values: Floats) -> float | None:
    known = values[~np.isnan(values)]
    return float(np.mean(known)) if known.size else None
