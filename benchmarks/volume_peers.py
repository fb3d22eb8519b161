"""Reference forecasts on the very windows of a backtest: AutoTheta, AutoETS and MSTL of statsforecast, weekly season.

Development only: nothing that a user runs imports statsforecast.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from training.volume_panel import Panel
from training.volume_walk import origins_of

Floats = npt.NDArray[np.float64]

SEASON = 7


def peer_wapes(
    panel: Panel, series: Sequence[int], horizon: int, windows: int, names: Sequence[str]
) -> dict[str, float]:
    """WAPE of each peer over some series and the last windows of `horizon` days, refitted at the start of each.

    A gap is filled with the count of a week before: the peers can't do without.
    """
    origins = origins_of(panel.periods, horizon, windows, 3 * SEASON, panel.grain)
    missed, total = dict.fromkeys(names, 0.0), 0.0
    for place in series:
        counts = _filled(panel.counts[place])
        for origin in origins:
            actual = panel.counts[place, origin : origin + horizon]
            known = ~np.isnan(actual)
            total += float(actual[known].sum())
            for name in names:
                mean = _forecast(name, counts[:origin], horizon)
                missed[name] += float(np.abs(mean - actual)[known].sum())
    return {name: missed[name] / total for name in names}


def _filled(counts: Floats) -> Floats:
    filled = counts.copy()
    for at in range(len(filled)):
        if np.isnan(filled[at]):
            filled[at] = filled[at - SEASON] if at >= SEASON else np.nan
    return filled


def _forecast(name: str, past: Floats, horizon: int) -> Floats:
    from statsforecast import models

    known = past[np.argmax(~np.isnan(past)) :]
    known = np.nan_to_num(known)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = {
            "AutoTheta": lambda: models.AutoTheta(season_length=SEASON),
            "AutoETS": lambda: models.AutoETS(season_length=SEASON),
            "MSTL": lambda: models.MSTL(season_length=[SEASON], trend_forecaster=models.AutoETS(model="ZZN")),
        }[name]()
        try:
            found = model.forecast(y=known, h=horizon)["mean"]
        except Exception as error:
            # statsforecast raises plain Exceptions where a series is too short or too flat for it.
            sys.stderr.write(f"{name} could not forecast ({error}): last week's numbers stand for it\n")
            found = np.resize(known[-SEASON:], horizon)
    return np.maximum(np.asarray(found, np.float64), 0.0)
