"""DuckDB's own functions that Ibis has no name for, declared so that expressions can call them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ibis


def _declared(name: str, arguments: tuple[str, ...], result: str) -> Callable[[Callable[..., None]], Any]:
    """A function of the engine by its name there, the types it takes and the type it gives."""
    return lambda function: ibis.udf.scalar.builtin(function, name=name, signature=(arguments, result))


def _parse_local(text: str, form: str) -> None:
    """The local time that `text` writes in `form`; null when it doesn't."""


def _parse_local_any(text: str, forms: list[str]) -> None:
    """The same by the first of several forms that fits."""


def _parse_with_offset(text: str, form: str) -> None:
    """The moment that `text` writes in a form that holds its offset (%z)."""


def _at_zone(zone: str, local: object) -> None:
    """The moment at which clocks of `zone` show `local`."""


def _from_microseconds(microseconds: int) -> None:
    """The time so many microseconds after 1970-01-01."""


def _byte_length(text: str) -> None:
    """Bytes of `text` in UTF-8; as many as its characters when all are ASCII."""


def _translate(text: str, signs: str, others: str) -> None:
    """Each of `signs` replaced by the sign at its place in `others`, or dropped where there is none."""


def _epoch_microseconds(moment: object) -> None:
    """Microseconds since 1970-01-01 in UTC."""


parse_local = _declared("try_strptime", ("string", "string"), "timestamp")(_parse_local)
parse_local_any = _declared("try_strptime", ("string", "array<string>"), "timestamp")(_parse_local_any)
parse_with_offset = _declared("try_strptime", ("string", "string"), "timestamp('UTC')")(_parse_with_offset)
at_zone = _declared("timezone", ("string", "timestamp"), "timestamp('UTC')")(_at_zone)
from_microseconds = _declared("make_timestamp", ("int64",), "timestamp")(_from_microseconds)
byte_length = _declared("strlen", ("string",), "int64")(_byte_length)
translate = _declared("translate", ("string", "string", "string"), "string")(_translate)
epoch_microseconds = _declared("epoch_us", ("timestamp('UTC')",), "int64")(_epoch_microseconds)
