"""Where the names of bubbles are written, so that they run into neither each other nor a bubble."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from charts.fonts import has_chinese

Box: TypeAlias = tuple[float, float, float, float]
_GAP = 4.0
_HALF_LINE = 8.0
# A name on another name can't be read, one on a bubble can.
_NAME_HIDDEN = 5.0
_EVERYWHERE: Box = (-1e6, -1e6, 1e6, 1e6)


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
        free = (choice for choice in _choices(circle) if not _clash(choice[1], others, frame))
        label, box = next(free, (None, None))
        if box is not None:
            taken.append(box)
        found.append(label)
    return found


def every_label(circles: Sequence[Circle], frame: Box) -> list[Label]:
    """The same for bubbles that must all be named.

    Where none of the four places is free, a name begins or ends at the bubble's edge, or stands a line further off;
    where none at all is, it stands where it hides least, on bubbles rather than on other names.
    """
    bubbles = [_box(circle) for circle in circles]
    names: list[Box] = []
    found = []
    for number, circle in enumerate(circles):
        others = bubbles[:number] + bubbles[number + 1 :]
        places = [*_choices(circle), *_further(circle)]
        cost = [_clash(box, others, frame) + _NAME_HIDDEN * _clash(box, names, _EVERYWHERE) for _, box in places]
        label, box = places[cost.index(min(cost))]
        names.append(box)
        found.append(label)
    return found


def _box(circle: Circle) -> Box:
    return (
        circle.x - circle.radius,
        circle.y - circle.radius,
        circle.x + circle.radius,
        circle.y + circle.radius,
    )


def _long(name: str) -> float:
    return sum(12.5 if has_chinese(letter) else 6.8 for letter in name)


def _choices(circle: Circle) -> list[tuple[Label, Box]]:
    long = _long(circle.name)
    reach = circle.radius + _GAP
    x, y = circle.x, circle.y
    return [
        (Label("left", "middle", reach, 0.0), (x + reach, y - _HALF_LINE, x + reach + long, y + _HALF_LINE)),
        (Label("right", "middle", -reach, 0.0), (x - reach - long, y - _HALF_LINE, x - reach, y + _HALF_LINE)),
        (Label("center", "bottom", 0.0, -reach), (x - long / 2, y - reach - 2 * _HALF_LINE, x + long / 2, y - reach)),
        (Label("center", "top", 0.0, reach), (x - long / 2, y + reach, x + long / 2, y + reach + 2 * _HALF_LINE)),
    ]


def _further(circle: Circle) -> list[tuple[Label, Box]]:
    """Above and below, beginning or ending at the bubble's edge; then each a line further off."""
    found = []
    for lines in (0, 1):
        reach = circle.radius + _GAP + lines * 2 * _HALF_LINE
        found += [
            _set(circle, align, baseline, reach)
            for baseline in ("bottom", "top")
            for align in ("left", "right", "center")
        ]
    return found


def _set(circle: Circle, align: str, baseline: str, reach: float) -> tuple[Label, Box]:
    """A name above ("bottom" is its own) or below a bubble's middle by `reach`."""
    long = _long(circle.name)
    aside = {"left": -circle.radius, "right": circle.radius, "center": 0.0}[align]
    begin = circle.x + aside - {"left": 0.0, "right": long, "center": long / 2}[align]
    up = baseline == "bottom"
    top = circle.y - reach - 2 * _HALF_LINE if up else circle.y + reach
    return Label(align, baseline, aside, -reach if up else reach), (begin, top, begin + long, top + 2 * _HALF_LINE)


def _clash(box: Box, others: Sequence[Box], frame: Box) -> float:
    """How much of a box lies on others or outside the frame, in square points; 0 where it is free."""
    outside = _area(box) - _shared(box, frame)
    return outside + sum(_shared(box, other) for other in others)


def _shared(one: Box, other: Box) -> float:
    wide, high = min(one[2], other[2]) - max(one[0], other[0]), min(one[3], other[3]) - max(one[1], other[1])
    return wide * high if wide > 0 and high > 0 else 0.0


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
