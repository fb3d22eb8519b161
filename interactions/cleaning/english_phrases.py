"""Phrases of English service messages whose words say something else, or nothing, each by itself.

"The refund never came" holds no word of feeling; "couldn't be happier" holds a denied one. Each pattern of
english_phrases.txt carries a valence on VADER's scale (-4 to 4).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from interactions.cleaning.word_lists import sections

_MARK = "\x01"  # a control sign: in no message that means anything, and plain ASCII, which is fast to search


def _pattern(words: Sequence[str]) -> str:
    """Alternatives as a regular expression; those inside brackets may be parted by blanks just as well."""
    joined = "|".join(words).replace("(?:|", "(?:").replace("|)", ")").replace("||", "|")
    for name, meant in _NAMED.items():
        joined = joined.replace(f"{{{name}}}", meant)
    return joined.replace("_", " +")


_SECTIONS = sections("english_phrases")
_NAMED = {name: f"(?:{'|'.join(words)})" for name, words in _SECTIONS.items() if name.isalpha()}
_PATTERNS = [(float(head), _pattern(words)) for head, words in _SECTIONS.items() if not head.isalpha()]


def _name(number: int) -> str:
    return f"{_MARK}{number}" if _PATTERNS[number][0] else f"{_MARK}-"


# What stands for a phrase in the text that VADER reads, with its valence; those of none are no word of it.
VALENCES = {_name(number): valence for number, (valence, _) in enumerate(_PATTERNS) if valence}
# No groups and no flags: then the engine skips most alternatives by their first letter.
_ANY = re.compile(r"(?<![\w'])(?:" + "|".join(pattern for _, pattern in _PATTERNS) + r")(?![\w'])")
_EACH = [re.compile(pattern) for _, pattern in _PATTERNS]
_SHORT = re.compile(
    r"\b(ca|wo|do|does|did|is|was|are|were|has|have|had|could|would|should)n['’]?t\b|\b(can)not\b", re.I
)
# Sentences run on without a blank, names of those spoken to, hash signs; and the mark, which is ours.
_RUN_ON = re.compile(r"(?<=[A-Za-z])([.,!?;:…]+|/)(?=[A-Za-z])")
_MARKS = re.compile(r"([!?.,])\1{3,}")  # VADER knows no longer runs
_ADDRESSED = re.compile(rf"(?<!\w)@\w+|https?://\S+|[#{_MARK}]")
_LONG = {"ca": "can", "wo": "will"}


def with_phrases(text: str) -> tuple[str, list[str]]:
    """The text with contracted denials written out and each phrase as one word of `VALENCES`; and the phrases that have
    a valence, as written, in order."""
    full = _SHORT.sub(_written_out, _RUN_ON.sub(r"\1 ", _MARKS.sub(r"\1\1\1", _ADDRESSED.sub(" ", text))))
    lower = full.lower()
    if len(lower) != len(full):  # a letter such as İ: no place would fit
        full = lower
    parts: list[str] = []
    said: list[str] = []
    done = 0
    for found in _ANY.finditer(lower):
        name = _phrase(found.group())
        parts += [full[done : found.start()], " ", name, " "]
        done = found.end()
        if name in VALENCES:
            said.append(full[found.start() : found.end()])
    return "".join([*parts, full[done:]]) if parts else full, said


@lru_cache(maxsize=10_000)
def _phrase(said: str) -> str:
    return next((_name(number) for number, one in enumerate(_EACH) if one.fullmatch(said)), "")


def _written_out(found: re.Match[str]) -> str:
    verb = (found.group(1) or found.group(2)).lower()
    return f"{_LONG.get(verb, verb)} not"
