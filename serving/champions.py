"""The champions that a published version names, read from their bundles."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from training.bundle.churn import ChurnModel
    from training.bundle.segments import SegmentModel
    from training.bundle.sentiment import SentimentModel


def champions(
    folder: Path, hashes: Mapping[str, str]
) -> tuple[ChurnModel | None, SegmentModel | None, SentimentModel | None, dict[str, Mapping[str, Any]]]:
    """The models that answer, and every bundle's manifest; None where there is none, and for a sentiment that is not
    better than the lexicons.

    Raises BundleError for a bundle that is missing or changed.
    """
    # LightGBM and what it pulls in are loaded when a version is, not when the service's parent process reads this file.
    from training.bundle.churn import ChurnModel
    from training.bundle.segments import SegmentModel
    from training.bundle.sentiment import SentimentModel
    from training.bundle.store import read

    bundles = {kind: read(folder, hash_) for kind, hash_ in sorted(hashes.items())}
    churn = ChurnModel.from_bundle(bundles["churn"]) if "churn" in bundles else None
    segments = SegmentModel.from_bundle(bundles["segments"]) if "segments" in bundles else None
    # Where learning was not better than the lexicons, these are served.
    learned = "sentiment" in bundles and bundles["sentiment"].manifest.get("served") == "model"
    sentiment = SentimentModel.from_bundle(bundles["sentiment"]) if learned else None
    return churn, segments, sentiment, {kind: bundle.manifest for kind, bundle in bundles.items()}
