"""The small language of a mapping's `where`: comparisons of received columns with constants, AND, OR, NOT.

    outcome != 'PHANTOM' AND (q_time > 0 OR "vru+line" LIKE 'AA%') AND customer IS NOT NULL AND kind NOT IN ('a', 'b')

A value is compared as text with 'text', as a number with a number. A blank counts as empty text and as NULL.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from workspace.errors import MappingError

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>-?\d+(?:\.\d+)?)|(?P<text>'(?:[^']|'')*')|(?P<quoted>"(?:[^"]|"")+")"""
    r"""|(?P<operator><=|>=|<>|!=|==|=|<|>)|(?P<mark>[(),])|(?P<word>[^\s'"<>=!(),]+))"""
)


@dataclass(frozen=True)
class Compare:
    """`column operator value`; the operator is one of = != < <= > >=."""

    column: str
    operator: str
    value: str | Decimal


@dataclass(frozen=True)
class Among:
    """`column IN (values)`."""

    column: str
    values: tuple[str | Decimal, ...]


@dataclass(frozen=True)
class Like:
    """`column LIKE pattern`: % is any text, _ any one character."""

    column: str
    pattern: str


@dataclass(frozen=True)
class Blank:
    """`column IS NULL`: nothing but blanks was received."""

    column: str


@dataclass(frozen=True)
class Not:
    part: Condition


@dataclass(frozen=True)
class All:
    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class AnyOf:
    parts: tuple[Condition, ...]


Condition = Compare | Among | Like | Blank | Not | All | AnyOf


def parse(text: str) -> Condition:
    """The condition that `text` states.

    Raises MappingError naming the place that can't be read.
    """
    return _Parser(text).condition()


def columns_of(condition: Condition) -> tuple[str, ...]:
    """The received columns a condition reads, each once, in their order."""
    if isinstance(condition, Not):
        return columns_of(condition.part)
    if isinstance(condition, All | AnyOf):
        return tuple(dict.fromkeys(name for part in condition.parts for name in columns_of(part)))
    return (condition.column,)


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[tuple[str, str]] = []
        position = 0
        while text[position:].strip():
            found = _TOKEN.match(text, position)
            if found is None or found.lastgroup is None:
                raise self._unreadable(text[position:].strip()[:20])
            self.tokens.append((found.lastgroup, found.group(found.lastgroup)))
            position = found.end()
        self.at = 0

    def condition(self) -> Condition:
        found = self._any()
        if self.at < len(self.tokens):
            raise self._unreadable(self.tokens[self.at][1])
        return found

    def _any(self) -> Condition:
        parts = [self._all()]
        while self._take_word("OR"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def _all(self) -> Condition:
        parts = [self._negation()]
        while self._take_word("AND"):
            parts.append(self._negation())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _negation(self) -> Condition:
        if self._take_word("NOT"):
            return Not(self._negation())
        if self._take("mark", "("):
            inner = self._any()
            self._need("mark", ")")
            return inner
        return self._comparison(self._column())

    def _comparison(self, column: str) -> Condition:
        if self._take_word("IS"):
            negated = self._take_word("NOT")
            if not self._take_word("NULL"):
                raise self._unreadable(self._peek()[1])
            return Not(Blank(column)) if negated else Blank(column)
        negated = self._take_word("NOT")
        if self._take_word("IN"):
            found: Condition = Among(column, self._values())
        elif self._take_word("LIKE"):
            found = Like(column, str(self._value()))
        else:
            kind, operator = self._peek()
            if kind != "operator" or negated:
                raise self._unreadable(operator)
            self.at += 1
            return Compare(column, {"==": "=", "<>": "!="}.get(operator, operator), self._value())
        return Not(found) if negated else found

    def _column(self) -> str:
        kind, found = self._peek()
        if kind == "quoted":
            self.at += 1
            return found[1:-1].replace('""', '"')
        if kind == "word":
            self.at += 1
            return found
        raise self._unreadable(found)

    def _values(self) -> tuple[str | Decimal, ...]:
        self._need("mark", "(")
        values = [self._value()]
        while self._take("mark", ","):
            values.append(self._value())
        self._need("mark", ")")
        return tuple(values)

    def _value(self) -> str | Decimal:
        kind, found = self._peek()
        if kind == "text":
            self.at += 1
            return found[1:-1].replace("''", "'")
        if kind == "number":
            self.at += 1
            return Decimal(found)
        raise self._unreadable(found)

    def _peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "the end")

    def _take(self, kind: str, text: str) -> bool:
        if self._peek() == (kind, text):
            self.at += 1
            return True
        return False

    def _take_word(self, word: str) -> bool:
        kind, found = self._peek()
        if kind == "word" and found.upper() == word:
            self.at += 1
            return True
        return False

    def _need(self, kind: str, text: str) -> None:
        if not self._take(kind, text):
            raise self._unreadable(self._peek()[1])

    def _unreadable(self, place: str) -> MappingError:
        return MappingError(
            f"`where = {self.text}` can't be read at `{place}`. Write comparisons such as outcome != 'PHANTOM', joined "
            'by AND, OR, NOT; a column name with signs in it goes in double quotes: "vru+line".'
        )
