"""Where the segments lie: scales and centroids, fitted afresh or kept from the segments before where they still fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from training import clustering
from training.bundle.rowwise import Floats
from training.bundle.segments import EVERYONE, Scale, SegmentModel
from training.clustering import CANDIDATES, LEAST_GAIN, Clustering, Labels
from training.segment_scales import weighted
from training.shapeless import shapeless
from workspace.progress import Progress

REFERENCES = 3
# The k before is kept until another gains so much more over shapeless data.
CLEARLY_MORE = 0.03
# Centroids start from those before as long as the clusters are not looser by this; they stay where they were as long as
# hardly anybody would move.
STILL_FITS, HARDLY = 0.02, 0.001


@dataclass(frozen=True)
class Layout:
    """`scales`: what the coordinates are; `found`: the clustering in them; `tried`: every k weighed.

    `labels`: cluster of each customer, [rows]; `asked`: k was given, not chosen.
    """

    scales: list[Scale]
    found: Clustering
    labels: Labels
    tried: list[Clustering]
    asked: bool

    @property
    def clear(self) -> bool:
        """Whether customers fall into groups: stable ones, tighter than chance makes them."""
        return self.found.holds

    @property
    def centroids(self) -> Floats:
        """[k, d]; one centroid for everybody where segments are not clear and no k was asked for."""
        if self.clear or self.asked:
            return self.found.centroids
        return np.zeros((1, len(self.scales)))


@dataclass(frozen=True)
class _Placed:
    """Centroids of the points times weights, `scaled`; `scales` of weight 1 made the points."""

    scales: list[Scale]
    points: Floats
    scaled: Floats
    weights: Floats
    centroids: Floats


def lay_out(
    inputs: Mapping[str, Floats],
    scales: Sequence[Scale],
    before: SegmentModel | None,
    count: int | None,
    progress: Progress,
    seed: int = clustering.SEED,
) -> Layout:
    """Scales and centroids of the customers whose `inputs` (behaviour.py) these are; `scales` as fit_scales gives them.

    before: whose k, scales and centroids are kept where they fit; count: the k asked for, instead of a chosen one.
    """
    importance = np.array([scale.weight for scale in scales])
    unit = weighted(scales, np.ones(len(scales)))
    points = _points(unit, inputs)
    random = np.random.default_rng(seed)
    chosen = clustering.drawn(points.shape[0], clustering.SAMPLE, seed)
    sample = {name: values[chosen] for name, values in inputs.items()}
    references = [_points(unit, shapeless(sample, random)) for _ in range(REFERENCES)]
    counts = list(CANDIDATES) if count is None else [count]
    progress("choosing how many segments", 0.1)
    tried = clustering.weigh(points, importance, references, counts, seed)
    progress("placing the segments", 0.6)
    asked = count is not None
    # What is stable in the sample may not be so among all: then the next best k is.
    for best in _in_turn(tried, before):
        placed = _from_before(inputs, points, importance, scales, best, before) or _afresh(
            unit, points, importance, best
        )
        labels = clustering.nearest(placed.scaled, placed.centroids)
        found = clustering.described(placed.points, placed.weights, placed.centroids, labels, best.gain)
        if found.holds or asked:
            break
    labels = labels if found.holds or asked else np.zeros_like(labels)
    return Layout(weighted(placed.scales, placed.weights), found, labels, tried, asked)


def _in_turn(tried: Sequence[Clustering], before: SegmentModel | None) -> list[Clustering]:
    """The k of before first where it still is one, then those that count, the best first; else the best of the rest."""
    kept = _kept_count(tried, before)
    counting = clustering.ranked([found for found in tried if found.holds]) or clustering.ranked(tried)[:1]
    return counting if kept is None else [kept, *counting]


def _afresh(unit: list[Scale], points: Floats, importance: Floats, best: Clustering) -> _Placed:
    weights, centroids = clustering.refined(points, importance, best)
    return _Placed(unit, points, points * weights, weights, centroids)


def _points(scales: Sequence[Scale], inputs: Mapping[str, Floats]) -> Floats:
    return np.column_stack([scale.coordinate(inputs) for scale in scales])


def _kept_count(tried: Sequence[Clustering], before: SegmentModel | None) -> Clustering | None:
    """The clustering of as many segments as before, unless another is clearly better; None to choose afresh."""
    if before is None or EVERYONE in before.centroids:
        return None
    most = max(found.gain for found in tried)
    for found in tried:
        if found.k == len(before.centroids) and found.stable and found.gain >= max(LEAST_GAIN, most - CLEARLY_MORE):
            return found
    return None


def _from_before(
    inputs: Mapping[str, Floats],
    points: Floats,
    importance: Floats,
    scales: Sequence[Scale],
    best: Clustering,
    before: SegmentModel | None,
) -> _Placed | None:
    """Centroids started from those before, in their scales; None where these fit no longer."""
    if before is None or len(before.centroids) != best.k or EVERYONE in before.centroids:
        return None
    if [scale.name for scale in before.scales] != [scale.name for scale in scales]:
        return None
    weights = np.array([scale.weight for scale in before.scales])
    unit = weighted(before.scales, np.ones(len(scales)))
    unweighted = _points(unit, inputs)
    theirs = unweighted * weights
    earlier = np.array(list(before.centroids.values()))
    centroids = clustering.settle(theirs, earlier)
    then, now = clustering.nearest(theirs, earlier), clustering.nearest(theirs, centroids)
    if np.mean(then != now) <= HARDLY:
        centroids, now = earlier, then
    afresh = clustering.nearest(points * best.weights, best.centroids)
    tight = [clustering.tightness(points, importance, labels) for labels in (now, afresh)]
    if tight[0] < tight[1] - STILL_FITS:
        return None
    return _Placed(unit, unweighted, theirs, weights, centroids)
