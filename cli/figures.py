"""Figures of a backtest: JSON for scripts, a table for people."""

import json
from typing import Any

import typer
from rich.table import Table

from cli.terminal import show


def print_figures(result: dict[str, Any], as_json: bool, title: str) -> None:
    """Print every figure of a result, those of a nested one in a row."""
    if as_json:
        typer.echo(json.dumps(result))
        return
    shown = Table("figure", "value", title=title)
    for name, value in result.items():
        shown.add_row(name, _text(value))
    show(shown)


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, dict):
        return "  ".join(f"{name} {_text(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return " to ".join(_text(inner) for inner in value)
    return str(value)
