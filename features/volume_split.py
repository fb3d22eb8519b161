"""A total's forecast split among groups that add up to it. Numbers alone: the service splits, too."""

from __future__ import annotations

import numpy as np

from features.volume_profile import Floats, day_shares

# To a millionth of a contact: sums of such numbers are exact in floats.
_PARTS = 2.0**20


def group_shares(counts: Floats, total: Floats) -> Floats:
    """Shares [7, groups] of the days that follow counts [groups, days]; each weekday's add up to 1.

    total [days] says which days are known; a group without a count on one of them had none.
    """
    known = np.where(np.isnan(total)[None, :], np.nan, np.nan_to_num(counts))
    return np.asarray(day_shares(known.T[None])[0])


def parted(total: Floats, shares: Floats) -> Floats:
    """Forecasts [groups, days] of groups that add up exactly to `total` [days], itself in millionths of a contact."""
    weekday = np.arange(len(total)) % 7
    parts = np.round(total[None, :] * shares[weekday].T * _PARTS) / _PARTS
    largest = int(np.argmax(shares.sum(axis=0)))
    others = np.delete(parts, largest, axis=0).sum(axis=0)
    parts[largest] = total - others
    return np.maximum(parts, 0.0)
