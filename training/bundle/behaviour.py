"""What segments look at: rates, sizes and channels of a customer, from the feature table, row by row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from training.bundle.matrix import column
from training.bundle.rowwise import Floats

SHARES = ("phone_share", "email_share", "chat_share", "social_share", "web_share")
# What the shares of the feature table leave of all contacts: no less a channel, and seen nowhere else.
OTHER_SHARE = "other_share"
CHANNELS = (*SHARES, OTHER_SHARE)
# Shares of the contacts too, but of all of them: they need not add up to anything.
OF_CONTACTS = ("rating_response_share", "complaint_share")
# The columns of customer_features that `behaviour` reads.
FEATURES = (
    *("recency_days", "tenure_days", "frequency", "order_count", "order_amount_mean", "income"),
    *(*SHARES, *OF_CONTACTS),
)
# A rate over less than a month would make the busiest customers of those who came yesterday.
SHORTEST_DAYS = 30.0
# The rest of shares that add up to 1, but for rounding.
_NOTHING = 1e-9


def behaviour(features: pa.Table, observation_days: int) -> dict[str, Floats]:
    """Each input of the segments by name, [rows], NaN where unknown.

    contacts_monthly, orders_monthly: events per 30 days between the first and the last event in the observation window
    (30 days at least), so that neither a late start nor a recent silence makes somebody a rare customer.
    order_amount_mean, income: company currency. contacts: how many the shares are of. The shares of the channels, of
    all others together (`other_share`), of rated contacts and of complaints.
    """
    read = {name: column(features, name) for name in FEATURES}
    days = np.minimum(read["tenure_days"], float(observation_days)) - read["recency_days"]
    days = np.maximum(days, SHORTEST_DAYS)
    # Where orders alone are events, contacts are not counted: the difference would say nothing.
    contacts = np.maximum(read["frequency"] - read["order_count"], 0.0)
    return {
        "contacts_monthly": 30.0 * contacts / days,
        "orders_monthly": 30.0 * read["order_count"] / days,
        "order_amount_mean": read["order_amount_mean"],
        "income": read["income"],
        "contacts": contacts,
        **{name: read[name] for name in (*SHARES, *OF_CONTACTS)},
        OTHER_SHARE: _rest([read[name] for name in SHARES]),
    }


def _rest(shares: Sequence[Floats]) -> Floats:
    """What is left of 1, one share taken off after the other; NaN where any is unknown."""
    left = np.ones_like(shares[0])
    for share in shares:
        left = left - share
    return np.where(left < _NOTHING, 0.0, left)
