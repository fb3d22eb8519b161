"""The volume forecast: one LightGBM over all channels, judged by backtest, with intervals, and its next 90 days."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.volume import volume
from features.volume_contacts import UNKNOWN
from training import promotion
from training.bundle import store
from training.bundle.volume import KIND, MODEL_FILE, SEASONAL_NAIVE, VolumeModel
from training.cutoffs import default_cutoff
from training.trained import Trained
from training.volume_calendar import Days, known_days
from training.volume_features import FEATURES
from training.volume_fit import JUDGED_HORIZON, Fitted, first_steps, fitted_volume
from training.volume_groups import named_channel, those
from training.volume_logged import logged
from training.volume_panel import ALL, Panel, panel
from training.volume_quality import accuracy
from training.volume_served import SERVED, means_at, served_means, with_served
from training.volume_table import forecast_table
from training.volume_walk import Walk
from workspace.errors import NotEnoughHistoryError
from workspace.folder import Workspace
from workspace.progress import Progress, silent

LEAST_HORIZON = 28
# As for the words of a vocabulary.
FEWEST_IN_A_REGION = 5


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
    quarters, regions = _quarters(workspace, cutoff), _regions(workspace, cutoff)
    fitted = fitted_volume(counts, known, horizon, progress, quarters, regions)
    progress("volume: logging", 0.85)
    facts = {"country": country, "cutoff": cutoff.isoformat(), "data_version": workspace.lake.data_version()}
    manifest = {**fitted.manifest, **facts}
    text = fitted.booster.model_to_string() if fitted.booster is not None else ""
    bundle = store.write(workspace.bundles, KIND, manifest, {MODEL_FILE: text.encode()})
    version = logged(workspace, fitted, manifest, bundle, cutoff)
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
    fresh = first_steps(with_served(done.at(origins), fitted.manifest["served"]), JUDGED_HORIZON)
    stale = means_at(model, counts, known, origins, JUDGED_HORIZON)
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


def _regions(workspace: Workspace, cutoff: datetime) -> Panel | None:
    """Counts of days by the customers' region; None where no region is known."""
    try:
        groups = panel(named_channel(volume(workspace, cutoff, "day", "region"), "region"))
    except NotEnoughHistoryError:
        return None
    groups = those(groups, {UNKNOWN, *_peopled(workspace)})
    return groups if len(groups.channels) > 1 else None


def _peopled(workspace: Workspace) -> list[str]:
    """Regions of several customers: a bundle, which is kept for good and shown by MLflow, tells nobody's own."""
    known = workspace.lake.read("customers", ["customer_id", "region"]).group_by("region")
    counted = known.aggregate([("customer_id", "count_distinct")])
    return list(counted.filter(pc.field("customer_id_count_distinct") >= FEWEST_IN_A_REGION)["region"].to_pylist())


def _horizon(workspace: Workspace) -> int:
    return max(LEAST_HORIZON, *workspace.settings.windows.horizon_days)


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
