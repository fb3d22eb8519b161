"""DuckDB's own functions that Ibis has no name for, declared so that expressions can call them."""

from __future__ import annotations

import ibis


@ibis.udf.scalar.builtin(name="try_strptime", signature=(("string", "string"), "timestamp"))
def parse_local(text: str, form: str) -> None:
    """The local time that `text` writes in `form`; null when it doesn't."""


@ibis.udf.scalar.builtin(name="try_strptime", signature=(("string", "array<string>"), "timestamp"))
def parse_local_any(text: str, forms: list[str]) -> None:
    """The same by the first of several forms that fits."""


@ibis.udf.scalar.builtin(name="try_strptime", signature=(("string", "string"), "timestamp('UTC')"))
def parse_with_offset(text: str, form: str) -> None:
    """The moment that `text` writes in a form that holds its offset (%z)."""


@ibis.udf.scalar.builtin(name="timezone", signature=(("string", "timestamp"), "timestamp('UTC')"))
def at_zone(zone: str, local: object) -> None:
    """The moment at which clocks of `zone` show `local`."""


@ibis.udf.scalar.builtin(name="make_timestamp", signature=(("int64",), "timestamp"))
def from_microseconds(microseconds: int) -> None:
    """The time so many microseconds after 1970-01-01."""


@ibis.udf.scalar.builtin(name="trim", signature=(("string", "string"), "string"))
def trim(text: str, signs: str) -> None:
    """`text` without any of `signs` at its ends."""


@ibis.udf.scalar.builtin(name="translate", signature=(("string", "string", "string"), "string"))
def translate(text: str, signs: str, others: str) -> None:
    """Each of `signs` replaced by the sign at its place in `others`, or dropped where there is none."""
