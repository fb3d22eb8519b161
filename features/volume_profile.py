"""When on a day its contacts come: shares by weekday and time of day, shared between what resembles each other.

A day's forecast times these shares is the forecast of its hours, half hours and quarters, which thus add up to it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

WEEKS = 26
# After six weeks a day counts half: opening hours and habits change.
_HALF_LIFE_WEEKS = 6.0
# Contacts' worth of trust in the broader profile: a weekday leans on the channel's week, a channel on the company.
_PRIOR = 60.0
# A slot where so many contacts would have been expected and none came is closed.
_EXPECTED_WHEN_CLOSED = 6.0


def day_shares(counts: Floats) -> Floats:
    """Share of a day's contacts by slot, [series, 7, slots], from counts [series, days, slots], the newest day last.

    The second axis is the weekday of the days that follow: 0 is the first day after the counts, as 7 days before it.
    A day with an unknown slot (NaN) is left out. Each row adds up to 1 (evenly where nothing is known); slots
    in which contacts were to be expected, by the other weekdays or series, and none ever came are exactly 0.
    """
    series, days, slots = counts.shape
    weeks = min(WEEKS, days // 7)
    recent = counts[:, days - 7 * weeks :].reshape(series, weeks, 7, slots)
    known = ~np.isnan(recent).any(axis=3, keepdims=True)
    age = np.arange(weeks - 1, -1, -1, dtype=np.float64)
    weight = 0.5 ** (age / _HALF_LIFE_WEEKS)
    seen = np.where(known, recent, 0.0)
    own = (seen * weight[None, :, None, None]).sum(axis=1)
    even = np.full((1, 1, slots), 1.0 / slots)
    company = _leaning(own.sum(axis=(0, 1), keepdims=True), even)
    channel = _leaning(own.sum(axis=1, keepdims=True), company)
    shares = _leaning(own, channel)
    return _with_closed(shares, seen.sum(axis=1))


def _leaning(own: Floats, broader: Floats) -> Floats:
    """Shares of the weighted contacts `own`, drawn towards the broader shares where there are few."""
    total = own.sum(axis=-1, keepdims=True)
    return np.asarray((own + _PRIOR * broader) / (total + _PRIOR))


def _with_closed(shares: Floats, contacts: Floats) -> Floats:
    """Zero where nothing came though something should have; each day again adds up to 1."""
    of_day = contacts.sum(axis=2, keepdims=True)
    of_week = contacts.sum(axis=1, keepdims=True)
    # What the same slot had on the other weekdays tells a closed slot from a quiet one.
    usual = of_week / np.maximum(of_week.sum(axis=2, keepdims=True), 1e-9)
    everywhere = contacts.sum(axis=(0, 1), keepdims=True)
    usual = np.maximum(usual, everywhere / np.maximum(everywhere.sum(), 1e-9))
    silent_all_week = (of_week == 0) & (of_week.sum(axis=2, keepdims=True) >= _EXPECTED_WHEN_CLOSED * shares.shape[2])
    closed = ((contacts == 0) & (usual * of_day >= _EXPECTED_WHEN_CLOSED)) | silent_all_week
    left = np.where(closed, 0.0, shares)
    return np.asarray(left / left.sum(axis=2, keepdims=True))
