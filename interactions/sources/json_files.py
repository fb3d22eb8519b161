"""JSON (an array of objects, or an object holding one) and JSON Lines; nested values stay JSON text."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa

from interactions.sources.batches import Content, as_text, text_batches
from interactions.sources.encoding import Opener, find_encoding, utf8_stream
from interactions.sources.layout import distinct
from interactions.sources.mapping import Reading
from workspace.errors import SourceError


def read_json(open_file: Opener, reading: Reading, file: str) -> Content:
    """The objects of a JSON or JSON Lines file. Columns are all the names met, in the order they are met."""
    encoding = find_encoding(open_file, reading.encoding)
    lines = _is_lines(open_file, encoding)
    objects: Callable[[], Iterator[dict[str, Any] | str]] = (
        (lambda: _lines(open_file, encoding)) if lines else (lambda: _array(open_file, encoding, file))
    )
    names: dict[str, None] = {}
    for found in objects():
        if isinstance(found, dict):
            names.update(dict.fromkeys(found))
    keys = tuple(names)

    def rows() -> Iterator[pa.RecordBatch]:
        values = (found if isinstance(found, str) else [as_text(found.get(key)) for key in keys] for found in objects())
        return text_batches(distinct(keys), values)

    return Content(distinct(keys), rows, {"format": "jsonl" if lines else "json", "encoding": encoding})


def _is_lines(open_file: Opener, encoding: str) -> bool:
    """Whether the first line with something on it is a whole object."""
    with io.TextIOWrapper(utf8_stream(open_file, encoding), encoding="utf-8") as text:
        for line in text:
            if line.strip():
                try:
                    return isinstance(json.loads(line), dict) and any(rest.strip() for rest in text)
                except ValueError:
                    return line.lstrip().startswith("{") and line.strip() != "{"
    return False


def _lines(open_file: Opener, encoding: str) -> Iterator[dict[str, Any] | str]:
    with io.TextIOWrapper(utf8_stream(open_file, encoding), encoding="utf-8", newline="\n") as text:
        for line in text:
            if not line.strip():
                continue
            try:
                found = _loads(line)
            except (ValueError, RecursionError):
                found = line
            yield found if isinstance(found, dict) else line.strip()


def _array(open_file: Opener, encoding: str, file: str) -> Iterator[dict[str, Any] | str]:
    with io.TextIOWrapper(utf8_stream(open_file, encoding), encoding="utf-8") as text:
        try:
            found = _loads(text.read())
        except (ValueError, RecursionError) as error:
            raise SourceError(
                f"{file} is not valid JSON ({error}). Mend it, or give JSON Lines: one object a line."
            ) from None
    if isinstance(found, dict):
        held = [value for value in found.values() if isinstance(value, list)]
        found = held[0] if len(held) == 1 else [found]
    if not isinstance(found, list):
        raise SourceError(f"{file} holds a single JSON value; expected an array of objects, or one object a line.")
    for row in found:
        yield row if isinstance(row, dict) else json.dumps(row, ensure_ascii=False)


def _loads(text: str) -> Any:
    # Numbers stay as written: an identifier of 20 digits must not become a float.
    return json.loads(text, parse_int=str, parse_float=str)
