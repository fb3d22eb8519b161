"""What MLflow keeps of a trained volume forecast: its data, how good it is beside the rules, a picture, the model."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np

from training import tracking
from training.bundle.volume import KIND
from training.card import card
from training.volume_features import FEATURES
from training.volume_fit import LEVELS, Fitted
from training.volume_panel import ALL
from training.volume_walk import MODEL
from workspace.folder import Workspace


def logged(workspace: Workspace, fitted: Fitted, manifest: dict[str, Any], bundle: str, cutoff: datetime) -> str:
    """One MLflow run: what went in, how good it is beside the simple rules, a picture, the model; its version."""
    figures = manifest["metrics"]
    name = f"volume {cutoff.astimezone(workspace.settings.company.zone).date()}"
    with tracking.run(workspace, KIND, name) as run:
        facts = ("grain", "horizon", "periods", "until", "country", "data_version")
        run.params({**{fact: manifest[fact] for fact in facts}, **manifest["parameters"], "cutoff": cutoff})
        run.metrics(figures)
        run.metrics({f"coverage_{level}": value for level, value in figures["coverage"].items()})
        for rule, values in figures["baselines"].items():
            run.metrics(values, prefix=f"{rule}_")
        run.dict("backtest.json", figures)
        run.dict("manifest.json", manifest)
        run.card(card(KIND, bundle, manifest))
        picture = _picture(fitted)
        if picture is not None:
            run.figure("last_window.png", picture)
        if fitted.booster is not None:
            run.booster(fitted.booster, FEATURES, "error")
        else:
            run.files({"manifest.json": b"{}"}, FEATURES, "error")
        return run.register(bundle)


def _picture(fitted: Fitted) -> bytes | None:
    """The last window of the backtest: the forecast and what came."""
    if fitted.walk is None:
        return None
    # Drawing costs half a second of imports: only when there is something to draw.
    from charts.forecast_band import forecast_band
    from charts.render import png

    done = fitted.walk
    steps = int(fitted.manifest["metrics"]["horizon"])
    origin = int(done.origins[done.origins <= done.panel.periods - steps][-1])
    place = done.panel.channels.index(ALL)
    window = done.at(np.array([origin]))
    moments = done.panel.local(np.arange(max(0, origin - 28), origin + steps)).astype("datetime64[us]").astype(object)
    history = done.panel.counts[place, max(0, origin - 28) : origin + steps]
    past = [
        {"period_start": at, "count": float(count)}
        for at, count in zip(moments, history, strict=True)
        if not np.isnan(count)
    ]
    mean = window.means[MODEL][0, place, :steps]
    bounds = {f"{side}_{level}": None for side in ("lower", "upper") for level in LEVELS}
    said = [
        {"period_start": at, "mean": float(value), **bounds} for at, value in zip(moments[-steps:], mean, strict=True)
    ]
    return png(forecast_band(past, said, y_title="contacts", title="Last backtest window"))
