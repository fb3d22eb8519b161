"""A figure over time, one line or one line a series."""

from __future__ import annotations

from typing import Any

import altair as alt

from charts.empty import empty
from charts.over import over
from charts.rows import Record, Rows, records, time_format, timed
from charts.theme import finished
from charts.words import AXIS_FORMATS, FORMATS, Number, with_unit, word


def line(
    table: Rows,
    x: str,
    y: str,
    *,
    series: str | None = None,
    y_title: str = "",
    unit: str = "",
    number: Number = "count",
    title: str | None = None,
    language: str = "en",
    height: int = 280,
) -> Any:
    """Draw column `y` over the times in column `x`; a null leaves a gap. `series` names the column of several lines.

    Shares (`number="share"`) are on [0, 1] and labelled in per cent.
    """
    rows = records(table)
    if not rows:
        return empty(title=title, language=language)
    axis_format = time_format(rows, x, language)
    base = over(timed(rows, x, language)).encode(
        x=alt.X(x, type="temporal", title=None, scale=alt.Scale(type="utc"), axis=_time_axis(axis_format)),
        y=alt.Y(
            y,
            type="quantitative",
            title=with_unit(y_title, unit),
            axis=alt.Axis(format=AXIS_FORMATS[number], tickCount=5),
            scale=alt.Scale(zero=True, nice=True),
        ),
    )
    if series is not None:
        base = base.encode(color=alt.Color(series, type="nominal", sort=_by_size(rows, series, y)))
    hints = [alt.Tooltip("when:N", title=word("when", language))]
    hints += [alt.Tooltip(series, type="nominal")] if series else []
    hints += [alt.Tooltip(y, type="quantitative", title=y_title or y, format=FORMATS[number])]
    # Invisible until hovered: a reader need not hit a thin line exactly.
    hover = alt.selection_point(on="pointerover", nearest=True, fields=[x], empty=False)
    points = base.mark_point(size=60).encode(opacity=alt.condition(hover, alt.value(1), alt.value(0)), tooltip=hints)
    # A line needs two ends: where there is one moment only, its points are drawn.
    alone = len({row[x] for row in rows}) == 1
    drawn = alt.layer(base.mark_line(point=alone), points.add_params(hover))
    return finished(drawn, title=title, language=language, height=height)


def _time_axis(axis_format: str) -> alt.Axis:
    return alt.Axis(format=axis_format, tickCount=8, labelOverlap=True, grid=False)


def _by_size(rows: list[Record], series: str, y: str) -> list[Any]:
    totals: dict[Any, float] = {}
    for row in rows:
        totals[row[series]] = totals.get(row[series], 0.0) + float(row[y] or 0.0)
    return sorted(totals, key=lambda name: (-totals[name], str(name)))
