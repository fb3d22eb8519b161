"""The parameters of a route, declared once: read and checked from a request, and described in the OpenAPI document."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from starlette.requests import Request

from serving.errors import RequestError

FIRST_YEAR, LAST_YEAR = 1900, 2199
# What fromisoformat takes besides, such as 2026-W05-6, no document of ours promises.
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Parameter:
    """One parameter. `read` turns its text into a value, or raises ValueError; `expected` completes "must be ..."."""

    name: str
    meaning: str
    read: Callable[[str], Any]
    expected: str
    schema: Mapping[str, Any]
    default: Any = None
    place: Literal["query", "path"] = "query"
    repeated: bool = False
    required: bool = field(default=False)


def text(name: str, meaning: str, place: Literal["query", "path"] = "query", repeated: bool = False) -> Parameter:
    """Any text of 1 to 200 characters."""
    schema: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 200}
    if repeated:
        schema = {"type": "array", "items": schema}
    required = place == "path"
    return Parameter(name, meaning, _text, "a text of 1 to 200 characters", schema, None, place, repeated, required)


def whole(name: str, meaning: str, least: int, most: int, default: int) -> Parameter:
    """A whole number between two others."""

    def read(written: str) -> int:
        # int() alone takes "1_0", " 1" and digits of other scripts.
        if not (written.isascii() and written.isdigit()) or not least <= int(written[:19]) <= most:
            raise ValueError
        return int(written[:19])

    schema = {"type": "integer", "minimum": least, "maximum": most, "default": default}
    return Parameter(name, meaning, read, f"a whole number from {least} to {most}", schema, default)


def share(name: str, meaning: str, default: float) -> Parameter:
    """A number from 0 to 1."""

    def read(written: str) -> float:
        number = float(written)
        if not math.isfinite(number) or not 0 <= number <= 1:
            raise ValueError
        return number

    schema = {"type": "number", "minimum": 0, "maximum": 1, "default": default}
    return Parameter(name, meaning, read, "a number from 0 to 1", schema, default)


def number(name: str, meaning: str, least: float, most: float, default: float | None = None) -> Parameter:
    """A number between two others, both included."""

    def read(written: str) -> float:
        found = float(written)
        if not math.isfinite(found) or not least <= found <= most:
            raise ValueError
        return found

    schema: dict[str, Any] = {"type": "number", "minimum": least, "maximum": most}
    if default is not None:
        schema["default"] = default
    return Parameter(name, meaning, read, f"a number from {least:g} to {most:g}", schema, default)


def choice(name: str, meaning: str, choices: Sequence[str], default: str | None = None) -> Parameter:
    """One of a few words."""

    def read(written: str) -> str:
        if written not in choices:
            raise ValueError
        return written

    schema: dict[str, Any] = {"type": "string", "enum": list(choices)}
    if default is not None:
        schema["default"] = default
    return Parameter(name, meaning, read, f"one of {', '.join(choices)}", schema, default)


def choices_of(name: str, meaning: str, choices: Sequence[str]) -> Parameter:
    """Some of a few words, joined by commas, none twice."""

    def read(written: str) -> tuple[str, ...]:
        found = tuple(written.split(","))
        if not set(found) <= set(choices) or len(set(found)) != len(found):
            raise ValueError
        return found

    schema = {"type": "array", "items": {"type": "string", "enum": list(choices)}, "uniqueItems": True}
    return Parameter(name, meaning, read, f"some of {', '.join(choices)}, joined by commas", schema, ())


def day_or_time(name: str, meaning: str) -> Parameter:
    """A company day, or a moment with its offset from UTC."""

    def read(written: str) -> date | datetime:
        if len(written) == len("2026-01-01"):
            return day(written)
        # In a query a plus sign not written as %2B arrives as a space.
        moment = datetime.fromisoformat(written.replace(" ", "+"))
        if moment.tzinfo is None:
            raise ValueError
        day(moment.date().isoformat())
        return moment

    expected = (
        "a day such as 2026-01-31, or a time with its offset such as 2026-01-31T08:00:00+08:00, from 1900 to 2199"
    )
    schema = {"type": "string", "anyOf": [{"format": "date"}, {"format": "date-time"}]}
    return Parameter(name, meaning, read, expected, schema)


def day(written: str) -> date:
    """A day such as 2026-01-31. Raises ValueError for another form, and outside the years that histories may have.

    Calendars and moments in UTC can't be computed at the ends of datetime, and days are gone through one by one.
    """
    if _DAY.fullmatch(written) is None:
        raise ValueError
    found = date.fromisoformat(written)
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise ValueError
    return found


def read_parameters(request: Request, parameters: Sequence[Parameter]) -> dict[str, Any]:
    """Every parameter's value, its default where it is left out.

    Raises RequestError for an unknown parameter, one given twice, or a value that doesn't fit; no value is repeated.
    """
    known = {parameter.name for parameter in parameters if parameter.place == "query"}
    if request.scope["query_string"] and set(request.query_params) - known:
        listed = ", ".join(sorted(known)) or "none"
        raise RequestError(f"The query has a parameter this route doesn't know. It knows: {listed}.")
    return {parameter.name: _value(request, parameter) for parameter in parameters}


def _value(request: Request, parameter: Parameter) -> Any:
    if parameter.place == "path":
        return _read(parameter, request.path_params[parameter.name])
    given = request.query_params.getlist(parameter.name)
    if not given:
        return parameter.default
    if parameter.repeated:
        return tuple(_read(parameter, written) for written in given)
    if len(given) > 1:
        raise RequestError(f"Parameter `{parameter.name}` may be given once.")
    return _read(parameter, given[0])


def _read(parameter: Parameter, written: str) -> Any:
    try:
        return parameter.read(written)
    except (ValueError, OverflowError):
        raise RequestError(f"Parameter `{parameter.name}` must be {parameter.expected}.") from None


def _text(written: str) -> str:
    if not 1 <= len(written) <= 200 or "\x00" in written:
        raise ValueError
    return written
