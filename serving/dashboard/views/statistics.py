"""One figure at a time: by what, how finely, over which days, compared with what."""

from __future__ import annotations

from datetime import date
from typing import Any, cast
from urllib.parse import quote, urlencode

from features.statistics.statistic import CLOCK_DIMENSIONS
from serving.answers import segments
from serving.answers import statistics as answers
from serving.answers.statistics import Compare
from serving.dashboard import drawings
from serving.dashboard.memory import remembered
from serving.dashboard.texts import data_word, translator
from serving.dashboard.views.bottlenecks import bottlenecks
from serving.dashboard.visit import Visit

COMPARISONS = ("previous", "last_year")
LINES = 8
# The hours of a day.
BARS = 24
# Nobody reads on a page what a CSV is for.
TABLE_ROWS = 500


def statistics(visit: Visit) -> dict[str, Any]:
    """`answer`, `asked` (the question as understood), the `catalogue`, `chart`, `csv` (its address), `filters`; and
    the `bottlenecks` of the same days.

    Raises QueryError for a question of the wrong shape.
    """
    catalogue = answers.catalogue(visit.snapshot, visit.caller)
    asked = _asked(visit, catalogue)
    answer = remembered(("statistic", repr(asked), *visit.scope), lambda: _answer(visit, asked))
    rows = [_worded(visit, row, asked["by"]) for row in answer["rows"]]
    if asked["grain"] is None and not set(asked["by"]) & set(CLOCK_DIMENSIONS):
        # Hours and weekdays stay in their order.
        rows.sort(key=lambda row: -float(row["value"] or 0.0))
    return {
        "answer": answer,
        "asked": asked,
        "catalogue": catalogue,
        "described": next(found for found in catalogue["statistics"] if found["metric"] == asked["metric"]),
        "dimensions": dimensions_of(asked["metric"]),
        "comparisons": COMPARISONS,
        "title": visit.named(answer, "title"),
        "rows": rows[:TABLE_ROWS],
        "total": len(rows),
        "groups": _groups(rows, asked["by"]),
        "lines": LINES,
        "bars": BARS,
        "bottlenecks": bottlenecks(visit, asked),
        "chart": remembered(("chart", repr(asked), *visit.scope), lambda: _chart(visit, answer, rows, asked)),
        "csv": _csv(answer, asked, visit),
        "filters": [
            {"dimension": name, "value": data_word(value, visit.language), "without": _without(asked, name)}
            for name, value in asked["where"].items()
        ],
    }


def _asked(visit: Visit, catalogue: dict[str, Any]) -> dict[str, Any]:
    metrics = [found["metric"] for found in catalogue["statistics"]]
    dimensions, grains = catalogue["dimensions"], catalogue["grains"]
    metric = visit.choice("metric", metrics, metrics[0]) or metrics[0]
    # A form keeps its other fields when the figure is changed: what the new one can't be split by is named.
    possible = dimensions_of(metric)
    by = dict.fromkeys(
        name for name in (visit.choice("by", dimensions), visit.choice("by2", dimensions)) if name is not None
    )
    where = {name: value for name in dimensions if (value := visit.text(name)) is not None}
    return {
        "metric": metric,
        "by": tuple(name for name in by if name in possible),
        "impossible": tuple(name for name in dict.fromkeys([*by, *where]) if name not in possible),
        "grain": visit.choice("grain", grains),
        "from": visit.day("from"),
        "to": visit.day("to"),
        "compare": visit.choice("compare", COMPARISONS),
        "where": {name: value for name, value in where.items() if name in possible},
    }


def dimensions_of(metric: str) -> tuple[str, ...]:
    """What a figure can be split and filtered by."""
    from features.statistics.catalogue import CATALOGUE

    return CATALOGUE[metric].dimensions


def _answer(visit: Visit, asked: dict[str, Any]) -> dict[str, Any]:
    return answers.statistic(
        visit.snapshot,
        visit.caller,
        asked["metric"],
        start=asked["from"],
        end=asked["to"],
        by=asked["by"],
        grain=asked["grain"],
        compare=cast("Compare | None", asked["compare"]),
        where={name: (value,) for name, value in asked["where"].items()},
    )


def _worded(visit: Visit, row: dict[str, Any], by: tuple[str, ...]) -> dict[str, Any]:
    """The row with its dimensions in words beside the values they stand for."""
    words = {f"{name}_text": _word(visit, name, row[name]) for name in by}
    at = {"period_start": visit.formats.local(row["period_start"])} if "period_start" in row else {}
    return {**row, **at, **words}


def _word(visit: Visit, dimension: str, value: Any) -> str:
    if value is None:
        return translator(visit.language)("unknown")
    if dimension == "segment_id":
        for segment in segments.all_segments(visit.snapshot, visit.caller)["segments"]:
            if segment["segment_id"] == value:
                return visit.named(segment, "name") or str(value)
    return data_word(str(value), visit.language)


def _groups(rows: list[dict[str, Any]], by: tuple[str, ...]) -> int:
    return len({tuple(row[name] for name in by) for row in rows}) if by else 1


def _chart(
    visit: Visit, answer: dict[str, Any], rows: list[dict[str, Any]], asked: dict[str, Any]
) -> dict[str, Any] | None:
    """Lines over time or bars by dimension; None where a single number says it, or three dimensions would not."""
    by, title = [f"{name}_text" for name in asked["by"]], visit.named(answer, "title") or ""
    drawn = [row for row in rows if row["value"] is not None]
    if not drawn or len(by) + (asked["grain"] is not None) > 2:
        return None
    common = {"title": title, "unit": answer["unit"]}
    # A single period with parts is read as bars: a line would be a column of dots.
    alone = len({row.get("period_start") for row in drawn}) == 1
    if asked["grain"] is not None and not (alone and by):
        series = by[0] if by else None
        if series is None and asked["compare"] is not None:
            drawn, series = _beside(visit, drawn, asked["compare"], title), "series"
        elif series is not None:
            kept = _largest(drawn, series)
            drawn = [row for row in drawn if row[series] in kept]
        return drawings.over_time(visit, drawn, series=series, **common)
    if not by:
        return None
    series = by[1] if len(by) > 1 else None
    return drawings.by_category(visit, drawn, category=by[0], series=series, most=BARS, **common)


def _beside(visit: Visit, rows: list[dict[str, Any]], compare: str, title: str) -> list[dict[str, Any]]:
    """This period's values and the compared ones as two lines over the same days."""
    other = translator(visit.language)(f"compare_{compare}")
    now = [{"period_start": row["period_start"], "value": row["value"], "series": title} for row in rows]
    then = [
        {"period_start": row["period_start"], "value": row["compare_value"], "series": other}
        for row in rows
        if row.get("compare_value") is not None
    ]
    return now + then


def _largest(rows: list[dict[str, Any]], series: str) -> set[str]:
    counts: dict[str, int] = {}
    for row in rows:
        counts[row[series]] = counts.get(row[series], 0) + int(row["count"])
    return set(sorted(counts, key=lambda name: (-counts[name], name))[:LINES])


def _csv(answer: dict[str, Any], asked: dict[str, Any], visit: Visit) -> str:
    """The interface's address of the very same rows."""
    parameters: dict[str, str] = {}
    for name, given in (("from", asked["from"]), ("to", asked["to"])):
        if given is not None:
            parameters[name] = given.isoformat()
    for name in ("grain", "compare"):
        if asked[name] is not None:
            parameters[name] = asked[name]
    if asked["by"]:
        parameters["by"] = ",".join(asked["by"])
    parameters.update(asked["where"])
    return f"/api/v1/statistics/{quote(answer['metric'])}?{urlencode({**parameters, 'format': 'csv'})}"


def _without(asked: dict[str, Any], dimension: str) -> str:
    """The page's own address without one of its filters."""
    parameters: dict[str, str] = {"metric": asked["metric"], **dict(zip(("by", "by2"), asked["by"], strict=False))}
    for name in ("grain", "compare", "from", "to"):
        if asked[name] is not None:
            parameters[name] = asked[name].isoformat() if isinstance(asked[name], date) else asked[name]
    parameters.update({name: value for name, value in asked["where"].items() if name != dimension})
    return f"/statistics?{urlencode(parameters)}"
