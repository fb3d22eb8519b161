"""When contact comes: weekdays across hours, or weekdays across weeks."""

from __future__ import annotations

from typing import Any

import altair as alt

from charts.empty import empty
from charts.over import over
from charts.rows import Rows, records, weekdays
from charts.theme import finished
from charts.words import FORMATS, Number, word


def volume_heatmap(
    table: Rows,
    *,
    across: str = "hour",
    value: str = "count",
    value_title: str = "",
    number: Number = "decimal",
    title: str | None = None,
    language: str = "en",
    week_start: int = 0,
) -> Any:
    """Draw column `value` by `weekday` (0 Monday to 6) and by column `across`: "hour" (0 to 23) or "week" (a date).

    `week_start`: the weekday in the first line.
    """
    rows = [row for row in records(table) if row[value] is not None]
    if not rows:
        return empty(title=title, language=language)
    names = weekdays(language)
    rows = [{**row, "day": names[int(row["weekday"])]} for row in rows]
    days = [names[(week_start + step) % 7] for step in range(7)]
    columns = sorted({row[across] for row in rows})
    label: dict[str, Any] = (
        {"labelExpr": "datum.value % 3 == 0 ? datum.value + ':00' : ''"} if across == "hour" else {"labelOverlap": True}
    )
    heat = (
        over(rows)
        .mark_rect(style="cell", cornerRadius=3)
        .encode(
            x=alt.X(
                across,
                type="ordinal",
                sort=columns,
                title=word(across, language),
                axis=alt.Axis(labelAngle=0, ticks=False, domain=False, **label),
            ),
            y=alt.Y("day:O", sort=days, title=None, scale=alt.Scale(domain=days)),
            color=alt.Color(
                value,
                type="quantitative",
                scale=alt.Scale(range="heatmap", zero=True),
                legend=alt.Legend(
                    title=value_title or word("contacts_mean", language), gradientLength=160, format=",~f"
                ),
            ),
            tooltip=[
                alt.Tooltip("day:N", title=word("when", language)),
                alt.Tooltip(across, type="ordinal", title=word(across, language)),
                alt.Tooltip(
                    value,
                    type="quantitative",
                    title=value_title or word("contacts_mean", language),
                    format=FORMATS[number],
                ),
            ],
        )
    )
    return finished(heat, title=title, language=language, height=7 * 30)
