"""Received times as UTC moments.

Formats are strptime patterns, tried in the order the mapping gives, or one of the words `iso`, `excel` (days since
1899-12-30), `unix` and `unix_ms`. ISO 8601 is always understood after them, for it can't be mistaken. Without a format
the patterns of UNAMBIGUOUS are tried too, and Excel's serial days; 03/04/2024 is none of them, since nobody can tell
which is the month: the mapping has to say.

A time without an offset is local to the mapping's zone. One that occurs twice, when clocks go back, is taken as the
later one (standard time); one that clocks skipped is read as if they had not been moved yet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import ibis

from interactions.cleaning.engine_functions import (
    at_zone,
    from_microseconds,
    parse_local,
    parse_local_any,
    parse_with_offset,
)
from interactions.cleaning.typed import Typed

if TYPE_CHECKING:
    import ibis.expr.types as ir

# By the shape of the text, so that a value meets few patterns that don't fit: those cost a microsecond each.
UNAMBIGUOUS: dict[str, tuple[str, ...]] = {
    r"^\d{4}/": ("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d"),
    r"^\d{4}年": (
        "%Y年%m月%d日 %H:%M:%S",
        "%Y年%m月%d日 %H:%M",
        "%Y年%m月%d日 %H时%M分%S秒",
        "%Y年%m月%d日 %H时%M分",
        "%Y年%m月%d日%H时%M分",
        "%Y年%m月%d日",
    ),
    r"^\d{8}$": ("%Y%m%d",),
    r"^\d{14}$": ("%Y%m%d%H%M%S",),
    r"^\d{8}[ T]": ("%Y%m%d %H:%M:%S", "%Y%m%d %H:%M", "%Y%m%dT%H%M%S"),
    r"^\d{4}\.": ("%Y.%m.%d %H:%M:%S", "%Y.%m.%d %H:%M", "%Y.%m.%d"),
    r"^\d{1,2}\.\d": ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y"),
    r"^\d{1,2}[- ][A-Za-z]": (
        # %Y takes 23 for the year 23: the short year goes first.
        "%d-%b-%y",
        "%d-%b-%Y %H:%M:%S",
        "%d-%b-%Y %H:%M",
        "%d-%b-%Y",
        "%d %b %Y %H:%M:%S",
        "%d %b %Y",
        "%d %B %Y",
    ),
    r"^[A-Za-z]{3,9} \d": ("%b %d, %Y %H:%M:%S", "%b %d, %Y", "%B %d, %Y"),
}

_DAY = r"\d{4}-\d{1,2}-\d{1,2}"
_TIME = r"\d{1,2}:\d{2}(:\d{2}([.,]\d{1,9})?)?"
# As machines write it; the engine's own reader takes it as it is.
_ISO_USUAL = r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d$"
_ISO_LOCAL = rf"^{_DAY}([T ]{_TIME})?$"
_ISO_OFFSET = rf"^{_DAY}[T ]{_TIME} ?(Z|z|[+-]\d{{2}}(:?\d{{2}})?)$"
_SERIAL = r"^[2-7]\d{4}(\.\d+)?$"
_NUMBER = r"^-?\d{1,14}(\.\d+)?$"
_EXCEL_EPOCH_DAYS = 25569
_DAY_MS = 86_400_000


def timestamp(text: ir.StringValue, target: str, formats: Sequence[str] | None, zone: str) -> Typed:
    """The UTC moment of each text; refused as "<target> not a date" where none of the formats fits.

    Repairs: "<target>: date format N" where the N-th given format was needed, "<target>: iso date" where none of the
    given ones but ISO 8601 was.
    """
    given = [_reader(form, zone)(text) for form in formats or ()]
    candidates = [*given, _iso(text, zone)]
    if not formats:
        shapes = [(text.re_search(shape), parse_local_any(text, list(forms))) for shape, forms in UNAMBIGUOUS.items()]
        candidates += [at_zone(zone, ibis.cases(*shapes)), _reader("serial", zone)(text)]
    value = ibis.coalesce(*candidates)
    repaired: dict[str, Any] = {}
    for number in range(2, len(given) + 1):
        missed = ibis.and_(*(one.isnull() for one in given[: number - 1]))
        repaired[f"{target}: date format {number}"] = missed & given[number - 1].notnull()
    if given:
        repaired[f"{target}: iso date"] = ibis.and_(*(one.isnull() for one in given)) & value.notnull()
    return Typed(value, {f"{target} not a date": text.notnull() & value.isnull()}, repaired)


def _reader(form: str, zone: str) -> Callable[[ir.StringValue], Any]:
    """How one format turns text into a moment, null where it doesn't fit."""
    if form == "iso":
        return lambda text: _iso(text, zone)
    if form in ("excel", "serial"):
        pattern = _NUMBER if form == "excel" else _SERIAL
        return lambda text: at_zone(zone, from_microseconds(_excel_ms(text, pattern) * 1000))
    if form in ("unix", "unix_ms"):
        factor = 1_000_000 if form == "unix" else 1_000
        return lambda text: at_zone("UTC", from_microseconds(_scaled(text, _NUMBER, factor)))
    if "%z" in form.lower():
        return lambda text: _with_digit(text, parse_with_offset(text, form))
    return lambda text: at_zone(zone, _with_digit(text, parse_local(text, form)))


def _with_digit(text: ir.StringValue, parsed: Any) -> Any:
    """DuckDB reads the words `epoch` and `infinity` as times, whatever the format: only what has a digit is one."""
    return ibis.cases((text.re_search("[0-9]"), parsed))


def _iso(text: ir.StringValue, zone: str) -> Any:
    local = ibis.cases(
        (text.re_search(_ISO_USUAL), text.try_cast("timestamp")),
        (text.re_search(_ISO_LOCAL), _with_point(text).try_cast("timestamp")),
    )
    moment = text.re_search(_ISO_OFFSET).ifelse(_with_point(text), ibis.null("string"))
    return ibis.coalesce(at_zone(zone, local), moment.try_cast("timestamp('UTC')"))


def _with_point(text: ir.StringValue) -> Any:
    return text.contains(",").ifelse(text.replace(",", "."), text)


def _excel_ms(text: ir.StringValue, pattern: str) -> Any:
    return _scaled(text, pattern, _DAY_MS) - _EXCEL_EPOCH_DAYS * _DAY_MS


def _scaled(text: ir.StringValue, pattern: str, factor: int) -> Any:
    """The number in a text times a factor, as a whole number."""
    number = text.re_search(pattern).ifelse(text, ibis.null("string")).try_cast("float64")
    return (number * factor).round().cast("int64")
