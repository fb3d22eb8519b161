"""Segments by two of their figures: how big they are, how much at risk, how valuable."""

from __future__ import annotations

import math
from typing import Any

import altair as alt

from charts.empty import empty
from charts.labels import FROM_COLUMNS, Circle, Label, every_label
from charts.over import over
from charts.rows import Record, Rows, records
from charts.theme import finished
from charts.words import AXIS_FORMATS, FORMATS, Number, word

_AREAS = (120.0, 2400.0)  # square points of an empty and of the largest bubble
_NARROW = 410.0  # points: labels placed apart in a narrow page stay apart in a wide one


def segment_map(
    table: Rows,
    *,
    x: str = "value_mean",
    y: str = "churn_90_mean",
    size: str = "customers",
    name: str = "name",
    x_title: str | None = None,
    y_title: str | None = None,
    x_number: Number = "decimal",
    y_number: Number = "share",
    title: str | None = None,
    language: str = "en",
    height: int = 320,
) -> Any:
    """Draw a bubble a segment at columns `x` and `y`, its area by column `size`, labelled with column `name`."""
    rows = [row for row in records(table) if row[x] is not None and row[y] is not None]
    if not rows:
        return empty(title=title, language=language)
    x_title, y_title = x_title or word("value", language), y_title or word("risk", language)
    place = {
        "x": _axis(x, x_title, x_number, [float(row[x]) for row in rows], alt.X),
        "y": _axis(y, y_title, y_number, [float(row[y]) for row in rows], alt.Y),
    }
    bubbles = (
        over(rows)
        .mark_circle(style="bubble")
        .encode(
            **place,
            size=alt.Size(size, type="quantitative", scale=alt.Scale(range=list(_AREAS), domainMin=0), legend=None),
            color=alt.Color(name, type="nominal", sort=[row[name] for row in rows], legend=None),
            tooltip=[
                alt.Tooltip(name, type="nominal", title=word("name", language)),
                alt.Tooltip(size, type="quantitative", title=word("customers", language), format=FORMATS["count"]),
                alt.Tooltip(x, type="quantitative", title=x_title, format=FORMATS[x_number]),
                alt.Tooltip(y, type="quantitative", title=y_title, format=FORMATS[y_number]),
            ],
        )
    )
    placed = zip(rows, _labels(rows, x, y, size, name, height), strict=True)
    named = over([{**row, **label.columns()} for row, label in placed])
    names = named.mark_text(style="label", **FROM_COLUMNS).encode(**place, text=alt.Text(name, type="nominal"))
    return finished(alt.layer(bubbles, names), title=title, language=language, height=height)


def _labels(rows: list[Record], x: str, y: str, size: str, name: str, height: int) -> list[Label]:
    """Every segment is named, in a narrow chart as well."""
    (left, right), (bottom, top) = (_roomy([float(row[column]) for row in rows]) for column in (x, y))
    largest = max(float(row[size]) for row in rows) or 1.0
    circles = [
        Circle(
            _NARROW * (float(row[x]) - left) / (right - left),
            height * (top - float(row[y])) / (top - bottom),
            ((_AREAS[0] + (_AREAS[1] - _AREAS[0]) * float(row[size]) / largest) / math.pi) ** 0.5,
            str(row[name]),
        )
        for row in rows
    ]
    return every_label(circles, (0.0, 0.0, _NARROW, float(height)))


def _axis(column: str, title: str, number: Number, values: list[float], channel: Any) -> Any:
    axis = alt.Axis(format=AXIS_FORMATS[number], tickCount=5, grid=True)
    scale = alt.Scale(domain=_roomy(values), nice=False, zero=False)
    return channel(column, type="quantitative", title=title, axis=axis, scale=scale)


def _roomy(values: list[float]) -> list[float]:
    """The range of the values with room round it, so that bubbles and labels stay inside; never below 0."""
    low, high = min(values), max(values)
    room = 0.22 * (high - low) or 0.1 * abs(high) or 0.1
    return [max(0.0, low - room), high + room]
