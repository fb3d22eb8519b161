"""Permanent segment ids: a retrained cluster keeps the id of the earlier segment it overlaps most with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

# Jaccard below which two groups of customers are not the same segment.
SAME = 0.3


@dataclass(frozen=True)
class Identity:
    """`ids`: the id of each cluster, in order. `next_number`: the number the next new segment will get."""

    ids: list[str]
    next_number: int


def match(
    clusters: Sequence[int], count: int, before: Sequence[str | None], next_number: int, known: Sequence[str]
) -> Identity:
    """Ids for `count` clusters: those of earlier segments where they overlap, new numbers elsewhere.

    clusters, before: today's cluster and earlier segment of the same customers, [customers] (earlier segments by the
    earlier model on today's data). One to one, so that the total overlap is largest (Hungarian method); pairs whose
    Jaccard is below .3 are not matched. Numbers of vanished segments are never given again.
    """
    overlap = np.zeros((count, len(known)))
    labels, earlier = np.asarray(clusters), np.asarray(before, dtype=object)
    for column, segment in enumerate(known):
        was = earlier == segment
        for row in range(count):
            now = labels == row
            union = int((now | was).sum())
            overlap[row, column] = int((now & was).sum()) / union if union else 0.0
    ids: dict[int, str] = {}
    for row, column in zip(*linear_sum_assignment(-overlap), strict=True):
        if overlap[row, column] >= SAME:
            ids[int(row)] = known[int(column)]
    for row in range(count):
        if row not in ids:
            ids[row] = f"s{next_number}"
            next_number += 1
    return Identity([ids[row] for row in range(count)], next_number)
