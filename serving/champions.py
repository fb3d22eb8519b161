"""The champions that a published version names, read from their bundles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from training.bundle.churn import ChurnModel
    from training.bundle.expected_value import ValueModel
    from training.bundle.segments import SegmentModel
    from training.bundle.sentiment import SentimentModel


@dataclass(frozen=True)
class Champions:
    """The models that answer, None where there is none; `sentiment` only where it is better than the lexicons.

    `bundles` holds the manifest of each champion by its kind.
    """

    churn: ChurnModel | None
    segments: SegmentModel | None
    worth: ValueModel | None
    sentiment: SentimentModel | None
    bundles: Mapping[str, Mapping[str, Any]]


def champions(folder: Path, hashes: Mapping[str, str]) -> Champions:
    """Read the bundles of a version by their kinds. Raises BundleError for one that is missing or changed."""
    # LightGBM and what it pulls in are loaded when a version is, not when the service's parent process reads this file.
    from training.bundle.churn import ChurnModel
    from training.bundle.expected_value import ValueModel
    from training.bundle.segments import SegmentModel
    from training.bundle.sentiment import SentimentModel
    from training.bundle.store import read

    bundles = {kind: read(folder, hash_) for kind, hash_ in sorted(hashes.items())}
    learned = "sentiment" in bundles and bundles["sentiment"].manifest.get("served") == "model"
    return Champions(
        churn=ChurnModel.from_bundle(bundles["churn"]) if "churn" in bundles else None,
        segments=SegmentModel.from_bundle(bundles["segments"]) if "segments" in bundles else None,
        worth=ValueModel.from_bundle(bundles["value"]) if "value" in bundles else None,
        sentiment=SentimentModel.from_bundle(bundles["sentiment"]) if learned else None,
        bundles={kind: bundle.manifest for kind, bundle in bundles.items()},
    )
