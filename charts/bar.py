"""A figure by category: horizontal bars, longest first, each with its number."""

from __future__ import annotations

from typing import Any

import altair as alt

from charts.empty import empty
from charts.over import over
from charts.rows import Rows, records
from charts.theme import finished
from charts.words import AXIS_FORMATS, FORMATS, Number, with_unit

# Points a bar, or a lane of several bars to a category, needs for its number to be read.
_BAR_HEIGHT = 30
_LANE_HEIGHT = 20


def bar(
    table: Rows,
    category: str,
    value: str,
    *,
    series: str | None = None,
    value_title: str = "",
    unit: str = "",
    number: Number = "count",
    title: str | None = None,
    language: str = "en",
    most: int = 20,
    keep_order: bool = False,
) -> Any:
    """Draw column `value` by column `category`, at most `most` categories; `series` splits each bar in several.

    `keep_order`: categories as the rows have them, for those with an order of their own.
    """
    rows = [row for row in records(table) if row[value] is not None]
    if not rows:
        return empty(title=title, language=language)
    order = _order([(row[category], float(row[value])) for row in rows], keep_order)
    shown, left_out = order[:most], len(order) - most
    rows = [row for row in rows if row[category] in shown]
    base = over(rows).encode(
        y=alt.Y(category, type="nominal", sort=shown, title=None, axis=alt.Axis(labelLimit=180)),
        x=alt.X(
            value,
            type="quantitative",
            title=with_unit(value_title, unit),
            axis=alt.Axis(format=AXIS_FORMATS[number], tickCount=5, grid=True),
        ),
        tooltip=[
            alt.Tooltip(category, type="nominal"),
            *([alt.Tooltip(series, type="nominal")] if series else []),
            alt.Tooltip(value, type="quantitative", title=value_title or value, format=FORMATS[number]),
        ],
    )
    large = number == "decimal" and max(abs(float(row[value])) for row in rows) >= 100
    written = FORMATS["count" if large else number]
    numbers = base.mark_text(align="left", dx=5, style="label").encode(
        text=alt.Text(value, type="quantitative", format=written)
    )
    bars = base.mark_bar(height={"band": 0.72 if series is None else 0.9})
    lanes = len(shown)
    if series is not None:
        names = sorted({str(row[series]) for row in rows})
        lane = alt.YOffset(series, type="nominal", sort=names)
        bars = bars.encode(color=alt.Color(series, type="nominal", sort=names), yOffset=lane)
        numbers = numbers.encode(yOffset=lane)
        lanes = len(shown) * len(names)
    height = max(90, (_BAR_HEIGHT if series is None else _LANE_HEIGHT) * lanes)
    subtitle = f"+{left_out}" if left_out > 0 else None
    return finished(alt.layer(bars, numbers), title=title, language=language, height=height, subtitle=subtitle)


def _order(pairs: list[tuple[Any, float]], keep: bool) -> list[Any]:
    totals: dict[Any, float] = {}
    for name, value in pairs:
        totals[name] = totals.get(name, 0.0) + value
    return list(totals) if keep else sorted(totals, key=lambda name: (-totals[name], str(name)))
