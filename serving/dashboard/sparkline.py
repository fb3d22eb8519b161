"""The small line beside a figure: where it has been."""

from __future__ import annotations

from collections.abc import Sequence

WIDTH = 120.0
HEIGHT = 32.0
_EDGE = 3.0


def sparkline(values: Sequence[float | None]) -> dict[str, float | str] | None:
    """An SVG path through the known values in order, and its last point; None for fewer than three.

    A value that is not known breaks the line. The scale runs from the lowest to the highest: it shows shape, not size.
    """
    known = [value for value in values if value is not None]
    if len(known) < 3:
        return None
    low, high = min(known), max(known)
    spread = (high - low) or 1.0
    step = (WIDTH - 2 * _EDGE) / (len(values) - 1)
    path, x, y, drawing = [], _EDGE, HEIGHT / 2, False
    for place, value in enumerate(values):
        if value is None:
            drawing = False
            continue
        x = _EDGE + place * step
        y = HEIGHT - _EDGE - (value - low) / spread * (HEIGHT - 2 * _EDGE)
        path.append(f"{'L' if drawing else 'M'}{x:.1f} {y:.1f}")
        drawing = True
    return {"path": "".join(path), "x": round(x, 1), "y": round(y, 1)}
