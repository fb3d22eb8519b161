"""Scores of histories that come in by request, with the models and cutoff of the published version."""

from typing import Any

from serving.answers.forms import moment
from serving.answers.risk_meaning import risk_meaning
from serving.callers import Caller
from serving.histories import Histories
from serving.snapshot import Snapshot


async def scores(snapshot: Snapshot, _caller: Caller, asked: Histories) -> dict[str, Any]:
    """Scores in the order of the histories, as of the cutoff asked for or the version's own."""
    cutoff = asked.cutoff or snapshot.cutoff
    return {
        "version": snapshot.version,
        "cutoff": moment(cutoff),
        "model": snapshot.model_version("churn"),
        "segments_model": snapshot.model_version("segments"),
        **risk_meaning(snapshot),
        "value_model": snapshot.model_version("value"),
        "scores": await snapshot.scorer.score(asked.histories, cutoff),
    }
