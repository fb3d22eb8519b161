"""How customers are laid out for clustering: log-scaled where skewed, centred, cut, every concept counting alike."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from training.bundle.matrix import column
from training.bundle.rowwise import Floats, log1p
from training.bundle.segments import Scale

# Concept -> its features, and whether each is log-scaled: counts, amounts and waiting times are skewed, shares are not.
CONCEPTS: Mapping[str, Mapping[str, bool]] = {
    "frequency": {"frequency": True, "active_days_count": True},
    "rhythm": {"gap_days_median": True, "gap_days_cv": True},
    "value": {"order_count": True, "order_amount": True, "order_amount_mean": True},
    "channels": {
        "phone_share": False,
        "email_share": False,
        "chat_share": False,
        "social_share": False,
        "web_share": False,
    },
    "satisfaction": {"rating_mean": False, "complaint_share": False, "sentiment_mean": False},
    "language": {"chinese_share": False},
}
# A feature known of fewer customers than this says more about who was asked than about who they are.
KNOWN_OF = 0.5
_NORMAL_QUARTILES = 1.349


def fit_scales(features: pa.Table) -> list[Scale]:
    """Scales of the features that can tell these customers apart, from a customer_features table.

    Left out: features known of less than half the customers, and those that are the same for all.
    The spread is the standard deviation; a few huge customers can't stretch it, logs and cut come first.
    """
    scales = []
    for concept in CONCEPTS.values():
        fitted = [_fit(name, log, column(features, name)) for name, log in concept.items()]
        kept = [scale for scale in fitted if scale is not None]
        weight = 1 / len(kept) ** 0.5 if kept else 0.0
        scales += [Scale(s.feature, s.log, s.fill, s.centre, s.spread, weight) for s in kept]
    return scales


def _fit(name: str, log: bool, values: Floats) -> Scale | None:
    known = values[~np.isnan(values)]
    if known.size < KNOWN_OF * values.size or not known.size or np.ptp(known) == 0:
        return None
    fill = float(np.median(known))
    scaled = log1p(known) if log else known
    low, middle, high = np.quantile(scaled, [0.25, 0.5, 0.75])
    robust = (high - low) / _NORMAL_QUARTILES
    spread = float(np.std(np.clip(scaled, middle - 5 * robust, middle + 5 * robust))) if robust else 0.0
    centre = float(np.mean(scaled))
    return Scale(name, log, fill, centre, spread or float(np.std(scaled)), 1.0)
