"""The language a page is written in: asked for, remembered, or the browser's own."""

from __future__ import annotations

from starlette.requests import Request

LANGUAGES = ("en", "zh")
COOKIE = "rapport_language"
COOKIE_SECONDS = 365 * 24 * 3600


def language_of(request: Request) -> str:
    """`?lang=`, else the cookie, else Accept-Language, else English."""
    for asked in (request.query_params.get("lang"), request.cookies.get(COOKIE)):
        if asked in LANGUAGES:
            return asked
    return preferred(request.headers.get("accept-language", ""))


def preferred(header: str) -> str:
    """The first language of ours by falling weight in an Accept-Language header (RFC 9110, 12.5.4)."""
    ranked = []
    for place, part in enumerate(header[:400].split(",")):
        tag, _, parameter = part.strip().partition(";")
        ranked.append((-_weight(parameter), place, tag.strip().lower().partition("-")[0]))
    for weight, _, tag in sorted(ranked):
        if tag in LANGUAGES and weight < 0:
            return tag
    return "en"


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
