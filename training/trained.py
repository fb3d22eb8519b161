"""What a training leaves behind, whichever model it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa

from workspace.folder import Workspace


@dataclass(frozen=True)
class Trained:
    """A trained model: `bundle` is its hash, `registry_version` its number in MLflow's registry.

    `metrics` and `baselines` are measured at a later cutoff than any the model learned from; `grade` is A to D where
    the model has grades; `promoted` says whether it is the champion now and `why` says why, in a sentence.
    """

    kind: str
    bundle: str
    registry_version: str
    metrics: Mapping[str, Any]
    baselines: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    grade: str | None = None
    promoted: bool = False
    why: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        return asdict(self)


def trained_on(workspace: Workspace, cutoff: datetime, features: pa.Table | None) -> dict[str, Any]:
    """The parameters of a run that say what it was trained on."""
    facts: dict[str, Any] = {"data_version": workspace.lake.data_version(), "cutoff": cutoff.isoformat()}
    return facts if features is None else {**facts, "customers": features.num_rows}
