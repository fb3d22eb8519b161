"""KMeans, and how many clusters the data really has."""

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
CANDIDATES = range(2, 10)
STARTS, STARTS_RESAMPLED, RESAMPLES = 10, 3, 20
# Larger data is sampled to choose k, and for the silhouette, whose cost grows with the square.
SAMPLE, SILHOUETTE_SAMPLE = 4_000, 2_000
# Hennig (2007): a cluster is stable from a bootstrap Jaccard of .75 on, highly so from .85 on.
STABLE, HIGHLY_STABLE = 0.75, 0.85
# No cluster smaller than 3 % of the customers; tighter than shapeless data by 2 % at least, which chance is not.
SMALLEST_SHARE, LEAST_GAIN = 0.03, 0.02


@dataclass(frozen=True)
class Clustering:
    """One k: centroids [k, d], each cluster's share and bootstrap Jaccard, and how well they are set apart.

    `silhouette`: its mean; `gain`: by how much the spread within clusters is below that in shapeless data of the same
    covariance, in natural logs (Tibshirani's gap, 2001, with a Gaussian as reference).
    """

    centroids: Floats
    shares: list[float]
    jaccard: list[float]
    silhouette: float
    gain: float

    @property
    def k(self) -> int:
        return len(self.shares)

    @property
    def holds(self) -> bool:
        """Stable, not too small, and tighter than shapeless data would be."""
        return self.holds_at(STABLE)

    def holds_at(self, stable: float) -> bool:
        """`holds`, with another limit for the Jaccard of every cluster."""
        return min(self.jaccard) >= stable and min(self.shares) >= SMALLEST_SHARE and self.gain >= LEAST_GAIN


def choose(points: Floats) -> tuple[Clustering, list[Clustering]]:
    """How many clusters, and which: (the chosen clustering, every one tried); `points` is [rows, d].

    The rule: of k = 2 to 9, the largest whose clusters are all highly stable, none too small, and together tighter than
    in shapeless data; failing that, the largest that is at least stable so; failing that too, the one with the highest
    mean Jaccard, whose `holds` says that the segments are not clear. Largest, because what is stable at a larger k says
    more; silhouette alone prefers 2 or 3 whatever the truth.
    """
    with threadpool_limits(1):
        sample = points[_drawn(points.shape[0], SAMPLE)]
        shapeless = _shapeless(sample)
        tried = [_cluster(sample, shapeless, k) for k in CANDIDATES if k * 10 <= sample.shape[0]]
        best = _best(tried)
        # The final centroids come from everybody, starting from those of the sample.
        final = KMeans(best.k, init=best.centroids, n_init=1, random_state=SEED).fit(points)
    order = np.lexsort(final.cluster_centers_.T[::-1])
    shares = np.bincount(final.labels_, minlength=best.k)[order] / points.shape[0]
    matched = [best.jaccard[place] for place in order]
    return Clustering(final.cluster_centers_[order], shares.tolist(), matched, best.silhouette, best.gain), tried


def _best(tried: Sequence[Clustering]) -> Clustering:
    for stable in (HIGHLY_STABLE, STABLE):
        holding = [clustering for clustering in tried if clustering.holds_at(stable)]
        if holding:
            return holding[-1]
    return max(tried, key=lambda found: float(np.mean(found.jaccard)))


def silhouette(points: Floats, labels: Sequence[int] | Labels) -> float:
    """Mean silhouette on a fixed sample; NaN with fewer than two clusters in it."""
    chosen = _drawn(points.shape[0], SILHOUETTE_SAMPLE)
    found = np.asarray(labels)[chosen]
    if np.unique(found).size < 2:
        return float("nan")
    with threadpool_limits(1):
        return float(silhouette_score(points[chosen], found))


def nearest(points: Floats, centroids: Floats) -> Labels:
    """Cluster of each point."""
    distances = np.stack([((points - centroid) ** 2).sum(axis=1) for centroid in centroids])
    result: Labels = np.argmin(distances, axis=0)
    return result


def _cluster(points: Floats, shapeless: Floats, k: int) -> Clustering:
    fitted = KMeans(k, n_init=STARTS, random_state=SEED).fit(points)
    reference = KMeans(k, n_init=STARTS_RESAMPLED, random_state=SEED).fit(shapeless)
    return Clustering(
        fitted.cluster_centers_,
        (np.bincount(fitted.labels_, minlength=k) / points.shape[0]).tolist(),
        jaccards(points, fitted.labels_, k),
        silhouette(points, fitted.labels_),
        float(np.log(reference.inertia_) - np.log(fitted.inertia_)),
    )


def jaccards(points: Floats, labels: Labels, k: int) -> list[float]:
    """Mean over bootstrap samples of each cluster's Jaccard with the nearest of the sample's own (Hennig 2007)."""
    random = np.random.default_rng(SEED)
    total = np.zeros(k)
    for _ in range(RESAMPLES):
        drawn = random.integers(0, points.shape[0], points.shape[0])
        fitted = KMeans(k, n_init=STARTS_RESAMPLED, random_state=SEED).fit(points[drawn])
        total += _best_overlap(labels, nearest(points, fitted.cluster_centers_), k)
    return [float(value) for value in total / RESAMPLES]


def _best_overlap(labels: Labels, others: Labels, k: int) -> Floats:
    table = np.bincount(labels * k + others, minlength=k * k).reshape(k, k).astype(np.float64)
    union = table.sum(axis=1)[:, None] + table.sum(axis=0)[None, :] - table
    result: Floats = (table / np.maximum(union, 1)).max(axis=1)
    return result


def _shapeless(points: Floats) -> Floats:
    random = np.random.default_rng(SEED)
    covariance = np.atleast_2d(np.cov(points, rowvar=False))
    return random.multivariate_normal(points.mean(axis=0), covariance, points.shape[0], method="eigh")


def _drawn(rows: int, most: int) -> npt.NDArray[np.int64]:
    if rows <= most:
        return np.arange(rows)
    return np.sort(np.random.default_rng(SEED).choice(rows, most, replace=False))
