"""Where the names of bubbles are written, so that they run into neither each other nor a bubble."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from charts.fonts import has_chinese

Box: TypeAlias = tuple[float, float, float, float]
_GAP = 4.0
_HALF_LINE = 8.0


@dataclass(frozen=True)
class Circle:
    """A bubble in points: its middle (y grows downwards), its radius and the name beside it."""

    x: float
    y: float
    radius: float
    name: str


@dataclass(frozen=True)
class Label:
    """How a name is set from its bubble's middle: Vega's text alignment and offsets in points."""

    align: str
    baseline: str
    dx: float
    dy: float

    def columns(self) -> dict[str, Any]:
        """As columns of the row a text mark is drawn from, for `FROM_COLUMNS`."""
        return {"align": self.align, "baseline": self.baseline, "dx": round(self.dx, 1), "dy": round(self.dy, 1)}


# Arguments of a text mark that sets each name as its row's own columns say: one mark for all.
FROM_COLUMNS: dict[str, Any] = {name: {"expr": f"datum.{name}"} for name in ("align", "baseline", "dx", "dy")}


def labels(circles: Sequence[Circle], frame: Box) -> list[Label | None]:
    """For each bubble the first free place right of it, left, above or below inside `frame`; None where none is free.

    Earlier bubbles choose first: give the most important ones first.
    """
    taken = [_box(circle) for circle in circles]
    found: list[Label | None] = []
    for number, circle in enumerate(circles):
        others = taken[:number] + taken[number + 1 :]
        free = (choice for choice in _choices(circle) if _fits(choice[1], others, frame))
        label, box = next(free, (None, None))
        if box is not None:
            taken.append(box)
        found.append(label)
    return found


def above(circle: Circle) -> Label:
    """The place above a bubble, free or not."""
    return Label("center", "bottom", 0.0, -circle.radius - _GAP)


def _box(circle: Circle) -> Box:
    return (
        circle.x - circle.radius,
        circle.y - circle.radius,
        circle.x + circle.radius,
        circle.y + circle.radius,
    )


def _choices(circle: Circle) -> list[tuple[Label, Box]]:
    long = sum(12.5 if has_chinese(letter) else 6.8 for letter in circle.name)
    reach = circle.radius + _GAP
    x, y = circle.x, circle.y
    return [
        (Label("left", "middle", reach, 0.0), (x + reach, y - _HALF_LINE, x + reach + long, y + _HALF_LINE)),
        (Label("right", "middle", -reach, 0.0), (x - reach - long, y - _HALF_LINE, x - reach, y + _HALF_LINE)),
        (Label("center", "bottom", 0.0, -reach), (x - long / 2, y - reach - 2 * _HALF_LINE, x + long / 2, y - reach)),
        (Label("center", "top", 0.0, reach), (x - long / 2, y + reach, x + long / 2, y + reach + 2 * _HALF_LINE)),
    ]


def _fits(box: Box, others: Sequence[Box], frame: Box) -> bool:
    inside = frame[0] <= box[0] and frame[1] <= box[1] and box[2] <= frame[2] and box[3] <= frame[3]
    return inside and not any(_overlap(box, other) for other in others)


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
