"""The volume forecast: one LightGBM over all channels, judged by backtest, with intervals, and its next 90 days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import lightgbm as lgb
import numpy as np
import pyarrow as pa

from features.volume import volume
from training import promotion, tracking
from training.bundle import store
from training.bundle.volume import KIND, MODEL_FILE, SEASONAL_NAIVE, VolumeModel
from training.bundle.volume_widths import bucket_of
from training.card import card
from training.cutoffs import default_cutoff
from training.trained import Trained
from training.volume_adding import added_up
from training.volume_calendar import Days, known_days
from training.volume_features import FEATURES
from training.volume_mix import MIXED, mixed, prior
from training.volume_model import PARAMETERS, ROUNDS, fit, forecasts
from training.volume_panel import ALL, WEEKS_NEEDED, Floats, Ints, Panel, panel
from training.volume_quality import accuracy, report, series_of
from training.volume_ranges import ranges
from training.volume_table import forecast_table
from training.volume_walk import MODEL, OPEN, RULES, Walk, origins_of, simple, spaced, walk, weights_at
from workspace.errors import NotEnoughHistoryError
from workspace.folder import Workspace
from workspace.progress import Progress, silent

LEVELS = (80, 95)
LEAST_HORIZON = 28
JUDGED_HORIZON = 28
SERVED = "served"
_REFIT_DAYS = 56


def train_volume(
    workspace: Workspace, as_of: datetime | None = None, progress: Progress = silent, promote: bool = True
) -> Trained:
    """Fit, backtest, calibrate, log to MLflow and write the bundle; promoted as `promotion.settle` decides.

    Learned from the days before `as_of` (default: the cutoff after the last event). Per channel the seasonal naive is
    served where the model was not better. Raises NotEnoughHistoryError below three weeks.
    """
    cutoff = as_of or default_cutoff(workspace)
    progress("volume: reading", 0.0)
    counts = panel(volume(workspace, cutoff, "day"))
    horizon = _horizon(workspace)
    country = workspace.settings.company.calendar
    known = known_days(counts, horizon, country)
    fitted = fitted_volume(counts, known, horizon, progress, _quarters(workspace, cutoff))
    progress("volume: logging", 0.85)
    facts = {"country": country, "cutoff": cutoff.isoformat(), "data_version": workspace.lake.data_version()}
    manifest = {**fitted.manifest, **facts}
    text = fitted.booster.model_to_string() if fitted.booster is not None else ""
    bundle = store.write(workspace.bundles, KIND, manifest, {MODEL_FILE: text.encode()})
    version = _logged(workspace, fitted, manifest, bundle, cutoff)
    compared = _beside_champion(workspace, bundle, fitted, known)
    promoted, why = promotion.settle(workspace, KIND, bundle, version, compared, promote)
    progress("volume: done", 1.0)
    metrics = {name: value for name, value in fitted.manifest["metrics"].items() if name != "baselines"}
    baselines = fitted.manifest["metrics"]["baselines"]
    return Trained(KIND, bundle, version, metrics, baselines, None, promoted, f"{_verdict(manifest)}; {why}")


def forecast(workspace: Workspace, bundle_hash: str, as_of: datetime | None = None) -> pa.Table:
    """The days after `as_of` by the model of a bundle, every channel and "all", in the schema of volume_forecast.

    Sorted by period_start and channel. Raises BundleError for a wrong bundle, NotEnoughHistoryError below three weeks.
    """
    cutoff = as_of or default_cutoff(workspace)
    model = VolumeModel.from_bundle(store.read(workspace.bundles, bundle_hash))
    counts = panel(volume(workspace, cutoff, "day"))
    horizon = _horizon(workspace)
    means = served_means(model, counts, known_days(counts, horizon, workspace.settings.company.calendar), horizon)
    return forecast_table(model, counts, means, workspace.settings.company.zone)


@dataclass(frozen=True)
class Fitted:
    """A booster (None: too little to learn from), the facts of its bundle, and the walk it was judged by."""

    booster: lgb.Booster | None
    manifest: dict[str, Any]
    walk: Walk | None


def fitted_volume(
    counts: Panel, known: Days | None, horizon: int, progress: Progress = silent, quarters: Panel | None = None
) -> Fitted:
    """The pure part of training: counts of days in, booster and facts out; counts of quarters for ranges of parts."""
    done, judged, steps = _past(counts, known, horizon, progress)
    progress("volume: fitting", 0.75)
    booster = fit(counts, known, horizon)
    served = _served(done, judged, counts)
    facts: dict[str, Any] = {
        "features": list(FEATURES),
        "grain": counts.grain.name,
        "season": counts.grain.season,
        "horizon": horizon,
        "channels": list(counts.channels),
        "periods": counts.periods,
        "until": str(counts.local(np.array([counts.periods]))[0]),
        "levels": list(LEVELS),
        "served": served,
        "mixed": list(MIXED),
        "weights": _weights(done, counts),
        "parameters": {**PARAMETERS, "rounds": ROUNDS},
    }
    return Fitted(booster, {**facts, **_widths(done, served, quarters), **_judged(done, judged, steps)}, done)


def served_means(model: VolumeModel, counts: Panel, known: Days | None, horizon: int) -> Floats:
    """Expected counts [series, horizon] after the panel's end, by what each channel is served from."""
    return np.asarray(_means_at(model, counts, known, np.array([counts.periods], np.int64), horizon)[0])


def _means_at(model: VolumeModel, counts: Panel, known: Days | None, origins: Ints, horizon: int) -> Floats:
    """What a bundle's model says at some origins [origins, series, horizon]."""
    found = {**forecasts(model.booster, counts, known, origins, horizon), **simple(counts, origins, horizon)}
    weighing = _weighing(model, counts, horizon)
    mean = mixed(found, weighing, counts.grain.season) * found[OPEN]
    by_model = np.array([model.served.get(channel, MODEL) == MODEL for channel in counts.channels])
    return added_up(counts, np.where(by_model[:, None], mean, found[SEASONAL_NAIVE]))


def _weighing(model: VolumeModel, counts: Panel, horizon: int) -> Floats:
    """Weights [series, buckets, MIXED] of a bundle; a channel it doesn't know takes the prior, a bucket the last's."""
    buckets = int(bucket_of(np.array([horizon]), counts.grain.season)[0]) + 1
    unknown = [prior(counts.periods / counts.grain.year).tolist()]
    found = [model.weights.get(channel, unknown) for channel in counts.channels]
    return np.array([[known[min(bucket, len(known) - 1)] for bucket in range(buckets)] for known in found])


def _beside_champion(
    workspace: Workspace, bundle: str, fitted: Fitted, known: Days | None
) -> promotion.Comparison | None:
    """WAPE of the total after the champion's last day of training, beside the new way of training at the same origins.

    None without another champion, or before JUDGED_HORIZON days that it has not seen have passed.
    """
    current = promotion.champion(workspace, KIND)
    if current is None or current == bundle or fitted.walk is None:
        return None
    found = store.read(workspace.bundles, current)
    model, done = VolumeModel.from_bundle(found), fitted.walk
    counts = done.panel
    begun = int((np.datetime64(found.manifest["until"]) - counts.start) // np.timedelta64(counts.grain.minutes, "m"))
    origins = done.origins[(done.origins >= begun) & (done.origins <= counts.periods - JUDGED_HORIZON)]
    if len(origins) == 0 or model.features != FEATURES or not model.weights:
        return None
    fresh = _first_steps(_with_served(done.at(origins), fitted.manifest["served"]), JUDGED_HORIZON)
    stale = _means_at(model, counts, known, origins, JUDGED_HORIZON)
    both = Walk(counts, origins, fresh.actual, {**fresh.means, "champion": stale})
    total = [counts.channels.index(ALL)]
    challenger, champion = (accuracy(both, name, total)["wape"] for name in (SERVED, "champion"))
    if challenger is None or champion is None:
        return None
    return promotion.Comparison("WAPE", challenger, champion, "lower")


def _quarters(workspace: Workspace, cutoff: datetime) -> Panel | None:
    """Counts by quarters of an hour; None where no contact's time of day is known."""
    try:
        return panel(volume(workspace, cutoff, "15min"), "15min")
    except NotEnoughHistoryError:
        return None


def _horizon(workspace: Workspace) -> int:
    return max(LEAST_HORIZON, *workspace.settings.windows.horizon_days)


def _past(counts: Panel, known: Days | None, horizon: int, progress: Progress) -> tuple[Walk | None, Ints, int]:
    """Weekly origins over the later half of the history, and those of them that are judged window beside window."""
    first = max(WEEKS_NEEDED * 7, counts.periods // 2)
    steps = next((days for days in (JUDGED_HORIZON, 14, 7) if counts.periods - first >= 4 * days), 7)
    steps = min(steps, horizon)
    try:
        judged = origins_of(counts.periods, steps, 26, first, counts.grain)
    except NotEnoughHistoryError:
        return None, np.zeros(0, np.int64), steps
    origins = np.unique(np.concatenate([spaced(first, counts.periods - 7, 7), judged]))
    fits = origins[0] + np.arange(0, counts.periods - origins[0], _REFIT_DAYS, dtype=np.int64)
    done = walk(counts, known, origins, fits, horizon, horizon, lambda share: progress("volume: backtest", 0.7 * share))
    return done, judged, steps


def _first_steps(done: Walk, steps: int) -> Walk:
    means = {name: mean[:, :, :steps] for name, mean in done.means.items()}
    return Walk(done.panel, done.origins, done.actual[:, :, :steps], means)


def _served(done: Walk | None, judged: Ints, counts: Panel) -> dict[str, str]:
    """Per channel the model where its WAPE was below the seasonal naive's, else the naive; untried, the naive."""
    if done is None:
        return dict.fromkeys(counts.channels, SEASONAL_NAIVE)
    window = done.at(judged)
    served = {}
    for place, channel in enumerate(counts.channels):
        wapes = [accuracy(window, name, [place])["wape"] for name in (MODEL, SEASONAL_NAIVE)]
        better = wapes[0] is not None and wapes[1] is not None and wapes[0] < wapes[1]
        served[channel] = MODEL if better else SEASONAL_NAIVE
    return served


def _weights(done: Walk | None, counts: Panel) -> dict[str, list[list[float]]]:
    """Per channel the weights of MIXED in each bucket of horizons, by all windows known now."""
    if done is None:
        return {channel: [prior(counts.periods / counts.grain.year).tolist()] for channel in counts.channels}
    found = weights_at(done, counts.periods)
    return {channel: found[place].tolist() for place, channel in enumerate(counts.channels)}


def _with_served(done: Walk, served: dict[str, str]) -> Walk:
    by_model = np.array([served[channel] == MODEL for channel in done.panel.channels])
    mean = done.means[MODEL]
    if not by_model.all():
        mean = added_up(done.panel, np.where(by_model[None, :, None], mean, done.means[SEASONAL_NAIVE]))
    return Walk(done.panel, done.origins, done.actual, {**done.means, SERVED: mean})


def _widths(done: Walk | None, served: dict[str, str], quarters: Panel | None) -> dict[str, Any]:
    """Widths of the intervals, and their coverage out of sample, of what each channel is served from."""
    if done is None:
        return {"widths": {}}
    shown = _with_served(done, served)
    return {
        "widths": ranges(Walk(shown.panel, shown.origins, shown.actual, {MODEL: shown.means[SERVED]}), quarters, LEVELS)
    }


def _judged(done: Walk | None, judged: Ints, steps: int) -> dict[str, Any]:
    """The backtest's figures, as `backtest_volume` words them."""
    if done is None:
        nothing = {"wape": None, "mase": None, "bias": None}
        empty = {"windows": 0, "horizon": steps, **nothing, "coverage": {str(level): None for level in LEVELS}}
        return {"metrics": {**empty, "baselines": dict.fromkeys(RULES, nothing), "channels": {}}}
    near = _first_steps(done, steps)
    figures = report(near, judged, series_of(near.panel, False), LEVELS)
    return {"metrics": {"windows": len(judged), "horizon": steps, **figures}}


def _verdict(manifest: dict[str, Any]) -> str:
    """What is served and why, in a sentence."""
    figures = manifest["metrics"]
    if not figures["windows"]:
        return "too little history to judge the model: last week's numbers are served"
    naive = [channel for channel, what in manifest["served"].items() if what == SEASONAL_NAIVE]
    words = (
        f"WAPE {figures['wape']:.3f}, seasonal naive {figures['baselines'][SEASONAL_NAIVE]['wape']:.3f} over "
        f"{figures['windows']} windows of {figures['horizon']} days"
    )
    return words + (f"; no better, so seasonal naive is served for {', '.join(naive)}" if naive else "")


def _logged(workspace: Workspace, fitted: Fitted, manifest: dict[str, Any], bundle: str, cutoff: datetime) -> str:
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
