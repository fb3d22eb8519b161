"""Rows of the service's table that were promised something: `kept` says whether it holds."""

from __future__ import annotations

from benchmarks.results_table import Row, compared


def promised(name: str, value: float, unit: str, most: float) -> Row:
    """A figure that was promised to be `most` at most."""
    return {**compared(name, value, unit, most), "kept": value <= most}


def at_least(name: str, value: float, unit: str, peer: float, least: float) -> Row:
    """A figure that was promised to be at least so many times its peer's."""
    return {**compared(name, value, unit, peer), "kept": value >= least * peer}
