"""How customers are laid out for clustering: logs of what is skewed, roots of shares, each by what it is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from training.bundle.behaviour import CHANNELS, OF_CONTACTS
from training.bundle.rowwise import Floats
from training.bundle.segments import Scale

# Input -> the unit x of log(1 + value / x): about where a small value stops being none.
LOGGED: Mapping[str, float] = {
    "contacts_monthly": 0.5,
    "orders_monthly": 0.2,
    "order_amount_mean": 1.0,
    "income": 1.0,
}
# The six channel shares add up to 1, so each holds less than a feature's worth; how many complain or rate is
# known of few contacts. Chosen on simulated companies whose seeds are reported nowhere.
IMPORTANCE: Mapping[str, float] = {**dict.fromkeys(CHANNELS, 0.8), **dict.fromkeys(OF_CONTACTS, 0.85)}
# So many contacts of everybody's are added to a customer's own before a share is taken.
PRIOR_CONTACTS = 1.0
# An input known of fewer customers than this says more about who was asked than about who they are.
KNOWN_OF = 0.5
# A spread below this, in bent units, is rounding.
_NO_SPREAD = 1e-9


def fit_scales(inputs: Mapping[str, Floats]) -> list[Scale]:
    """Scales of the inputs (behaviour.py) that can tell these customers apart, each of spread 1 times its importance.

    Left out: inputs known of less than half the customers, and those that are the same for all.
    """
    logged = [_scale(inputs, name, "log", unit) for name, unit in LOGGED.items()]
    shares = [_scale(inputs, name, "root", 1.0) for name in (*CHANNELS, *OF_CONTACTS)]
    return [scale for scale in (*logged, *shares) if scale is not None]


def weighted(scales: Sequence[Scale], weights: Floats) -> list[Scale]:
    """The same scales with these weights."""
    return [replace(scale, weight=float(weight)) for scale, weight in zip(scales, weights, strict=True)]


def _scale(inputs: Mapping[str, Floats], name: str, bend: str, unit: float) -> Scale | None:
    values = inputs[name]
    known = values[~np.isnan(values)]
    if known.size < KNOWN_OF * values.size or not known.size or np.ptp(known) == 0:
        return None
    fill, prior = (None, 0.0) if bend == "log" else (float(np.mean(known)), PRIOR_CONTACTS)
    bent = Scale(name, bend, unit, fill, prior, 0.0, 1.0, 1.0).bent(inputs)
    spread = float(np.nanstd(bent))
    if not spread > _NO_SPREAD:
        return None
    return Scale(name, bend, unit, fill, prior, float(np.nanmean(bent)), spread, IMPORTANCE.get(name, 1.0))
