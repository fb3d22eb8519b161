"""Forecasts of parts and of their total that add up: a forecast that contradicts itself can't be planned by."""

from __future__ import annotations

import numpy as np

from training.volume_panel import ALL, Floats, Panel

# Kept to a millionth of a contact: sums of such numbers are exact in floats, in whatever order they are added.
_PARTS = 2.0**20
# Spread beyond Poisson, as a share of the mean: how uncertain parts share what they disagree with the total about.
_EXTRA_SPREAD = 0.02
_WEEKS_LOOKED_AT = 8


def adds_up(panel: Panel) -> bool:
    """Whether "all" was the sum of the other series in every known period of the last weeks."""
    if ALL not in panel.channels or len(panel.channels) == 1:
        return False
    recent = panel.counts[:, -_WEEKS_LOOKED_AT * panel.grain.a_week :]
    total = recent[panel.channels.index(ALL)]
    parts = np.nan_to_num(np.delete(recent, panel.channels.index(ALL), axis=0)).sum(axis=0)
    known = ~np.isnan(total)
    return bool(known.any() and (parts[known] == total[known]).all())


def added_up(panel: Panel, mean: Floats) -> Floats:
    """Forecasts [..., series, horizon], none negative, of which "all" is exactly the sum of the others where it was so.

    The total becomes the mean of its own forecast and the sum of the parts'; the parts share the difference by their
    variance (Hyndman et al. 2011, weighted by structural variances as in Wickramasuriya et al. 2019).
    """
    mean = np.maximum(mean, 0.0)
    if not adds_up(panel):
        return kept(mean)
    place = panel.channels.index(ALL)
    parts, total = np.delete(mean, place, axis=-2), mean[..., place, :]
    wanted = (total + parts.sum(axis=-2)) / 2
    # A part that is certainly nothing stays so; where all are, so does the total.
    variance = parts + _EXTRA_SPREAD * parts**2
    missing = wanted - parts.sum(axis=-2)
    share = variance / np.maximum(variance.sum(axis=-2, keepdims=True), 1e-12)
    parts = kept(np.maximum(parts + missing[..., None, :] * share, 0.0))
    return np.insert(parts, place, parts.sum(axis=-2), axis=-2)


def kept(mean: Floats) -> Floats:
    """Forecasts to a millionth of a contact: sums of them are exact."""
    return np.round(mean * _PARTS) / _PARTS
