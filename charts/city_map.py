"""Where the customers are: a bubble a city on a plain outline."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import altair as alt

from charts.empty import empty
from charts.labels import FROM_COLUMNS, Box, Circle, labels
from charts.outline import polygons
from charts.over import over, over_polygons
from charts.rows import Record, Rows, records
from charts.theme import PICTURE_WIDTH, finished
from charts.words import FORMATS, Number, word

OUTLINE = Path(__file__).parent / "data" / "countries-110m.json"
_LARGEST = 900  # square points of the largest bubble


def city_map(
    table: Rows,
    *,
    city: str = "city",
    value: str = "customers",
    value_title: str | None = None,
    number: Number = "count",
    outline: Path = OUTLINE,
    borders: bool = False,
    title: str | None = None,
    language: str = "en",
    height: int = 360,
) -> Any:
    """Draw a bubble at each row's `longitude` and `latitude` (degrees), its area by column `value`.

    The map shows where most are; `in_view` tells which rows that leaves out, for the page to name them.

    `outline`: a TopoJSON file with an object `land`, and `countries` when `borders` are wanted. By default no border is
    drawn: boundaries are a legal and political matter, and the deployer's to choose.
    """
    rows, _ = in_view(table, value)
    if not rows:
        return empty(title=title, language=language)
    rows.sort(key=lambda row: (-float(row[value]), str(row[city])))
    view = _View.of(rows)
    ground = over_polygons(polygons(outline, "countries" if borders else "land", view.box()))
    bubbles = _at(rows).mark_circle(style="bubble")
    bubbles = bubbles.encode(
        size=alt.Size(value, type="quantitative", scale=alt.Scale(range=[20, _LARGEST], domainMin=0), legend=None),
        tooltip=[
            alt.Tooltip(city, type="nominal", title=word("city", language)),
            alt.Tooltip(
                value, type="quantitative", title=value_title or word("customers", language), format=FORMATS[number]
            ),
        ],
    )
    placed = zip(rows, labels(_circles(rows, view, city, value, height), _frame(height)), strict=True)
    named = [{**row, **label.columns()} for row, label in placed if label is not None]
    names = _at(named).mark_text(style="label", **FROM_COLUMNS).encode(text=alt.Text(city, type="nominal"))
    drawn = alt.layer(ground.mark_geoshape(style="land", clip=True), bubbles, names)
    return finished(drawn.project(**view.projection()), title=title, language=language, height=height)


def in_view(table: Rows, value: str = "customers") -> tuple[list[Record], list[Record]]:
    """The rows a map shows, and those left out: without coordinates, or so far off that the others would be a blot.

    Far off is more than three quarters of an extent beyond the middle nine tenths, counted by `value`.
    """
    rows = records(table)
    placed = [row for row in rows if None not in (row["longitude"], row["latitude"], row[value])]
    ranges = {axis: _usual(placed, axis, value) for axis in ("longitude", "latitude")} if placed else {}
    shown = [row for row in placed if all(low <= float(row[axis]) <= high for axis, (low, high) in ranges.items())]
    return shown, [row for row in rows if row not in shown]


def _usual(rows: list[Record], axis: str, value: str) -> tuple[float, float]:
    """The middle nine tenths of a coordinate by weight, and three quarters of that extent on either side."""
    ordered = sorted(rows, key=lambda row: float(row[axis]))
    total = sum(float(row[value]) for row in rows)
    ends, passed = [], 0.0
    for row in ordered:
        before, passed = passed, passed + float(row[value])
        if before <= 0.05 * total <= passed or before <= 0.95 * total <= passed:
            ends.append(float(row[axis]))
    room = max(0.75 * (ends[-1] - ends[0]), 1.0)
    return ends[0] - room, ends[-1] + room


def _at(rows: list[Record]) -> Any:
    return over(rows).encode(longitude="longitude:Q", latitude="latitude:Q")


def _mercator(latitude: float) -> float:
    """Height on Mercator's map in radians; the poles are out of reach."""
    bounded = math.radians(max(-75.0, min(80.0, latitude)))
    return math.log(math.tan(math.pi / 4 + bounded / 2))


def _latitude(height: float) -> float:
    return math.degrees(2 * math.atan(math.exp(height)) - math.pi / 2)


@dataclass(frozen=True)
class _View:
    """The part of Mercator's map that holds all bubbles with room round them: middle and extent in radians."""

    east: float
    north: float
    width: float
    height: float

    @classmethod
    def of(cls, rows: list[Record]) -> _View:
        east = [math.radians(float(row["longitude"])) for row in rows]
        north = [_mercator(float(row["latitude"])) for row in rows]
        return cls(
            (max(east) + min(east)) / 2,
            (max(north) + min(north)) / 2,
            max(max(east) - min(east), 0.12) * 1.3,
            max(max(north) - min(north), 0.12) * 1.3,
        )

    def projection(self) -> dict[str, Any]:
        """Scaled to the width it is drawn at, whatever that is."""
        return {
            "type": "mercator",
            "center": [math.degrees(self.east), _latitude(self.north)],
            "scale": {"expr": f"min(width / {self.width:.6f}, height / {self.height:.6f})"},
            "translate": {"expr": "[width / 2, height / 2]"},
        }

    def box(self) -> Box:
        """What any drawing of it may show: a wide page shows more to the sides than a picture."""
        across, up = 4 * max(self.width, self.height), 1.5 * max(self.width, self.height)
        return (
            max(-180.0, math.degrees(self.east - across)),
            max(-85.0, _latitude(max(-3.0, self.north - up))),
            min(180.0, math.degrees(self.east + across)),
            min(85.0, _latitude(min(3.0, self.north + up))),
        )

    def place(self, row: Record, height: int) -> tuple[float, float]:
        """Points from the middle in a picture of the usual width."""
        scale = min(PICTURE_WIDTH / self.width, height / self.height)
        across = math.radians(float(row["longitude"])) - self.east
        return scale * across, -scale * (_mercator(float(row["latitude"])) - self.north)


def _circles(rows: list[Record], view: _View, city: str, value: str, height: int) -> list[Circle]:
    largest = float(rows[0][value]) or 1.0
    radii = [(_LARGEST * float(row[value]) / largest / math.pi) ** 0.5 for row in rows]
    return [Circle(*view.place(row, height), radius, str(row[city])) for row, radius in zip(rows, radii, strict=True)]


def _frame(height: int) -> Box:
    return -PICTURE_WIDTH / 2, -height / 2, PICTURE_WIDTH / 2, height / 2
