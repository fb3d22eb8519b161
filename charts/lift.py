"""How many leavers are found by calling the riskiest first: cumulative gains, beside the rules a model must beat."""

from __future__ import annotations

from typing import Any

import altair as alt

from charts.empty import empty
from charts.over import over
from charts.rows import Rows, records
from charts.theme import finished
from charts.words import FORMATS, word


def lift(
    table: Rows, *, series: str = "model", title: str | None = None, language: str = "en", height: int = 320
) -> Any:
    """Draw columns `contacted` and `found` (both on [0, 1]), a line for each value of column `series`, over chance."""
    rows = records(table)
    if not rows:
        return empty(title=title, language=language)
    rows.sort(key=lambda row: float(row["contacted"]))
    names = list(dict.fromkeys(row[series] for row in records(table)))
    scale = alt.Scale(domain=[0, 1])
    axis: dict[str, Any] = {"format": ",~%", "tickCount": 6, "grid": True}
    x = alt.X("contacted:Q", title=word("contacted", language), scale=scale, axis=alt.Axis(**axis))
    y = alt.Y("found:Q", title=word("found", language), scale=scale, axis=alt.Axis(**axis))
    base = over(rows).encode(x=x, y=y, color=alt.Color(series, type="nominal", sort=names))
    hints = [
        alt.Tooltip(series, type="nominal"),
        alt.Tooltip("contacted:Q", title=word("contacted", language), format=FORMATS["share"]),
        alt.Tooltip("found:Q", title=word("found", language), format=FORMATS["share"]),
    ]
    chance = over([{"contacted": 0, "found": 0}, {"contacted": 1, "found": 1}])
    note = over([{"contacted": 0.72, "found": 0.72, "text": word("chance", language)}])
    drawn = alt.layer(
        chance.mark_line(style="reference").encode(x="contacted:Q", y="found:Q"),
        note.mark_text(style="note", align="left", dx=8, dy=8).encode(x="contacted:Q", y="found:Q", text="text:N"),
        base.mark_line(),
        base.mark_point(size=90, opacity=0).encode(tooltip=hints),
    )
    return finished(drawn, title=title, language=language, height=height)
