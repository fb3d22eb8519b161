"""What one churn training works with: the events, the horizons with their steps, the moments, the maker of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from training.bundle.hazard import Steps
from training.bundle.matrix import FEATURES
from training.churn_rows import RowMaker
from training.cutoffs import Plan, days_between, moment, plan, steps_for
from training.observed import Observed
from workspace.errors import NotEnoughHistoryError
from workspace.progress import Progress, silent

_YEAR_DAYS = 365


@dataclass(frozen=True)
class Setting:
    """One training: what is known, the horizons in days with their steps, the moments, and the maker of rows."""

    observed: Observed
    horizon_days: tuple[int, ...]
    steps: Steps
    plan: Plan
    maker: RowMaker

    @property
    def facts(self) -> dict[str, Any]:
        """What ChurnModel needs to know, and what the model was learned on."""
        return {
            "features": list(FEATURES),
            "horizon_days": list(self.horizon_days),
            "horizon_steps": list(self.steps.horizons),
            "edges": list(self.steps.edges),
            "seasonal": self.maker.seasonal,
            "active_days": self.observed.active_days,
            "observation_days": self.observed.observation_days,
            "event": self.observed.event,
            "cutoff": self.observed.as_of.isoformat(),
            "judged_at": self.plan.judged.isoformat(),
            "learned_at": [cutoff.isoformat() for cutoff in (*self.plan.before, *self.plan.after)],
            "spacing_days": self.plan.spacing_days,
        }


def prepare(
    observed: Observed, horizon_days: Sequence[int], progress: Progress = silent, until_judged: bool = False
) -> Setting:
    """Choose the moments and compute the features at each; `until_judged` leaves out those only serving needs.

    Raises NotEnoughHistoryError where the history is too short, or where churn is by date and nobody has one.
    """
    _check_dated(observed)
    first = moment(observed.events.first)
    cut = steps_for(first, observed.as_of, horizon_days)
    moments = plan(first, observed.as_of, cut, observed.observation_days)
    cutoffs = (*moments.before, *(moments.after[:1] if until_judged else moments.after))
    for number, cutoff in enumerate(cutoffs):
        progress(f"features at {cutoff.date()}", 0.6 * number / len(cutoffs))
        observed.features_at(cutoff)
    seasonal = days_between(moments.before[0], moments.judged) > _YEAR_DAYS
    return Setting(observed, tuple(horizon_days), cut, moments, RowMaker(observed, cut, seasonal))


def _check_dated(observed: Observed) -> None:
    events = observed.events
    if observed.event == "left_at" and not events.leaving.of_any:
        raise NotEnoughHistoryError(
            f"Churn by date needs customers with a left_at known before {observed.as_of.date()}; of "
            f"{len(events.customers)} customers none has one. Map the column that says when a customer left "
            "(`rapport collect FILE --table customers`, `rapport clean`), or tell churn by silence: "
            '`event = "interactions"` under [churn] in rapport.toml.'
        )
