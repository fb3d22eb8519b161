"""Whether predicted risks come true: mean predicted risk against the share that left, bin by bin."""

from __future__ import annotations

from typing import Any

import altair as alt

from charts.empty import empty
from charts.over import over
from charts.rows import Rows, records
from charts.theme import finished
from charts.words import FORMATS, word


def calibration(table: Rows, *, title: str | None = None, language: str = "en", height: int = 320) -> Any:
    """Draw columns `predicted` and `observed` (both on [0, 1]) with `customers`, one row a bin, against the diagonal.

    The whiskers are two standard errors of the observed share: a bin of few customers proves little.
    """
    rows = [row for row in records(table) if row["predicted"] is not None and row["observed"] is not None]
    if not rows:
        return empty(title=title, language=language)
    rows = [{**row, **_whisker(float(row["observed"]), float(row["customers"]))} for row in rows]
    top = min(1.0, 1.08 * max(max(float(row["predicted"]), float(row["above"])) for row in rows))
    scale = alt.Scale(domain=[0, top], nice=False)
    axis: dict[str, Any] = {"format": ",~%", "tickCount": 6, "grid": True}
    base = over(rows).encode(
        x=alt.X("predicted:Q", title=word("predicted", language), scale=scale, axis=alt.Axis(**axis)),
    )
    hints = [
        alt.Tooltip("predicted:Q", title=word("predicted", language), format=FORMATS["share"]),
        alt.Tooltip("observed:Q", title=word("observed", language), format=FORMATS["share"]),
        alt.Tooltip("customers:Q", title=word("customers", language), format=FORMATS["count"]),
    ]
    y = alt.Y("observed:Q", title=word("observed", language), scale=scale, axis=alt.Axis(**axis))
    diagonal = over([{"predicted": 0, "observed": 0}, {"predicted": top, "observed": top}])
    ends = over([{"predicted": top, "observed": top, "text": word("perfect", language)}])
    drawn = alt.layer(
        diagonal.mark_line(style="reference").encode(x="predicted:Q", y="observed:Q"),
        ends.mark_text(style="note", align="right", dx=-14, dy=4).encode(
            x="predicted:Q", y="observed:Q", text="text:N"
        ),
        base.mark_rule(style="cursor").encode(y=alt.Y("below:Q"), y2="above:Q"),
        base.mark_line(opacity=0.45, strokeWidth=1.5).encode(y=y),
        base.mark_circle(style="bubble", opacity=1).encode(
            y=y, size=alt.Size("customers:Q", scale=alt.Scale(range=[60, 420], domainMin=0), legend=None), tooltip=hints
        ),
    )
    return finished(drawn, title=title, language=language, height=height)


def _whisker(share: float, customers: float) -> dict[str, float]:
    error = 2 * (share * (1 - share) / max(customers, 1.0)) ** 0.5
    return {"below": max(0.0, share - error), "above": min(1.0, share + error)}
