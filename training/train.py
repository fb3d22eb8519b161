"""The training of every model, one after another: learned, judged, logged, written, promoted if no worse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from training import registered_churn, registered_segments, registered_sentiment, registered_value
from training.cutoffs import default_cutoff
from training.kept_features import KeptFeatures
from training.trained import Trained
from workspace.folder import Workspace
from workspace.progress import Progress, silent

KINDS = ("segments", "churn", "value", "volume", "sentiment")
_SHARE = {"segments": 0.3, "churn": 0.4, "value": 0.2, "volume": 0.3, "sentiment": 0.1}


def train(
    workspace: Workspace,
    models: Sequence[str] = KINDS,
    as_of: datetime | None = None,
    progress: Progress = silent,
    promote: bool = True,
) -> list[Trained]:
    """Train the named models on what was known before `as_of` (default: the cutoff after the last event).

    Without `promote` they are registered as challengers and the champions stay.
    Raises NotEnoughHistoryError when the data can't support a model; models before it in the list are kept.
    """
    cutoff = as_of or default_cutoff(workspace)
    total = sum(_SHARE[kind] for kind in models)
    done = 0.0
    trained = []
    with TemporaryDirectory(prefix="features-", dir=workspace.temp) as folder:
        # Models learn at some of the same cutoffs.
        kept = KeptFeatures(Path(folder))
        steps: dict[str, Callable[..., Trained]] = {
            "segments": partial(registered_segments.train_and_settle, kept),
            "churn": partial(registered_churn.train_and_settle, kept),
            "value": partial(registered_value.train_and_settle, kept),
            "volume": _volume,
            "sentiment": registered_sentiment.train_and_settle,
        }
        for kind in models:
            trained.append(steps[kind](workspace, cutoff, promote, _part(progress, done, _SHARE[kind] / total)))
            done += _SHARE[kind] / total
    progress("trained", 1.0)
    return trained


def _part(progress: Progress, done: float, share: float) -> Progress:
    return lambda text, fraction: progress(text, done + share * fraction)


def _volume(workspace: Workspace, cutoff: datetime, promote: bool, progress: Progress) -> Trained:
    # mlforecast takes seconds to import: only when a forecast is trained.
    from training.volume_forecast import train_volume

    return train_volume(workspace, cutoff, progress, promote)
