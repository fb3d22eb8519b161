"""KMeans in units of the spread within its clusters, and how many clusters the data really has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
from threadpoolctl import threadpool_limits

from training.bundle.rowwise import Floats

Labels = npt.NDArray[np.int64]

SEED = 7
CANDIDATES = range(2, 11)
STARTS, STARTS_RESAMPLED, RESAMPLES = 6, 3, 15
# KMeans is repeated so often, each time in units of the spread within the clusters it found before.
PASSES, PASSES_EXACT = 3, 5
# Larger data is sampled to choose k, and for the silhouette, whose cost grows with the square.
SAMPLE, SILHOUETTE_SAMPLE = 4_000, 2_000
# Hennig (2007): a cluster is highly stable from a bootstrap Jaccard of .85 on.
STABLE = 0.85
# No cluster smaller than 3 % of the customers; tighter than shapeless data by 6 % at least, which chance is not.
SMALLEST_SHARE, LEAST_GAIN = 0.03, 0.06
# Centroids of all points are sought until none moves up to so many points, above to KMeans' usual tolerance.
EXACT = 50_000


@dataclass(frozen=True)
class Clustering:
    """One k: `centroids` [k, d] of points times `weights` [d]; each cluster's share and bootstrap Jaccard.

    `silhouette`: its mean; `gain`: by how much the spread within clusters, as a share of all spread, is below that in
    shapeless data of the same distributions and correlations, in natural logs (the gap of Tibshirani, 2001).
    """

    weights: Floats
    centroids: Floats
    shares: list[float]
    jaccard: list[float]
    silhouette: float
    gain: float

    @property
    def k(self) -> int:
        return len(self.shares)

    @property
    def stable(self) -> bool:
        """Every cluster comes again in resamples, and none is too small."""
        return min(self.jaccard) >= STABLE and min(self.shares) >= SMALLEST_SHARE

    @property
    def holds(self) -> bool:
        """Stable, and tighter than shapeless data would be."""
        return self.stable and self.gain >= LEAST_GAIN


@dataclass(frozen=True)
class _Fitted:
    weights: Floats
    centroids: Floats
    labels: Labels
    tightness: float


def choose(
    points: Floats, importance: Floats, references: Sequence[Floats], seed: int = SEED
) -> tuple[Clustering, list[Clustering]]:
    """How many clusters, and which: (the chosen clustering, every one tried).

    points: [rows, d], each column of spread 1, NaN where unknown; importance: [d], of each column; references: the like
    of the points without clusters, each [rows, d], as `shapeless` makes them.
    The rule: of k = 2 to 10, those count whose clusters are all highly stable under the bootstrap, none too small, and
    together tighter than in shapeless data; of these the k that gains most over it. Where none counts, the stable one
    that gains most, whose `holds` says that segments are not clear. Silhouette alone prefers 2 or 3 whatever the truth.
    """
    tried = weigh(points, importance, references, CANDIDATES, seed)
    return _settled(points, importance, ranked(tried)[0], seed), tried


def _settled(points: Floats, importance: Floats, found: Clustering, seed: int) -> Clustering:
    weights, centroids = refined(points, importance, found)
    return described(points, weights, centroids, nearest(points * weights, centroids), found.gain, seed)


def weigh(
    points: Floats, importance: Floats, references: Sequence[Floats], counts: Sequence[int], seed: int = SEED
) -> list[Clustering]:
    """A clustering of a sample for each k in `counts` for which there are points enough (10 for each cluster)."""
    with threadpool_limits(1):
        sample = points[drawn(points.shape[0], SAMPLE, seed)]
        return [_cluster(sample, references, importance, k, seed) for k in counts if k * 10 <= sample.shape[0]]


def ranked(tried: Sequence[Clustering]) -> list[Clustering]:
    """The clusterings by the rule of `choose`, the best first."""
    return sorted(tried, key=lambda found: (found.holds, found.stable, found.gain), reverse=True)


def refined(points: Floats, importance: Floats, sampled: Clustering) -> tuple[Floats, Floats]:
    """Weights [d] and centroids [k, d] of all points, where `sampled` has those of a sample; in a fixed order."""
    weights, centroids = sampled.weights, sampled.centroids
    weighted = points * weights
    labels = nearest(weighted, centroids)
    for _ in range(PASSES_EXACT if points.shape[0] <= EXACT else 1):
        centroids, labels = _settle(weighted, centroids, labels)
        following = importance / _spread_within(points, labels, sampled.k)
        centroids, weights = centroids * following / weights, following
        weighted = points * weights
    return weights, in_order(_settle(weighted, centroids, labels)[0])


def settle(points: Floats, centroids: Floats) -> Floats:
    """Centroids [k, d] of all weighted points, starting from those of an earlier month."""
    return _settle(points, centroids, nearest(points, centroids))[0]


def _settle(points: Floats, centroids: Floats, labels: Labels) -> tuple[Floats, Labels]:
    """Centroids and labels that KMeans comes to from these; what is unknown of a point lies at its centroid."""
    filled, (rows, columns) = points.copy(), np.nonzero(np.isnan(points))
    filled[rows, columns] = centroids[labels[rows], columns]
    tolerance = 0.0 if points.shape[0] <= EXACT else 1e-4
    with threadpool_limits(1):
        found = KMeans(centroids.shape[0], init=centroids, n_init=1, tol=tolerance, random_state=SEED).fit(filled)
    return found.cluster_centers_, found.labels_.astype(np.int64)


def in_order(centroids: Floats) -> Floats:
    """The same centroids, in an order that depends on nothing but where they are."""
    return centroids[np.lexsort(centroids.T[::-1])]


def described(
    points: Floats, weights: Floats, centroids: Floats, everybody: Labels, gain: float, seed: int = SEED
) -> Clustering:
    """The clustering of points [rows, d] by centroids of them times `weights`: its shares, stability, silhouette.

    everybody: cluster of each point, [rows].
    """
    shares = np.bincount(everybody, minlength=centroids.shape[0]) / points.shape[0]
    chosen = drawn(points.shape[0], SAMPLE, seed)
    sample, labels = points[chosen] * weights, everybody[chosen]
    filled = np.where(np.isnan(sample), centroids[labels], sample)
    with threadpool_limits(1):
        stability = jaccards(filled, labels, centroids.shape[0], seed)
    return Clustering(weights, centroids, shares.tolist(), stability, silhouette(filled, labels), gain)


def silhouette(points: Floats, labels: Sequence[int] | Labels, most: int = SILHOUETTE_SAMPLE) -> float:
    """Mean silhouette on a fixed sample, unknown coordinates in the middle; NaN with fewer than two clusters in it."""
    chosen = drawn(points.shape[0], most, SEED)
    found = np.asarray(labels)[chosen]
    if not 2 <= np.unique(found).size < found.size:
        return float("nan")
    with threadpool_limits(1):
        return float(silhouette_score(np.nan_to_num(points[chosen]), found))


def nearest(points: Floats, centroids: Floats) -> Labels:
    """Cluster of each point, by the coordinates that are known of it; summed as the bundle sums them."""
    distances = np.zeros((centroids.shape[0], points.shape[0]))
    square = np.empty(points.shape[0])
    for values, places in zip(points.T, centroids.T.tolist(), strict=True):
        column = np.ascontiguousarray(values)
        unknown = np.flatnonzero(np.isnan(column))
        for total, place in zip(distances, places, strict=True):
            np.subtract(column, place, out=square)
            np.square(square, out=square)
            square[unknown] = 0.0
            np.add(total, square, out=total)
    result: Labels = np.argmin(distances, axis=0)
    return result


def _fit(points: Floats, importance: Floats, k: int, starts: int, seed: int) -> _Fitted:
    """KMeans, each column in units of its spread within the clusters of the pass before, unknowns at their centroid.

    So it comes near the least sum of log variances within clusters instead of the least sum of variances: what tells
    clusters apart counts more than what does not (the diagonal case of Friedman and Rubin, 1967).
    """
    weights, known = importance, ~np.isnan(points)
    filled = np.where(known, points, 0.0)
    for left in range(PASSES, 0, -1):
        found = KMeans(k, n_init=starts, random_state=seed).fit(filled * weights)
        labels = found.labels_.astype(np.int64)
        if left > 1:
            within = _spread_within(points, labels, k)
            filled = np.where(known, points, _means(filled, labels, k)[labels])
            weights = importance / within
    return _Fitted(weights, found.cluster_centers_, labels, tightness(points, importance, labels))


def tightness(points: Floats, importance: Floats, labels: Labels) -> float:
    """log(all variance / variance within clusters), the mean over the columns by their squared importance."""
    ratios = np.log(np.nanstd(points, axis=0) / _spread_within(points, labels, int(labels.max()) + 1))
    return 2 * float((importance**2 * ratios).sum() / (importance**2).sum())


def _spread_within(points: Floats, labels: Labels, k: int) -> Floats:
    """Spread of each column within clusters, of what is known of it; at least a twentieth of all its spread."""
    return np.array([_column_spread(np.ascontiguousarray(values), labels, k) for values in points.T])


def _column_spread(values: Floats, labels: Labels, k: int) -> float:
    known = ~np.isnan(values)
    if not known.all():
        values, labels = values[known], labels[known]
    # A coordinate known of nobody in a cluster has no mean there, and needs none.
    counts = np.maximum(np.bincount(labels, minlength=k), 1)
    means = np.bincount(labels, values, k) / counts
    within = np.sqrt(np.mean((values - means[labels]) ** 2)) if values.size else 0.0
    return float(max(within, 0.05 * np.std(values)) if values.size else 1.0)


def _means(points: Floats, labels: Labels, k: int) -> Floats:
    counts = np.maximum(np.bincount(labels, minlength=k), 1)
    return np.asarray(_sums(points, labels, k) / counts[:, None], dtype=np.float64)


def _sums(points: Floats, labels: Labels, k: int) -> Floats:
    return np.stack([np.bincount(labels, points[:, j], k) for j in range(points.shape[1])], axis=1)


def _cluster(points: Floats, references: Sequence[Floats], importance: Floats, k: int, seed: int) -> Clustering:
    fitted = _fit(points, importance, k, STARTS, seed)
    shapeless = np.mean([_fit(one, importance, k, STARTS, seed).tightness for one in references])
    scaled = points * fitted.weights
    filled = np.where(np.isnan(scaled), fitted.centroids[fitted.labels], scaled)
    return Clustering(
        fitted.weights,
        fitted.centroids,
        (np.bincount(fitted.labels, minlength=k) / points.shape[0]).tolist(),
        jaccards(filled, fitted.labels, k, seed),
        silhouette(filled, fitted.labels, SILHOUETTE_SAMPLE // 2),
        fitted.tightness - float(shapeless),
    )


def jaccards(points: Floats, labels: Labels, k: int, seed: int = SEED) -> list[float]:
    """Mean over bootstrap samples of each cluster's Jaccard with the nearest of the sample's own (Hennig 2007)."""
    random = np.random.default_rng(seed)
    total = np.zeros(k)
    for _ in range(RESAMPLES):
        again = random.integers(0, points.shape[0], points.shape[0])
        fitted = KMeans(k, n_init=STARTS_RESAMPLED, random_state=seed).fit(points[again])
        total += _best_overlap(labels, nearest(points, fitted.cluster_centers_), k)
    return [float(value) for value in total / RESAMPLES]


def _best_overlap(labels: Labels, others: Labels, k: int) -> Floats:
    table = np.bincount(labels * k + others, minlength=k * k).reshape(k, k).astype(np.float64)
    union = table.sum(axis=1)[:, None] + table.sum(axis=0)[None, :] - table
    result: Floats = (table / np.maximum(union, 1)).max(axis=1)
    return result


def drawn(rows: int, most: int, seed: int = SEED) -> npt.NDArray[np.int64]:
    """Rows of a sample of at most so many, in order."""
    if rows <= most:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))
