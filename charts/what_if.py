"""The risk over the values of one feature, with one customer's own place."""

from __future__ import annotations

from typing import Any

import altair as alt

from charts.empty import empty
from charts.over import over
from charts.rows import Rows, records
from charts.theme import finished
from charts.words import AXIS_FORMATS, FORMATS, Number, word


def what_if(
    table: Rows,
    *,
    own: float | None = None,
    own_risk: float | None = None,
    own_title: str = "",
    x_title: str = "",
    y_title: str = "",
    number: Number = "decimal",
    title: str | None = None,
    language: str = "en",
    height: int = 240,
) -> Any:
    """Draw columns `value` and `risk` (on [0, 1]), a point each, and the customer's own value and risk where known.

    The points are joined to be read in their order; between them nothing is claimed.
    """
    rows = records(table)
    if not rows:
        return empty(title=title, language=language)
    x = alt.X(
        "value:Q", title=x_title, axis=alt.Axis(format=AXIS_FORMATS[number], tickCount=6), scale=alt.Scale(zero=False)
    )
    risks = alt.Scale(domain=[0, _top(rows)])
    y = alt.Y("risk:Q", title=y_title, axis=alt.Axis(format=",~%", tickCount=5), scale=risks)
    hints = [
        alt.Tooltip("value:Q", title=x_title, format=FORMATS[number]),
        alt.Tooltip("risk:Q", title=y_title or word("risk", language), format=FORMATS["share"]),
    ]
    # The theme's first colour for customers alike, its second for this one.
    colour = alt.Color("who:N", scale=alt.Scale(domain=["alike", "own"]), legend=None)
    base = over([{**row, "who": "alike"} for row in rows]).encode(x=x, y=y)
    layers = [
        base.mark_line(opacity=0.45, strokeWidth=1.5, strokeDash=[4, 3]).encode(color=colour),
        base.mark_point(size=60).encode(color=colour, tooltip=hints),
    ]
    if own is not None and own_risk is not None:
        # Beside its point, towards the middle: at the edges there is no room outside.
        to_left = own > (min(row["value"] for row in rows) + max(row["value"] for row in rows)) / 2
        place = over([{"value": own, "risk": own_risk, "text": own_title, "who": "own"}]).encode(x=x, y=y)
        layers += [
            place.mark_rule(style="cursor").encode(y=alt.value(0), y2=alt.value(height)),
            place.mark_point(shape="diamond", size=190).encode(color=colour, tooltip=hints),
            place.mark_text(dx=-12 if to_left else 12, align="right" if to_left else "left", fontWeight=600).encode(
                text="text:N"
            ),
        ]
    return finished(alt.layer(*layers), title=title, language=language, height=height)


def _top(rows: list[dict[str, Any]]) -> float:
    """A little above the highest risk, and never so low that a trifle looks like a mountain."""
    return min(1.0, max(0.1, 1.25 * max(float(row["risk"]) for row in rows)))
