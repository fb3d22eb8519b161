"""The card of a model version, as people read it in MLflow: data, quality beside the rules, limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Facts of a manifest, in the order they are told.
_FACTS = (
    ("cutoff", "Data until"),
    ("judged_at", "Judged on what came after"),
    ("data_version", "Data version"),
    ("event", "Churn is told by"),
    ("horizon_days", "Horizons (days)"),
    ("label_days", "Outcomes followed for (days)"),
    ("active_days", "Active: an event in the last (days)"),
    ("observation_days", "Observed (days)"),
    ("learned_at", "Learned at"),
    ("rows", "Rows learned from"),
    ("rounds", "Trees"),
    ("periods", "Periods"),
    ("channels", "Channels"),
    ("served", "Served"),
    ("why_served", "Why"),
    ("grade", "Grade"),
)
_NO_LIMITS = "None known beyond the data named above."


def card(kind: str, bundle: str, manifest: Mapping[str, Any]) -> str:
    """Markdown: what the model was learned from, how good it was on later data beside its baselines, where it ends.

    manifest: a bundle's; what it doesn't hold is left out. No customer is named in it.
    """
    facts = [f"| {label} | {_text(manifest[name])} |" for name, label in _FACTS if manifest.get(name) is not None]
    limits = manifest.get("limits", [])
    return "\n".join(
        [
            f"# {kind}, version {bundle}",
            "",
            "| | |",
            "|---|---|",
            *facts,
            "",
            "## Quality on later data",
            "",
            *_quality(manifest),
            "",
            "## Limits",
            "",
            *([f"- {limit['en']}\n- {limit['zh']}" for limit in limits] or [_NO_LIMITS]),
            "",
        ]
    )


def _quality(manifest: Mapping[str, Any]) -> list[str]:
    """A table: a figure a row, the model beside each baseline."""
    metrics = manifest.get("metrics", {})
    baselines = manifest.get("baselines") or metrics.get("baselines") or {}
    figures = [name for name, value in metrics.items() if _is_number(value)]
    if not figures:
        return ["Too little data to judge it."]
    head = ["figure", "model", *baselines]
    rows = [
        [
            name,
            _text(metrics[name]),
            *(_text(rule.get(name)) if _is_number(rule.get(name)) else "" for rule in baselines.values()),
        ]
        for name in figures
    ]
    intervals = [[name, _text(metrics[name])] for name in metrics if name.endswith("_interval") and metrics[name]]
    return [
        f"| {' | '.join(head)} |",
        f"|{'---|' * len(head)}",
        *(f"| {' | '.join(row)} |" for row in rows),
        *(f"| {name} | {value} |{' |' * len(baselines)}" for name, value in intervals),
    ]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_text(one)}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return " to ".join(_text(one) for one in value) if len(value) == 2 else ", ".join(_text(one) for one in value)
    return str(value)
