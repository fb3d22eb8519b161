"""What customers need: topics by how well they are met and how much they matter, in four quarters."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import altair as alt

from charts.empty import empty
from charts.labels import FROM_COLUMNS, Circle, Label, every_label
from charts.over import over
from charts.rows import Record, Rows, records
from charts.theme import finished
from charts.words import AXIS_FORMATS, FORMATS, word

_AREAS = (150.0, 1800.0)  # square points of an empty and of the largest bubble
_NARROW = 460.0  # points: labels placed apart in a narrow page stay apart in a wide one
_X, _Y, _SIZE, _NAME = "satisfaction", "importance", "answers", "name"
_CORNERS = ("first", "keep", "watch", "ease")


def needs_map(
    table: Rows,
    *,
    titles: Mapping[str, str],
    corners: Mapping[str, str],
    title: str | None = None,
    language: str = "en",
    height: int = 380,
) -> Any:
    """Draw a bubble a topic: `satisfaction` across, `importance` upwards, its area by `answers`, labelled with `name`.

    The quarters part at the means of both, weighed by answers. titles: of satisfaction, importance, answers and
    need_gap; corners: what stands in the quarters: `first` (matters, not met), `keep`, `watch` and `ease` (met, matters
    less).
    """
    rows = [row for row in records(table) if row[_X] is not None and row[_Y] is not None]
    if not rows:
        return empty(title=title, language=language)
    place = {
        "x": _axis(_X, titles[_X], [float(row[_X]) for row in rows], alt.X),
        "y": _axis(_Y, titles[_Y], [float(row[_Y]) for row in rows], alt.Y),
    }
    bubbles = (
        over(rows)
        .mark_circle(style="bubble")
        .encode(
            **place,
            size=alt.Size(_SIZE, type="quantitative", scale=alt.Scale(range=list(_AREAS), domainMin=0), legend=None),
            color=alt.Color(_NAME, type="nominal", sort=[row[_NAME] for row in rows], legend=None),
            tooltip=[
                alt.Tooltip(_NAME, type="nominal", title=word("name", language)),
                *(
                    alt.Tooltip(name, type="quantitative", title=titles[name], format=FORMATS[kind])
                    for name, kind in ((_Y, "decimal"), (_X, "decimal"), ("need_gap", "decimal"), (_SIZE, "count"))
                ),
            ],
        )
    )
    placed = zip(rows, _labels(rows, height), strict=True)
    named = over([{**row, **label.columns()} for row, label in placed])
    names = named.mark_text(style="label", **FROM_COLUMNS).encode(**place, text=alt.Text(_NAME, type="nominal"))
    layers = [*_quarters(rows, place), *_corner_words(corners), bubbles, names]
    return finished(alt.layer(*layers), title=title, language=language, height=height)


def _quarters(rows: list[Record], place: Mapping[str, Any]) -> list[Any]:
    """A line at the mean of each, as answered."""
    total = sum(float(row[_SIZE]) for row in rows) or 1.0
    means = {name: sum(float(row[name]) * float(row[_SIZE]) for row in rows) / total for name in (_X, _Y)}
    upright = over([{_X: means[_X]}]).mark_rule(style="reference").encode(x=place["x"])
    across = over([{_Y: means[_Y]}]).mark_rule(style="reference").encode(y=place["y"])
    return [upright, across]


def _corner_words(corners: Mapping[str, str]) -> list[Any]:
    """The words of the quarters, in their outer corners."""
    places = {
        "first": (0.0, "left", 0.0, "top"),
        "keep": (1.0, "right", 0.0, "top"),
        "watch": (0.0, "left", 1.0, "bottom"),
        "ease": (1.0, "right", 1.0, "bottom"),
    }
    found = []
    for corner in _CORNERS:
        right, align, down, baseline = places[corner]
        found.append(
            over([{"corner": corners[corner]}])
            .mark_text(style="note", align=align, baseline=baseline, dx=-6 * (2 * right - 1), dy=-6 * (2 * down - 1))
            .encode(
                x=alt.value({"expr": f"{right:g} * width"}),
                y=alt.value({"expr": f"{down:g} * height"}),
                text=alt.Text("corner", type="nominal"),
            )
        )
    return found


def _labels(rows: list[Record], height: int) -> list[Label]:
    """Every topic is named, in a narrow chart as well."""
    (left, right), (bottom, top) = (_roomy([float(row[column]) for row in rows]) for column in (_X, _Y))
    largest = max(float(row[_SIZE]) for row in rows) or 1.0
    circles = [
        Circle(
            _NARROW * (float(row[_X]) - left) / (right - left),
            height * (top - float(row[_Y])) / (top - bottom),
            ((_AREAS[0] + (_AREAS[1] - _AREAS[0]) * float(row[_SIZE]) / largest) / math.pi) ** 0.5,
            str(row[_NAME]),
        )
        for row in rows
    ]
    # The corners' words keep a line at the top and the bottom.
    return every_label(circles, (0.0, 20.0, _NARROW, float(height) - 20.0))


def _axis(column: str, title: str, values: list[float], channel: Any) -> Any:
    axis = alt.Axis(format=AXIS_FORMATS["decimal"], tickCount=5, grid=True)
    scale = alt.Scale(domain=_roomy(values), nice=False, zero=False)
    return channel(column, type="quantitative", title=title, axis=axis, scale=scale)


def _roomy(values: list[float]) -> list[float]:
    """The range of the answers' means with room round it for bubbles and labels."""
    low, high = min(values), max(values)
    room = 0.3 * (high - low) or 0.5
    return [low - room, high + room]
