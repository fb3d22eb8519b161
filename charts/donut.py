"""Parts of a whole, with the whole in the middle."""

from __future__ import annotations

from typing import Any

import altair as alt

from charts.empty import empty
from charts.over import over
from charts.rows import Rows, records
from charts.theme import finished
from charts.words import FORMATS, word


def donut(
    table: Rows, category: str, value: str, *, title: str | None = None, language: str = "en", height: int = 240
) -> Any:
    """Draw column `value` (counts, 0 or more) by column `category` as shares of their total, largest first."""
    rows = [row for row in records(table) if row[value]]
    if not rows:
        return empty(title=title, language=language)
    rows.sort(key=lambda row: (-float(row[value]), str(row[category])))
    total = sum(float(row[value]) for row in rows)
    parts = [{**row, "share": float(row[value]) / total, "place": place} for place, row in enumerate(rows)]
    names = [row[category] for row in parts]
    legend = alt.Legend(orient="right", direction="vertical", offset=24)
    arcs = (
        over(parts)
        .mark_arc(innerRadius=height * 0.3, outerRadius=height * 0.46)
        .encode(
            theta=alt.Theta(value, type="quantitative", stack=True),
            order=alt.Order("place:Q"),
            color=alt.Color(category, type="nominal", sort=names, legend=legend),
            tooltip=[
                alt.Tooltip(category, type="nominal"),
                alt.Tooltip(value, type="quantitative", format=FORMATS["count"]),
                alt.Tooltip("share:Q", title=word("share", language), format=FORMATS["share"]),
            ],
        )
    )
    shares = (
        over([part for part in parts if part["share"] >= 0.06])
        .mark_text(radius=height * 0.38, fill="white", fontWeight=600)
        .encode(theta=alt.Theta("middle:Q", scale=alt.Scale(domain=[0, total])), text=alt.Text("share:Q", format=".0%"))
    )
    _place_middles(parts, value)
    middle = over([{"total": total, "text": word("total", language)}])
    number = middle.mark_text(fontSize=24, fontWeight=600, dy=-6, style="label").encode(
        text=alt.Text("total:Q", format=FORMATS["count"])
    )
    caption = middle.mark_text(dy=14, style="note").encode(text="text:N")
    drawn = alt.layer(arcs, shares, number, caption).resolve_scale(theta="independent")
    return finished(drawn, title=title, language=language, height=height, width=height)


def _place_middles(parts: list[dict[str, Any]], value: str) -> None:
    """Half-way round each part, where its number is written."""
    before = 0.0
    for part in parts:
        part["middle"] = before + float(part[value]) / 2
        before += float(part[value])
