"""How customers are laid out for clustering: logs of what is skewed, roots of shares, noise held back."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from training.bundle.behaviour import SHARES
from training.bundle.rowwise import Floats
from training.bundle.segments import Scale

# Input -> the unit x of log(1 + value / x): about where a small value stops being none.
LOGGED: Mapping[str, float] = {
    "contacts_monthly": 0.5,
    "orders_monthly": 0.2,
    "order_amount_mean": 1.0,
    "income": 1.0,
}
# The five shares add up to about 1, so they hold fewer than five features' worth: together they count as three.
_SHARE_WEIGHT = (3 / 5) ** 0.5
# An input known of fewer customers than this says more about who was asked than about who they are.
KNOWN_OF = 0.5
_LEAST_PRIOR, _MOST_PRIOR = 0.5, 1_000.0


def fit_scales(inputs: Mapping[str, Floats]) -> list[Scale]:
    """Scales of the inputs (behaviour.py) that can tell these customers apart.

    Left out: inputs known of less than half the customers, and those that are the same for all.
    """
    logged = [_scale(inputs, name, "log", unit, 0.0, 1.0) for name, unit in LOGGED.items()]
    shares = [_scale(inputs, name, "root", 1.0, _prior(inputs, name), _SHARE_WEIGHT) for name in SHARES]
    return [scale for scale in (*logged, *shares) if scale is not None]


def _scale(
    inputs: Mapping[str, Floats], name: str, bend: str, unit: float, prior: float, weight: float
) -> Scale | None:
    values = inputs[name]
    known = values[~np.isnan(values)]
    if known.size < KNOWN_OF * values.size or not known.size or np.ptp(known) == 0:
        return None
    fill = float(np.median(known)) if bend == "log" else float(np.mean(known))
    bent = Scale(name, bend, unit, fill, prior, 0.0, 1.0, 1.0).bent(inputs)
    spread = float(np.std(bent))
    return Scale(name, bend, unit, fill, prior, float(np.mean(bent)), spread, weight) if spread > 0 else None


def _prior(inputs: Mapping[str, Floats], name: str) -> float:
    """How many contacts a customer's own share must be of to count as much as everybody's.

    mean (1 - mean) / variance between customers - 1, the beta-binomial's concentration by the method of moments
    (Kleinman 1973): large where shares differ by no more than chance.
    """
    known = ~np.isnan(inputs[name]) & (inputs["contacts"] >= 2)
    share, contacts = inputs[name][known], inputs["contacts"][known]
    if share.size < 2:
        return _MOST_PRIOR
    total = float(contacts.sum())
    mean = float((share * contacts).sum()) / total
    evened = (total - float((contacts**2).sum()) / total) / (share.size - 1)
    between = float((contacts * (share - mean) ** 2).sum()) / (share.size - 1)
    within = float((contacts * share * (1 - share)).sum()) / (total - share.size)
    variance = (between - within) / evened
    if variance <= 0:
        return _MOST_PRIOR
    return float(np.clip(mean * (1 - mean) / variance - 1, _LEAST_PRIOR, _MOST_PRIOR))
