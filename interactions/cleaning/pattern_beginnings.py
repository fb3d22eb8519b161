"""How a match of a regular expression may begin: by it, of many expressions few need be tried at a place of a text.

For the expressions of word lists alone: letters, classes and groups, of which what matches first may be optional.
"""

from __future__ import annotations

import re

LENGTH = 3
# Stands for every beginning with a digit.
DIGIT = "0"

_PIECE = re.compile(r"(?P<digit>\\d)|\[(?P<signs>[^\]\\-]+-?)\]|(?P<one>[a-z0-9 ',/-])")


def alternatives(pattern: str) -> list[str]:
    """The alternatives of a pattern, those inside brackets left as they are."""
    found, depth, begin = [], 0, 0
    for place, sign in enumerate(pattern):
        depth += (sign in "([") - (sign in ")]")
        if sign == "|" and not depth:
            found.append(pattern[begin:place])
            begin = place + 1
    return [*found, pattern[begin:]]


def beginnings(pattern: str) -> set[str]:
    """The first three letters of all that the pattern matches: two where the third is left open, DIGIT for what begins
    with a digit.

    Raises ValueError where the pattern leaves more open, or where a match may be shorter.
    """
    found = {DIGIT if one[:1].isdigit() else one for one in _starts(pattern, "")}
    if any(one != DIGIT and len(one) < LENGTH - 1 for one in found):
        raise ValueError(f"A phrase must begin with {LENGTH - 1} given letters at least, unlike {pattern!r}.")
    return found


def _starts(pattern: str, before: str) -> set[str]:
    """`before` with what may follow it, up to LENGTH letters."""
    if not pattern or len(before) == LENGTH or before[:1].isdigit() or pattern.startswith("\\w"):
        return {before}
    if pattern.startswith("(?:"):
        end = _closing(pattern)
        inner, rest = alternatives(pattern[3:end]), pattern[end + 1 :]
        if rest[:1] in ("{", "+", "*"):
            raise ValueError(f"How {pattern!r} begins is too open.")
        if rest[:1] == "?":
            inner, rest = [*inner, ""], rest[1:]
        return {whole for one in inner for whole in _starts(one + rest, before)}
    piece = _PIECE.match(pattern)
    if piece is None:
        raise ValueError(f"How {pattern!r} begins is too open.")
    rest = pattern[piece.end() :]
    signs = DIGIT if piece["digit"] else piece["signs"] or piece["one"]
    if rest[:1] == "?":
        return _starts(rest[1:], before) | {whole for sign in signs for whole in _starts(rest[1:], before + sign)}
    if rest[:1] == "+":
        # Again and again, no more often than letters are asked for.
        again = f"{piece.group()}?" * (LENGTH - 1) + rest[1:]
        return {whole for sign in signs for whole in _starts(again, before + sign)}
    return {whole for sign in signs for whole in _starts(rest, before + sign)}


def _closing(pattern: str) -> int:
    """The place of the bracket that closes the first."""
    depth = 0
    for place, sign in enumerate(pattern):
        depth += (sign == "(") - (sign == ")")
        if not depth:
            return place
    raise ValueError(f"{pattern!r} has a bracket that nothing closes.")
