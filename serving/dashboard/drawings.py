"""The charts of the pages as specifications, drawn by charts/ from the very rows the page shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from serving.dashboard.texts import TEXTS, translator
from serving.dashboard.visit import Visit

Row = dict[str, Any]
Spec = dict[str, Any]


def forecast(visit: Visit, answer: Row, history_days: int = 60, forecast_days: int = 28, height: int = 340) -> Spec:
    """The last days' contacts with the forecast of the next."""
    from charts.forecast_band import forecast_band

    text = translator(visit.language)
    past = [_on_the_clock(visit, row) for row in answer["history"][-history_days:]]
    future = [_on_the_clock(visit, row) for row in answer["rows"][:forecast_days]]
    return _spec(
        lambda: forecast_band(past, future, y_title=text("contacts_a_day"), language=visit.language, height=height)
    )


def heatmap(visit: Visit, rows: Sequence[Row]) -> Spec:
    """Contacts by weekday and hour."""
    from charts.volume_heatmap import volume_heatmap

    week_start = _WEEKDAYS.index(visit.snapshot.company.get("week_start", "monday"))
    title = translator(visit.language)("contacts_an_hour")
    return _spec(lambda: volume_heatmap(rows, value_title=title, language=visit.language, week_start=week_start))


def cities(visit: Visit, rows: Sequence[Row]) -> dict[str, Any]:
    """Customers by city: the `chart`, and the rows too `far` off to be on it."""
    from charts.city_map import city_map, in_view

    return {
        "chart": _spec(lambda: city_map(rows, language=visit.language, height=300)),
        "far": in_view(rows)[1],
    }


def segments(visit: Visit, rows: Sequence[Row]) -> Spec:
    """Segments by value and risk."""
    from charts.segment_map import segment_map

    text = translator(visit.language)
    x_title, y_title = text("mean_value"), text("mean_risk", days=visit.risk_days[-1])
    return _spec(lambda: segment_map(rows, language=visit.language, x_title=x_title, y_title=y_title, height=380))


def needs(visit: Visit, rows: Sequence[Row]) -> Spec:
    """Topics of the surveys by how well they are met and how much they matter."""
    from charts.needs_map import needs_map

    text = translator(visit.language)
    titles = {name: text(name) for name in ("importance", "need_gap", "answers")} | {"satisfaction": text("survey_met")}
    corners = {corner: text(f"needs_{corner}") for corner in ("first", "keep", "watch", "ease")}
    return _spec(lambda: needs_map(rows, titles=titles, corners=corners, language=visit.language))


def over_time(visit: Visit, rows: Sequence[Row], *, title: str, unit: str, series: str | None) -> Spec:
    """A figure by period, a line for each value of `series`."""
    from charts.line import line

    return _spec(
        lambda: line(
            rows,
            "period_start",
            "value",
            series=series,
            y_title=title,
            unit=_shown_unit(visit, unit),
            number=number_of(unit),
            language=visit.language,
            height=320,
        )
    )


def by_category(
    visit: Visit, rows: Sequence[Row], *, title: str, unit: str, category: str, series: str | None, most: int
) -> Spec:
    """A figure by dimension, at most so many bars."""
    from charts.bar import bar

    return _spec(
        lambda: bar(
            rows,
            category,
            "value",
            series=series,
            value_title=title,
            unit=_shown_unit(visit, unit),
            number=number_of(unit),
            language=visit.language,
            most=most,
            keep_order=True,
        )
    )


def calibration(visit: Visit, bins: Sequence[Row]) -> Spec:
    """Predicted risk against what happened."""
    from charts.calibration import calibration as drawn

    return _spec(lambda: drawn(bins, language=visit.language, height=280))


def lift(visit: Visit, points: Sequence[Row]) -> Spec:
    """Leavers found by contacting the riskiest first."""
    from charts.lift import lift as drawn

    return _spec(lambda: drawn(points, language=visit.language, height=280))


def what_if(
    visit: Visit,
    rows: Sequence[Row],
    *,
    own: float | None,
    own_risk: float | None,
    own_title: str,
    x_title: str,
    y_title: str,
    unit: str,
) -> Spec:
    """The risk over the observed values of a feature, and a customer's own place."""
    from charts.what_if import what_if as drawn

    return _spec(
        lambda: drawn(
            rows,
            own=own,
            own_risk=own_risk,
            own_title=own_title,
            x_title=x_title,
            y_title=y_title,
            number=number_of(unit),
            language=visit.language,
        )
    )


_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONEY = ("company currency", "currency")
_WHOLE = ("contacts", "customers", "orders", "ratings", "count")


def number_of(unit: str) -> Any:
    """How a chart writes a figure of this unit."""
    if unit == "share":
        return "share"
    return "count" if unit in (*_WHOLE, *_MONEY) else "decimal"


def _shown_unit(visit: Visit, unit: str) -> str:
    """Shares are labelled in per cent and counts by their title; money by the company's currency."""
    if unit == "share" or unit in _WHOLE:
        return ""
    if unit in _MONEY:
        return visit.formats.currency
    named = f"unit_{unit.replace(' ', '_')}"
    return translator(visit.language)(named) if named in TEXTS else unit


def _on_the_clock(visit: Visit, row: Row) -> Row:
    return {**row, "period_start": visit.formats.local(row["period_start"])}


def _spec(make: Callable[[], Any]) -> Spec:
    # Altair costs 0.3 s to import: it comes with the first page that draws, not with the service's start.
    from charts.render import spec

    return spec(make())
