"""The pure part of training a forecast: what short histories and hard series come to."""

from pathlib import Path

import numpy as np

from training.bundle import store
from training.bundle.volume import SEASONAL_NAIVE, VolumeModel
from training.volume_fit import fitted_volume
from training.volume_panel import GRAINS, Panel
from training.volume_served import served_means

START = np.datetime64("2025-01-06T00:00")


def bundled(folder: Path, counts: Panel, horizon: int = 28) -> VolumeModel:
    fitted = fitted_volume(counts, None, horizon)
    text = fitted.booster.model_to_string().encode() if fitted.booster is not None else b""
    name = store.write(folder, "volume", fitted.manifest, {"model.txt": text})
    return VolumeModel.from_bundle(store.read(folder, name))


def test_where_the_rule_is_better_the_rule_is_served(tmp_path: Path) -> None:
    # Each week is another week's level, kept for good: last week's number is the best there is.
    generator = np.random.default_rng(1)
    level = np.repeat(np.exp(np.cumsum(generator.normal(0, 0.5, 52))), 7)
    counts = Panel(GRAINS["day"], ("all",), START, np.round(level * 1000)[None])
    model = bundled(tmp_path, counts)
    naive = counts.counts[0, -7:]
    if model.served["all"] == SEASONAL_NAIVE:
        assert served_means(model, counts, None, 14)[0].tolist() == [*naive, *naive]
    figures = model.metrics
    better = figures["wape"] < figures["baselines"]["seasonal_naive"]["wape"]
    assert (model.served["all"] == "model") is better


def test_three_weeks_serve_the_rule_without_intervals(tmp_path: Path) -> None:
    counts = Panel(GRAINS["day"], ("all",), START, np.random.default_rng(2).poisson(20, (1, 22)).astype(float))
    model = bundled(tmp_path, counts)
    assert model.served == {"all": SEASONAL_NAIVE}
    lower, upper = model.interval("all", np.full(28, 20.0), 80)
    assert np.isnan(lower).all()
    assert np.isnan(upper).all()


def test_seven_weeks_support_80_percent_of_the_next_week_and_no_95(tmp_path: Path) -> None:
    counts = Panel(GRAINS["day"], ("all",), START, np.random.default_rng(3).poisson(20, (1, 59)).astype(float))
    model = bundled(tmp_path, counts)
    lower, _ = model.interval("all", np.full(28, 20.0), 80)
    assert np.isfinite(lower[:7]).all()
    assert np.isnan(lower[14:]).all()
    assert np.isnan(model.interval("all", np.full(28, 20.0), 95)[0]).all()
