"""What emoji, kaomoji and bracketed faces (😡, T_T, [怒]) say, whatever the language around them."""

from __future__ import annotations

import re

from interactions.cleaning.word_lists import sections

_WORDS = sections("emoticons")


def _strengths(kind: str) -> dict[str, float]:
    return {sign: float(head.split()[1]) for head, signs in _WORDS.items() if head.startswith(kind) for sign in signs}


EMOJI = _strengths("emoji")
_WRITTEN = _strengths("written")
_IN_BRACKETS = {f"[{name}]": strength for name, strength in _strengths("named").items()}
_EDGED = sorted((face for face in _WRITTEN if face[0].isalnum() or face[-1].isalnum()), key=len, reverse=True)
_PLAIN = sorted({*_WRITTEN, *EMOJI, *_IN_BRACKETS} - set(_EDGED), key=len, reverse=True)
# Nothing but literals: then the engine skips to their first letters.
_ANY = re.compile("|".join(map(re.escape, _PLAIN)))
_ANY_EDGED = re.compile(r"(?<![0-9A-Za-z])(?:" + "|".join(map(re.escape, _EDGED)) + r")(?![0-9A-Za-z])")
STRENGTHS = {**_WRITTEN, **EMOJI, **_IN_BRACKETS}
# The same face over and over says it louder, not ten times as much.
_MOST_OF_ONE = 3


def faces(text: str) -> list[tuple[int, int, float]]:
    """Where a text holds a face and how it feels: (begin, end, strength), in order; the fourth of a kind is worth 0."""
    seen: dict[str, int] = {}
    found: list[tuple[int, int, float]] = []
    for match in sorted([*_ANY.finditer(text), *_ANY_EDGED.finditer(text)], key=re.Match.start):
        if found and match.start() < found[-1][1]:
            continue
        sign = match.group()
        seen[sign] = seen.get(sign, 0) + 1
        found.append((match.start(), match.end(), STRENGTHS[sign] if seen[sign] <= _MOST_OF_ONE else 0.0))
    return found
