"""JSON (an array of objects, or an object holding one) and JSON Lines, read a piece at a time.

An object's members are columns. A member that is an object itself is JSON text in its column, and its own members are
columns besides, named with a point: `customer.id`. Lists stay JSON text.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

import pyarrow as pa

from interactions.sources.batches import Content, as_text, text_batches
from interactions.sources.encoding import Opener
from interactions.sources.json_stream import BrokenJSONError, Pieces, Repeated, loads
from interactions.sources.layout import distinct
from interactions.sources.mapping import Reading
from interactions.sources.sound_lines import MOST_BYTES
from interactions.sources.utf8_stream import MARK, utf8_stream
from workspace.errors import SourceError

MOST_COLUMNS = 16_384
# Objects in objects become columns to this depth, and only if they have so few names: one with more is keyed by data.
_DEPTH = 4
_MOST_MEMBERS = 100
_SHOWN = 1_000
_LOOKED_AT = 100

# Bytes that nobody could read, and halves of signs that JSON may name but no text can hold.
_UNREADABLE = re.compile(f"[{MARK}\ud800-\udfff]")

Found = dict[str, Any] | str


def read_json(open_file: Opener, encoding: str, reading: Reading, file: str) -> Content:
    """The objects of a JSON or JSON Lines file. Columns are all the names met, in the order they are met."""
    lines = _begins_with_an_object(open_file, encoding)
    held_in: list[str] = []
    if not lines:
        try:
            held_in = _lists_of_objects(open_file, encoding, file)
        except SourceError:
            # Lines of which the first is broken, or one text that is.
            lines = _has_object_lines(open_file, encoding)
            if not lines:
                raise
    if len(held_in) > 1:
        raise SourceError(
            f"{file} holds several lists of objects: {', '.join(held_in[:10])}. Give each in a file of its own."
        )

    def objects() -> Iterator[Found]:
        return _lines(open_file, encoding) if lines else _array(open_file, encoding, file, next(iter(held_in), None))

    paths = _paths(objects(), file)
    names = distinct([_readable(".".join(path)) for path in paths])

    def rows() -> Iterator[pa.RecordBatch]:
        return text_batches(names, (_row(found, paths) for found in objects()))

    return Content(names, rows, {"format": "jsonl" if lines else "json", "encoding": encoding})


def _paths(objects: Iterator[Found], file: str) -> list[tuple[str, ...]]:
    """The way to each column: the names met at the top, each followed by those in it."""
    top: dict[str, Any] = {}
    for found in objects:
        if isinstance(found, dict):
            _note(found, top, _DEPTH)
            if len(top) > MOST_COLUMNS:
                raise SourceError(
                    f"{file} has objects with more than {MOST_COLUMNS:,} different names: they are keyed by data. "
                    "Give a list of objects with the same names."
                )
    if not top:
        raise SourceError(f"{file} holds no objects; expected an array of objects, or one object a line.")
    return list(_flat(top, ()))


def _note(found: dict[str, Any], names: dict[str, Any], depth: int) -> None:
    for name, value in found.items():
        inner = names.setdefault(name, {})
        if depth > 1 and type(value) is dict and inner is not None:
            _note(value, inner, depth - 1)
            if len(inner) > _MOST_MEMBERS:
                names[name] = None


def _flat(names: dict[str, Any], before: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for name, inner in names.items():
        yield (*before, name)
        if inner:
            yield from _flat(inner, (*before, name))


def _row(found: Found, paths: Sequence[tuple[str, ...]]) -> list[str | None] | str:
    if isinstance(found, str):
        return _readable(found)
    values = [_at(found, path) for path in paths]
    if any(value is not None and _UNREADABLE.search(value) for value in values):
        return _readable(json.dumps(found, ensure_ascii=False, default=str))
    return values


def _readable(text: str) -> str:
    return text.replace(MARK, "").encode("utf-8", errors="replace").decode("utf-8")


def _at(found: Any, path: tuple[str, ...]) -> str | None:
    for name in path:
        if not isinstance(found, dict):
            return None
        found = found.get(name)
    return as_text(found)


def _text(open_file: Opener, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(utf8_stream(open_file, encoding), encoding="utf-8", newline="\n")


def _begins_with_an_object(open_file: Opener, encoding: str) -> bool:
    """Whether the first line with something on it is a whole object with more behind it."""
    with _text(open_file, encoding) as text:
        for line in _short_lines(text):
            if line.strip():
                return _parsed(line) is not None and any(rest.strip() for rest in _short_lines(text))
    return False


def _has_object_lines(open_file: Opener, encoding: str) -> bool:
    """Whether one of the first lines, not set in, is a whole object."""
    with _text(open_file, encoding) as text:
        first = islice(_short_lines(text), _LOOKED_AT)
        return any(line.startswith("{") and _parsed(line) is not None for line in first)


def _parsed(line: str) -> dict[str, Any] | None:
    try:
        found = loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and not isinstance(found, Repeated) else None


def _lines(open_file: Opener, encoding: str) -> Iterator[Found]:
    with _text(open_file, encoding) as text:
        for line in _short_lines(text):
            if not line.strip():
                continue
            yield _parsed(line) or line.strip()


def _short_lines(text: io.TextIOWrapper) -> Iterator[str]:
    """The lines; of one that is too long its beginning, with its length behind it."""
    while line := text.readline(MOST_BYTES):
        if len(line) < MOST_BYTES or line.endswith("\n"):
            yield line
            continue
        size = len(line)
        while more := text.readline(MOST_BYTES):
            size += len(more)
            if more.endswith("\n"):
                break
        yield f"{line[:_SHOWN]} ... (a line of {size:,} signs)"


def _lists_of_objects(open_file: Opener, encoding: str, file: str) -> list[str]:
    """The members of a top-level object that hold lists of objects; none for a list or a single object."""

    def found(pieces: Pieces) -> Iterator[str]:
        if pieces.next_sign() == "{":
            for name in pieces.members():
                if pieces.next_sign() != "[":
                    pieces.value()
                elif sum(isinstance(element, dict) for element in pieces.elements()):
                    yield name

    return list(_reading(open_file, encoding, file, found))


def _array(open_file: Opener, encoding: str, file: str, held_in: str | None) -> Iterator[Found]:
    """The objects of a list, at the top or in a member of the object there; else the object itself."""

    def found(pieces: Pieces) -> Iterator[Any]:
        if pieces.next_sign() == "[":
            yield from pieces.elements()
        elif held_in is not None:
            for name in pieces.members():
                if name == held_in and pieces.next_sign() == "[":
                    yield from pieces.elements()
                else:
                    pieces.value()
        elif pieces.next_sign() == "{":
            yield pieces.value()
        else:
            raise SourceError(f"{file} holds a single JSON value; expected an array of objects, or one object a line.")
        pieces.end()

    for row in _reading(open_file, encoding, file, found):
        sound = isinstance(row, dict) and not isinstance(row, Repeated)
        yield row if sound else json.dumps(row, ensure_ascii=False)


def _reading(open_file: Opener, encoding: str, file: str, read: Callable[[Pieces], Iterator[Any]]) -> Iterator[Any]:
    with _text(open_file, encoding) as text:
        try:
            yield from read(Pieces(text))
        except BrokenJSONError as error:
            raise SourceError(
                f"{file} is not valid JSON ({error}). Mend it, or give JSON Lines: one object a line."
            ) from None
