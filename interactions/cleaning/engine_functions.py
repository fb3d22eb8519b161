"""DuckDB's own functions that Ibis has no name for, declared so that expressions can call them."""

from __future__ import annotations

from typing import Any

import ibis


def _parse_local(text: str, form: str) -> None:
    """The local time that `text` writes in `form`; null when it doesn't."""


parse_local: Any = ibis.udf.scalar.builtin(
    _parse_local, name="try_strptime", signature=(("string", "string"), "timestamp")
)


def _parse_local_any(text: str, forms: list[str]) -> None:
    """The same by the first of several forms that fits."""


parse_local_any: Any = ibis.udf.scalar.builtin(
    _parse_local_any, name="try_strptime", signature=(("string", "array<string>"), "timestamp")
)


def _parse_with_offset(text: str, form: str) -> None:
    """The moment that `text` writes in a form that holds its offset (%z)."""


parse_with_offset: Any = ibis.udf.scalar.builtin(
    _parse_with_offset, name="try_strptime", signature=(("string", "string"), "timestamp('UTC')")
)


def _at_zone(zone: str, local: object) -> None:
    """The moment at which clocks of `zone` show `local`."""


at_zone: Any = ibis.udf.scalar.builtin(
    _at_zone, name="timezone", signature=(("string", "timestamp"), "timestamp('UTC')")
)


def _from_microseconds(microseconds: int) -> None:
    """The time so many microseconds after 1970-01-01."""


from_microseconds: Any = ibis.udf.scalar.builtin(
    _from_microseconds, name="make_timestamp", signature=(("int64",), "timestamp")
)


def _byte_length(text: str) -> None:
    """Bytes of `text` in UTF-8; as many as its characters when all are ASCII."""


byte_length: Any = ibis.udf.scalar.builtin(_byte_length, name="strlen", signature=(("string",), "int64"))


def _translate(text: str, signs: str, others: str) -> None:
    """Each of `signs` replaced by the sign at its place in `others`, or dropped where there is none."""


translate: Any = ibis.udf.scalar.builtin(
    _translate, name="translate", signature=(("string", "string", "string"), "string")
)
