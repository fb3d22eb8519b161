"""What a benchmark found, row by row: printed as a table, and written where the next run can be held beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Column, Table

# Not committed: a file a benchmark, a list of {name, value, unit, peer, ratio}.
FOLDER = Path(__file__).parent / "results"

Row = dict[str, Any]


def compared(name: str, value: float, unit: str, peer: float | None) -> Row:
    """What was measured, beside what others reach; `ratio` is value / peer, None where there is no peer."""
    return {"name": name, "value": value, "unit": unit, "peer": peer, "ratio": value / peer if peer else None}


def show(rows: Sequence[Mapping[str, Any]], title: str, digits: int) -> None:
    """Print the rows, figures with so many digits after the point."""
    table = Table(*(Column(name, no_wrap=True) for name in ("name", "value", "unit", "peer", "ratio")), title=title)
    for one in rows:
        figures = [_figure(one["value"], digits), one["unit"], _figure(one["peer"], digits)]
        table.add_row(one["name"], *figures, _figure(one["ratio"], 3))
    # As wide as its rows: cut figures would be worse than a wrapped line.
    Console(width=120).print(table)


def write(name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the rows to results/NAME.json."""
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def _figure(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:,.{digits}f}"
