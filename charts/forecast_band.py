"""What came, and what is coming: history, expected contacts, and the ranges they should fall in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import altair as alt

from charts.empty import empty
from charts.over import over
from charts.rows import Record, Rows, records, time_format, timed
from charts.theme import finished
from charts.words import AXIS_FORMATS, FORMATS, with_unit, word


def forecast_band(
    history: Rows,
    forecast: Rows,
    *,
    unit: str = "",
    y_title: str = "",
    title: str | None = None,
    language: str = "en",
    height: int = 300,
) -> Any:
    """Draw `history` (period_start, count) and `forecast` (period_start, mean, lower_80, upper_80, lower_95, upper_95).

    A band whose bounds are null isn't drawn: the backtest couldn't support it. A rule marks where the forecast begins.
    """
    past, future = records(history), records(forecast)
    if not past and not future:
        return empty(title=title, language=language)
    axis_format = time_format(past + future, "period_start", language)
    past, future = timed(past, "period_start", language), timed(future, "period_start", language)
    names = [word(name, language) for name in ("actual", "forecast", "band_80", "band_95")]
    axes = _Axes(axis_format, with_unit(y_title, unit), names, _present(names, past, future))
    layers = [
        *_bands(future, axes, language),
        *_lines(past, future, axes, language),
        *_beginning(future, axes, language),
    ]
    return finished(alt.layer(*layers), title=title, language=language, height=height)


@dataclass(frozen=True)
class _Axes:
    """What all layers share: the scale of time, the scale of contacts, the legend."""

    time_format: str
    title: str
    names: list[str]
    drawn: list[str]

    def x(self) -> alt.X:
        axis = alt.Axis(format=self.time_format, tickCount=8, labelOverlap=True, grid=False)
        return alt.X("period_start:T", title=None, scale=alt.Scale(type="utc"), axis=axis)

    def y(self, column: str) -> alt.Y:
        axis = alt.Axis(format=AXIS_FORMATS["count"], tickCount=5, grid=True)
        return alt.Y(column, type="quantitative", title=self.title, axis=axis, scale=alt.Scale(zero=True, nice=True))

    def color(self) -> alt.Color:
        scale = alt.Scale(domain=self.drawn, range="ordinal")
        return alt.Color("part:N", scale=scale, legend=alt.Legend(symbolType="square"))


def _present(names: list[str], past: list[Record], future: list[Record]) -> list[str]:
    """The legend names no band that isn't drawn; the colours keep their places from the front."""
    if not future:
        return names[:1]
    return names if _has(future, "95") else names[:3] if _has(future, "80") else names[:2]


def _has(future: list[Record], level: str) -> bool:
    return any(row.get(f"lower_{level}") is not None for row in future)


def _bands(future: list[Record], axes: _Axes, language: str) -> list[Any]:
    bands, names = [], axes.names
    for level, name in (("95", names[3]), ("80", names[2])):
        if not _has(future, level):
            continue
        rows = [{**row, "part": name} for row in future if row.get(f"lower_{level}") is not None]
        bands.append(
            over(rows)
            .mark_area(opacity=1)
            .encode(
                x=axes.x(),
                y=axes.y(f"lower_{level}"),
                y2=f"upper_{level}",
                color=axes.color(),
                tooltip=[
                    alt.Tooltip("when:N", title=word("when", language)),
                    alt.Tooltip("mean:Q", title=names[1], format=FORMATS["count"]),
                    alt.Tooltip(f"lower_{level}", type="quantitative", title=f"{name} ≥", format=FORMATS["count"]),
                    alt.Tooltip(f"upper_{level}", type="quantitative", title=f"{name} ≤", format=FORMATS["count"]),
                ],
            )
        )
    return bands


def _lines(past: list[Record], future: list[Record], axes: _Axes, language: str) -> list[Any]:
    lines, names = [], axes.names
    for rows, column, name in ((past, "count", names[0]), (future, "mean", names[1])):
        if not rows:
            continue
        base = over([{**row, "part": name} for row in rows]).encode(
            x=axes.x(),
            y=axes.y(column),
            color=axes.color(),
            tooltip=[
                alt.Tooltip("when:N", title=word("when", language)),
                alt.Tooltip(column, type="quantitative", title=name, format=FORMATS["count"]),
            ],
        )
        # The wide invisible points catch the pointer, so that the thin line has a tooltip.
        lines += [base.mark_line(), base.mark_point(size=120, opacity=0)]
    return lines


def _beginning(future: list[Record], axes: _Axes, language: str) -> list[Any]:
    if not future:
        return []
    rows = [{"period_start": future[0]["period_start"], "text": word("begins", language)}]
    start = over(rows).encode(x=axes.x())
    return [
        start.mark_rule(style="reference"),
        start.mark_text(align="left", baseline="top", dx=6, y=2, style="note").encode(text="text:N"),
    ]
