"""What a volume bundle says: each channel by what it is served from, all adding up."""

from __future__ import annotations

import numpy as np

from training.bundle.volume import SEASONAL_NAIVE, VolumeModel
from training.bundle.volume_widths import bucket_of
from training.volume_adding import added_up
from training.volume_calendar import Days
from training.volume_mix import mixed, prior
from training.volume_model import forecasts
from training.volume_panel import Floats, Ints, Panel
from training.volume_walk import MODEL, OPEN, Walk, simple

SERVED = "served"


def served_means(model: VolumeModel, counts: Panel, known: Days | None, horizon: int) -> Floats:
    """Expected counts [series, horizon] after the panel's end, by what each channel is served from."""
    return np.asarray(means_at(model, counts, known, np.array([counts.periods], np.int64), horizon)[0])


def means_at(model: VolumeModel, counts: Panel, known: Days | None, origins: Ints, horizon: int) -> Floats:
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


def with_served(done: Walk, served: dict[str, str]) -> Walk:
    """The walk with what each channel is served from as one more forecast, SERVED."""
    by_model = np.array([served[channel] == MODEL for channel in done.panel.channels])
    mean = done.means[MODEL]
    if not by_model.all():
        mean = added_up(done.panel, np.where(by_model[None, :, None], mean, done.means[SEASONAL_NAIVE]))
    return Walk(done.panel, done.origins, done.actual, {**done.means, SERVED: mean})
