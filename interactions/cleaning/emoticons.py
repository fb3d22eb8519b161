"""What emoji, kaomoji and bracketed faces (😡, T_T, [怒]) say, whatever the language around them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from operator import itemgetter

from interactions.cleaning.word_lists import sections

_WORDS = sections("emoticons")


def _strengths(kind: str) -> dict[str, float]:
    return {sign: float(head.split()[1]) for head, signs in _WORDS.items() if head.startswith(kind) for sign in signs}


EMOJI = _strengths("emoji")
_WRITTEN = _strengths("written")
_IN_BRACKETS = {f"[{name}]": strength for name, strength in _strengths("named").items()}
_EDGED = sorted((face for face in _WRITTEN if face[0].isalnum() or face[-1].isalnum()), key=len, reverse=True)
_PLAIN = sorted({*_WRITTEN, *EMOJI, *_IN_BRACKETS} - set(_EDGED), key=len, reverse=True)
STRENGTHS = {**_WRITTEN, **EMOJI, **_IN_BRACKETS}


def _lengths() -> dict[str, list[int]]:
    """How long the faces are that may stand anywhere, by their first sign, the longest first."""
    return {
        first: sorted({len(face) for face in _PLAIN if face[0] == first}, reverse=True)
        for first in sorted({face[0] for face in _PLAIN})
    }


def _any_of(signs: Iterable[str]) -> re.Pattern[str]:
    """A class of signs; beyond the basic plane one range, for the engine tries each such sign of a class in turn."""
    near = "".join(map(re.escape, sorted(sign for sign in signs if sign <= "\uffff")))
    far = sorted(sign for sign in signs if sign > "\uffff")
    return re.compile(f"[{near}{far[0]}-{far[-1]}]" if far else f"[{near}]")


_ANYWHERE = frozenset(_PLAIN)
_LENGTHS = _lengths()
_FIRST = _any_of(_LENGTHS)
# Nothing but literals: then the engine skips to their first letters. What holds none of these holds no edged face.
_MAYBE_EDGED = re.compile("|".join(map(re.escape, _EDGED)))
_ANY_EDGED = re.compile(r"(?<![0-9A-Za-z])(?:" + "|".join(map(re.escape, _EDGED)) + r")(?![0-9A-Za-z])")
# The same face over and over says it louder, not ten times as much.
_MOST_OF_ONE = 3


def faces(text: str) -> list[tuple[int, int, float]]:
    """Where a text holds a face and how it feels: (begin, end, strength), in order; the fourth of a kind is worth 0."""
    places = _plain_faces(text) if _FIRST.search(text) is not None else []
    if _MAYBE_EDGED.search(text) is not None:
        # Of two that begin together, the one that may stand anywhere comes first.
        places += [match.span() for match in _ANY_EDGED.finditer(text)]
        places.sort(key=itemgetter(0))
    if not places:
        return []
    seen: dict[str, int] = {}
    found: list[tuple[int, int, float]] = []
    done = 0
    for begin, end in places:
        if begin < done:
            continue
        sign = text[begin:end]
        seen[sign] = seen.get(sign, 0) + 1
        found.append((begin, end, STRENGTHS[sign] if seen[sign] <= _MOST_OF_ONE else 0.0))
        done = end
    return found


def _plain_faces(text: str) -> list[tuple[int, int]]:
    """Where faces stand that need no edge, none within another."""
    found: list[tuple[int, int]] = []
    done = 0
    for match in _FIRST.finditer(text):
        begin = match.start()
        if begin < done:
            continue
        for length in _LENGTHS.get(text[begin], ()):
            face = text[begin : begin + length]
            if face in _ANYWHERE:
                done = begin + len(face)
                found.append((begin, done))
                break
    return found
