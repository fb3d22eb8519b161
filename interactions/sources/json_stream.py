"""JSON read a piece at a time: the members of an object, the elements of an array, in bounded memory."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, TextIO

# The longest element that is read, in signs.
MOST_SIGNS = 16 << 20
_CHUNK = 1 << 20
_BLANKS = re.compile(r"[ \t\r\n]*")


class Repeated(dict[str, Any]):
    """An object that has a name twice (or holds such an object), of which only one value could be kept."""


class BrokenJSONError(ValueError):
    """What is wrong, and about where: the line."""


def loads(text: str) -> Any:
    """A whole JSON text. Numbers stay as written: an identifier of 20 digits must not become a float."""
    return _DECODER.decode(text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    whole = len(found) == len(pairs) and not any(type(value) is Repeated for _, value in pairs)
    return found if whole else Repeated(found)


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=str, parse_float=str, parse_constant=str)


class Pieces:
    """A text that holds one JSON value, looked at from its start to its end. Raises BrokenJSONError."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._held = ""
        self._at = 0
        self._lines = 1
        self._ended = False

    def next_sign(self) -> str:
        """The next sign that is no blank, which stays; "" at the end."""
        while True:
            found = _BLANKS.match(self._held, self._at)
            self._at = found.end() if found is not None else self._at
            if self._at < len(self._held):
                return self._held[self._at]
            if not self._more():
                return ""

    def take(self, sign: str) -> None:
        """Step over a sign that has to come now."""
        if self.next_sign() != sign:
            raise self._broken(f"`{sign}` expected")
        self._at += 1

    def value(self) -> Any:
        """The next value, whole."""
        self.next_sign()
        while True:
            try:
                found, end = _DECODER.raw_decode(self._held, self._at)
                # A number at the end of what is held may go on in what is not.
                if end < len(self._held) or not self._more():
                    self._at = end
                    return found
            except RecursionError:
                raise self._broken("it is nested too deep") from None
            except ValueError as error:
                if len(self._held) - self._at > MOST_SIGNS:
                    raise self._broken(f"one value in it has more than {MOST_SIGNS >> 20} million signs") from None
                if not self._more():
                    raise self._broken(re.sub(r": line \d+ column.*", "", str(error))) from None

    def elements(self) -> Iterator[Any]:
        """The elements of the array that comes now."""
        yield from self._listed("[", "]", self.value)

    def members(self) -> Iterator[str]:
        """The names in the object that comes now; the caller takes the value of each before it asks for the next."""
        yield from self._listed("{", "}", self._name)

    def end(self) -> None:
        """Make sure that nothing follows."""
        if self.next_sign():
            raise self._broken("more follows behind its end")

    def _listed(self, first: str, last: str, read: Any) -> Iterator[Any]:
        self.take(first)
        if self.next_sign() == last:
            return self.take(last)
        while True:
            yield read()
            if self.next_sign() != ",":
                return self.take(last)
            self.take(",")

    def _name(self) -> str:
        if self.next_sign() != '"':
            raise self._broken("a name in quotation marks expected")
        name = self.value()
        self.take(":")
        return str(name)

    def _more(self) -> bool:
        """Hold more of the text, twice as much of a long value; False at the end."""
        if self._ended:
            return False
        left = self._held[self._at :]
        chunk = self._text.read(max(_CHUNK, len(left)))
        self._ended = not chunk
        if chunk:
            self._lines += self._held.count("\n", 0, self._at)
            self._held, self._at = left + chunk, 0
        return bool(chunk)

    def _broken(self, what: str) -> BrokenJSONError:
        line = self._lines + self._held.count("\n", 0, self._at)
        return BrokenJSONError(f"{what[:1].lower()}{what[1:]}, at or after line {line:,}")
