"""Values of databases and services as text, without loss."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from interactions.sources.batches import ROW, as_text


def text_of(value: Any) -> str | None:
    """A database's or service's value as text, without loss: exact decimals, durations as hh:mm:ss, unreadable bytes in
    hexadecimal digits."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, timedelta):
        return _duration(value)
    if isinstance(value, memoryview | bytearray | bytes):
        return _bytes(bytes(value))
    if isinstance(value, Mapping):
        value = dict(value)
    if isinstance(value, set | frozenset):
        value = sorted(value, key=str)
    return as_text(value)


def _duration(value: timedelta) -> str:
    sign, value = ("-", -value) if value < timedelta(0) else ("", value)
    seconds = value.days * 86_400 + value.seconds
    fraction = f".{value.microseconds:06d}".rstrip("0") if value.microseconds else ""
    return f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{fraction}"


def _bytes(value: bytes) -> str:
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        return value.hex()
    return text if all(sign.isprintable() or sign in "\t\r\n" for sign in text) else value.hex()


def flat(row: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """A document's fields with those of nested documents as `outer.inner`; lists stay whole."""
    for name, value in row.items():
        if isinstance(value, Mapping) and value:
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def text_table(rows: Iterable[Mapping[str, Any]], before: int) -> pa.Table:
    """Rows as an Arrow table of text, numbered on from `before`; a field that a row lacks is null."""
    held: dict[str, list[str | None]] = {}
    count = 0
    for row in rows:
        for name, value in row.items():
            column = held.get(name)
            if column is None:
                column = held[name] = [None] * count
            elif len(column) < count:
                column.extend([None] * (count - len(column)))
            column.append(text_of(value))
        count += 1
    for column in held.values():
        column.extend([None] * (count - len(column)))
    arrays = [pa.array(column, pa.string()) for column in held.values()]
    numbers = pa.array(range(before + 1, before + count + 1), pa.int64())
    return pa.Table.from_arrays([*arrays, numbers], names=[*held, ROW])
