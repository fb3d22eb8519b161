"""One quiet look for every chart, light and dark: colours that colour-blind readers tell apart, thin grid, plain text.

Charts name colours by role (`category`, `ordinal`, `heatmap`, styles), never by value, so that a page can draw the very
same chart light or dark by handing another configuration to Vega.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import altair as alt

from charts.fonts import fonts

PICTURE_WIDTH = 640

# The two dots are the time and the value: d3's number and time formats, `,` as thousands separator in both languages.
_NUMBERS = {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["", ""]}
_TIMES: dict[str, dict[str, Any]] = {
    "en": {
        "dateTime": "%x, %X",
        "date": "%-d %b %Y",
        "time": "%H:%M",
        "periods": ["AM", "PM"],
        "days": ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
        "shortDays": ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"],
        "months": [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ],
        "shortMonths": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    },
    "zh": {
        "dateTime": "%x %X",
        "date": "%Y年%-m月%-d日",
        "time": "%H:%M",
        "periods": ["上午", "下午"],
        "days": ["星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六"],
        "shortDays": ["周日", "周一", "周二", "周三", "周四", "周五", "周六"],
        "months": [f"{month}月" for month in range(1, 13)],
        "shortMonths": [f"{month}月" for month in range(1, 13)],
    },
}


@dataclass(frozen=True)
class Palette:
    """The colours of one mode."""

    background: str
    text: str
    quiet: str
    grid: str
    category: tuple[str, ...]
    heat: tuple[str, ...]
    band_80: str
    band_95: str
    land: str
    water: str
    border: str


LIGHT = Palette(
    background="#ffffff",
    text="#1f2937",
    quiet="#5b6472",
    grid="#e8ebf0",
    category=("#3f74dc", "#d0711c", "#159084", "#a52a5c", "#4b2f8f", "#8a7309", "#2b85b4", "#69707c"),
    heat=("#f3f6fc", "#c9d8f5", "#8fb0ea", "#4f7fd8", "#2655ae", "#14346f"),
    band_80="#f2bd8c",
    band_95="#f9dfc6",
    land="#e7eaf0",
    water="#ffffff",
    border="#ffffff",
)
DARK = Palette(
    background="#171b22",
    text="#e6e9ee",
    quiet="#a2abb8",
    grid="#2a313c",
    category=("#6f9bff", "#f2a04e", "#63d6c2", "#e5618f", "#d9c7ff", "#e3d27a", "#7cc7ee", "#a5adb9"),
    heat=("#1d2430", "#24385f", "#305494", "#4a78cb", "#83a9f0", "#c6d8fb"),
    band_80="#70502f",
    band_95="#453626",
    land="#2b323d",
    water="#171b22",
    border="#171b22",
)
PALETTES = {"light": LIGHT, "dark": DARK}


def config(mode: str = "light", language: str = "en") -> dict[str, Any]:
    """The Vega-Lite configuration of a mode (light or dark) and language (en or zh)."""
    palette = PALETTES[mode]
    return {
        "background": palette.background,
        "font": fonts(language),
        "locale": {"number": _NUMBERS, "time": _TIMES[language]},
        "view": {"stroke": None},
        "axis": _axis(palette),
        "axisX": {"grid": False},
        "axisBand": {"grid": False, "ticks": False, "domain": False},
        "legend": _legend(palette),
        "title": {
            "anchor": "start",
            "color": palette.text,
            "fontSize": 14,
            "fontWeight": 600,
            "offset": 12,
            "subtitleColor": palette.quiet,
            "subtitleFontSize": 12,
            "subtitlePadding": 4,
        },
        "range": {
            "category": list(palette.category),
            # The parts of forecast_band in its order: contacts, their forecast, and the two bands.
            "ordinal": [palette.category[0], palette.category[1], palette.band_80, palette.band_95],
            "heatmap": list(palette.heat),
        },
        "mark": {"color": palette.category[0]},
        "line": {"strokeWidth": 2, "strokeJoin": "round", "strokeCap": "round"},
        "point": {"filled": True, "size": 50},
        "bar": {"cornerRadiusEnd": 3},
        "arc": {"stroke": palette.background, "strokeWidth": 2},
        "text": {"color": palette.text, "fontSize": 12},
        "style": _styles(palette),
    }


def _axis(palette: Palette) -> dict[str, Any]:
    return {
        "domainColor": palette.grid,
        "gridColor": palette.grid,
        "tickColor": palette.grid,
        "labelColor": palette.quiet,
        "labelFontSize": 12,
        "labelPadding": 6,
        "titleColor": palette.quiet,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titlePadding": 10,
        "tickSize": 4,
    }


def _legend(palette: Palette) -> dict[str, Any]:
    return {
        "orient": "top",
        "direction": "horizontal",
        "title": None,
        "labelColor": palette.text,
        "labelFontSize": 12,
        "labelLimit": 220,
        "titleColor": palette.quiet,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "offset": 8,
        "symbolSize": 90,
    }


def _styles(palette: Palette) -> dict[str, Any]:
    return {
        "reference": {"color": palette.quiet, "strokeDash": [4, 4], "strokeWidth": 1},
        "cursor": {"color": palette.quiet, "strokeWidth": 1},
        "note": {"color": palette.quiet, "fontSize": 11},
        "label": {"color": palette.text, "fontSize": 12},
        "cell": {"stroke": palette.background, "strokeWidth": 2},
        "bubble": {"stroke": palette.background, "strokeWidth": 1.5, "opacity": 0.85},
        "land": {"color": palette.land, "stroke": palette.border, "strokeWidth": 0.6},
        "empty": {"color": palette.quiet, "fontSize": 13},
    }


def finished(
    chart: Any,
    *,
    title: str | None,
    language: str,
    height: int = 280,
    width: int = PICTURE_WIDTH,
    subtitle: str | None = None,
) -> Any:
    """The chart with its title, size and the theme of its language; light, which a page may replace."""
    settings: dict[str, Any] = {"config": config("light", language), "width": width, "height": height}
    if title is not None:
        settings["title"] = alt.TitleParams(title, subtitle=subtitle) if subtitle else alt.TitleParams(title)
    return chart.properties(**settings)
