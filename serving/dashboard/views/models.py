"""The models served: how good beside the simple rules, on which data, promoted when and why."""

from __future__ import annotations

from typing import Any

from serving.answers import models as answers
from serving.answers import segments
from serving.dashboard import drawings
from serving.dashboard.visit import Visit

# In this order; whatever else a manifest measures follows. Settings and shapes of the run are told elsewhere.
_FIRST = (
    *("average_precision", "auc", "brier", "calibration_slope", "lift_at_10", "wape", "mase", "silhouette"),
    *("gini", "top_tenth_share", "spearman"),
)
_NOT_MEASURES = frozenset(("active_days", "horizon_days", "channels", "sizes", "stability", "windows"))


def models(visit: Visit) -> dict[str, Any]:
    """`models`: each answer with `measures`, a table of the model beside its baselines, its parts, and its charts."""
    answer = answers.models(visit.snapshot, visit.caller, visit.state)
    return {"models": [{**model, **_judged(visit, model)} for model in answer["models"]]}


def _judged(visit: Visit, model: dict[str, Any]) -> dict[str, Any]:
    metrics = model["metrics"] or {}
    baselines = {name: _flat(measured) for name, measured in (model["baselines"] or {}).items()}
    bins, points = metrics.get("calibration_bins"), metrics.get("lift_points")
    return {
        "rules": list(baselines),
        "in_its_place": in_its_place(model["served"]),
        "measures": measures(metrics, baselines),
        "tenths": metrics.get("tenths") or [],
        "channels": _channels(metrics.get("channels") or {}),
        "stability": _stability(visit, metrics.get("stability") or {}),
        "calibration": drawings.calibration(visit, bins) if bins else None,
        "lift": drawings.lift(visit, points) if points else None,
    }


def in_its_place(served: Any) -> list[dict[str, str | None]]:
    """The baselines served where the model was no better: `rule` and, for a model of several series, `channel`."""
    if isinstance(served, dict):
        return [{"rule": rule, "channel": channel} for channel, rule in sorted(served.items()) if rule != "model"]
    return [{"rule": served, "channel": None}] if served not in (None, "model") else []


def measures(metrics: dict[str, Any], baselines: dict[str, dict[str, float]]) -> list[dict[str, Any]]:
    """One row a measure: its name, the model's value, its interval where there is one, and each rule's value."""
    flat = _flat({name: value for name, value in metrics.items() if name not in _NOT_MEASURES})
    order = [name for name in _FIRST if name in flat] + sorted(name for name in flat if name not in _FIRST)
    return [
        {
            "name": name,
            "value": flat[name],
            "interval": _interval(metrics.get(f"{name}_interval")),
            "rules": [measured.get(name) for measured in baselines.values()],
        }
        for name in order
    ]


def _channels(found: dict[str, Any]) -> list[dict[str, Any]]:
    """WAPE of the model and of the seasonal naive, and realised coverage, channel by channel."""
    return [
        {
            "channel": channel,
            "wape": measured.get("wape"),
            "baseline_wape": measured.get("baselines", {}).get("seasonal_naive", {}).get("wape"),
            "coverage_80": measured.get("coverage", {}).get("80"),
            "coverage_95": measured.get("coverage", {}).get("95"),
        }
        for channel, measured in sorted(found.items())
    ]


def _stability(visit: Visit, found: dict[str, float]) -> list[dict[str, Any]]:
    """How stable each segment was under resampling, by its name."""
    rows = segments.all_segments(visit.snapshot, visit.caller)["segments"]
    called = {row["segment_id"]: visit.named(row, "name") for row in rows}
    return [{"name": called.get(name) or name, "jaccard": value} for name, value in sorted(found.items())]


def _flat(metrics: dict[str, Any]) -> dict[str, float]:
    """The numbers of a manifest, nested ones as name_key; what isn't a number is left out."""
    flat: dict[str, float] = {}
    for name, value in metrics.items():
        if isinstance(value, dict):
            flat.update({f"{name}_{key}": number for key, number in _flat(value).items()})
        elif isinstance(value, int | float) and not isinstance(value, bool):
            flat[name] = value
    return flat


def _interval(found: Any) -> tuple[float, float] | None:
    if isinstance(found, list | tuple) and len(found) == 2 and all(isinstance(end, int | float) for end in found):
        return float(found[0]), float(found[1])
    return None
