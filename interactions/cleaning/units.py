"""Numbers, durations and money: durations to whole milliseconds, money to DECIMAL(18, 4) in the company's currency."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import ibis

from interactions.cleaning.missing import half_width, trimmed
from interactions.cleaning.typed import Typed

if TYPE_CHECKING:
    import ibis.expr.types as ir

MONEY = "decimal(18, 4)"
# DuckDB multiplies decimals of 18 digits within 64 bits and fails on more: one factor is widened first.
_WIDE = "decimal(20, 4)"
_WIDE_FOR_RATE = "decimal(22, 8)"
_RATE = "decimal(16, 8)"
_MS = {"ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000}
_WORDS = {
    "ms": "ms|msec|millisecond|milliseconds|毫秒",
    "s": "s|sec|secs|second|seconds|秒|秒钟",
    "min": "m|min|mins|minute|minutes|分|分钟",
    "h": "h|hr|hrs|hour|hours|小时|时",
}
_REPAIR = {"ms": "milliseconds", "s": "seconds", "min": "minutes to ms", "h": "hours to ms"}
_CLOCK = r"^(?:(\d{1,4}):)?(\d{1,3}):(\d{2}(?:\.\d+)?)$"
_PARTS = (
    r"^(?:(\d+)\s*(?:h|hr|hrs|小时|时))?\s*(?:(\d+)\s*(?:m|min|mins|分|分钟))?"
    r"\s*(?:(\d+(?:\.\d+)?)\s*(?:s|sec|秒|秒钟))?$"
)
_NUMBER = r"^[+-]?(\d+(\.\d*)?|\.\d+|\d{1,3}(,\d{3})+(\.\d*)?)([eE][+-]?\d{1,2})?$"
_CURRENCY_SIGNS = r"^[¥￥$€£]\s*|\s*(元|RMB|CNY|USD|EUR|GBP|[¥￥$€£])$"

# Names and signs under which sources give the usual currencies.
CURRENCIES = {
    "¥": "CNY", "￥": "CNY", "RMB": "CNY", "人民币": "CNY", "元": "CNY", "$": "USD", "US$": "USD", "美元": "USD",
    "€": "EUR", "欧元": "EUR", "£": "GBP", "英镑": "GBP", "日元": "JPY", "港币": "HKD", "港元": "HKD",
}  # fmt: skip


def number_text(text: ir.StringValue, decimal: str = ".") -> Any:
    """The plain digits of a number: full-width forms, currency signs and thousands separators removed, (1) as -1.

    Null where the text is no number. `decimal` is the sign before the fraction.
    """
    plain = trimmed(half_width(text)).re_replace(r"^\((.*)\)$", r"-\1").re_replace(_CURRENCY_SIGNS, "")
    if decimal == ",":
        plain = plain.translate(".,", ",.")
    return plain.re_extract(_NUMBER, 0).nullif("").replace(",", "")


def number(text: ir.StringValue, target: str, decimal: str = ".", type_: str = "float64") -> Typed:
    """A number of `type_`; refused as "<target> not a number", or out of range where the type can't hold it."""
    digits = number_text(text, decimal)
    value = digits.try_cast(type_)
    return Typed(
        value,
        {
            f"{target} not a number": text.notnull() & digits.isnull(),
            f"{target} out of range": digits.notnull() & value.isnull(),
        },
    )


def whole_number(text: ir.StringValue, target: str) -> Typed:
    """A whole number, 4 and 4.0 alike; refused as "<target> not a number", 3.5 as "<target> not a whole number"."""
    digits = number_text(text)
    exact = digits.try_cast("decimal(38, 10)")
    value = exact.try_cast("int64")
    fraction = (exact != value.cast("decimal(38, 10)")).fill_null(False)
    return Typed(
        fraction.ifelse(ibis.null("int64"), value),
        {
            f"{target} not a number": text.notnull() & digits.isnull(),
            f"{target} not a whole number": fraction,
            f"{target} out of range": digits.notnull() & value.isnull(),
        },
    )


def duration_ms(text: ir.StringValue, target: str, unit: str) -> Typed:
    """Milliseconds from a number in `unit`, a number with its own unit (5 min, 90秒), 3分20秒, mm:ss or hh:mm:ss.

    Repairs: "<target>: minutes to ms", "hours to ms", "clock to ms", and "own unit" where a value names another unit.
    """
    plain = trimmed(half_width(text)).lower()
    digits = number_text(text)
    in_unit = _milliseconds(digits, _MS.get(unit, 1000))
    own = {word: _own_unit(plain, word) for word in _WORDS}
    clock = _clock(plain)
    parts = _spelled(plain)
    value = ibis.coalesce(in_unit, *own.values(), clock, parts)
    repaired: dict[str, Any] = {f"{target}: clock to ms": clock.notnull()}
    for word, name in _REPAIR.items():
        found = own[word].notnull() | (digits.notnull() if word == unit else ibis.literal(False))
        if word in ("min", "h"):
            repaired[f"{target}: {name}"] = found
    repaired[f"{target}: own unit"] = ibis.or_(*(own[word].notnull() for word in _WORDS if word != unit))
    return Typed(value, {f"{target} not a number": text.notnull() & value.isnull()}, repaired)


def money(text: ir.StringValue, target: str, decimal: str = ".") -> Typed:
    """DECIMAL(18, 4), rounded half away from zero; refused as "<target> not a number" or "out of range"."""
    return number(text, target, decimal, MONEY)


def product(factors: list[Typed], target: str) -> Typed:
    """Amounts multiplied; refused where any is no number."""
    value = factors[0].value
    for factor in factors[1:]:
        value = (value.cast(_WIDE) * factor.value).try_cast(MONEY)
    refused: dict[str, Any] = {}
    for factor in factors:
        for reason, condition in factor.refused.items():
            refused[reason] = refused[reason] | condition if reason in refused else condition
    return Typed(value, refused)


def currency_code(text: ir.StringValue) -> Any:
    """The three letters of a currency given by code, sign or Chinese name."""
    return half_width(text).upper().substitute(CURRENCIES)


def converted(amount: Typed, currency: ir.StringValue | None, company: str, rates: Mapping[str, float]) -> Typed:
    """The amount in the company's currency; null where its currency has no rate, counted as "amount without rate"."""
    if currency is None:
        return amount
    known = {company.upper(): Decimal(1), **{code.upper(): Decimal(str(rate)) for code, rate in rates.items()}}
    rate = ibis.cases(
        (currency.isnull(), ibis.literal(Decimal(1), _RATE)),
        *((currency == code, ibis.literal(one, _RATE)) for code, one in known.items()),
        else_=ibis.null(_RATE),
    )
    without = currency.notnull() & amount.value.notnull() & ~currency.isin(list(known))
    converted_value = (amount.value.cast(_WIDE_FOR_RATE) * rate).try_cast(MONEY)
    return Typed(converted_value, amount.refused, {**amount.repaired, "amount without rate": without})


def _milliseconds(digits: Any, factor: int) -> Any:
    return (digits.try_cast("decimal(24, 6)") * factor).round().try_cast("int64")


def _own_unit(plain: Any, word: str) -> Any:
    pattern = rf"^(-?\d+(?:\.\d+)?)\s*(?:{_WORDS[word]})\.?$"
    return _milliseconds(plain.re_extract(pattern, 1).nullif(""), _MS[word])


def _clock(plain: Any) -> Any:
    """mm:ss or hh:mm:ss."""
    return plain.re_search(_CLOCK).ifelse(_hours_minutes_seconds(plain, _CLOCK), ibis.null("int64"))


def _spelled(plain: Any) -> Any:
    """1小时3分20秒, 3m 20s: at least one part."""
    has_part = plain.re_search(r"\d") & plain.re_search(_PARTS)
    return has_part.ifelse(_hours_minutes_seconds(plain, _PARTS), ibis.null("int64"))


def _hours_minutes_seconds(plain: Any, pattern: str) -> Any:
    total = ibis.literal(0, "int64")
    for group, factor in ((1, _MS["h"]), (2, _MS["min"]), (3, _MS["s"])):
        total = total + _milliseconds(plain.re_extract(pattern, group), factor).fill_null(0)
    return total
