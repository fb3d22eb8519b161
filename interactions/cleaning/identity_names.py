"""Whether two names may be one person's: the same, close (a slip), akin, unsaid, in another script, different.

Capitals, accents, titles and the order of given and family name don't count; Chinese names are the same when they sound
the same (王伟, 王玮), or as one of them is written in letters (Wang Wei). Akin: one sign of three differs, or a given
name is an initial: it may be a slip or a relative. Unsaid: one has no name, or one name alone that the other has too
(王先生, 王伟). Another script: a Chinese name and one in letters that is not its sound (David Wang, 王伟).
"""

from __future__ import annotations

import re
import unicodedata
from enum import IntEnum
from functools import lru_cache

from interactions.cleaning.identity_pinyin import sounds


class Likeness(IntEnum):
    """How alike two names are, more alike being greater."""

    DIFFERENT = 0
    OTHER_SCRIPT = 1
    UNSAID = 2
    AKIN = 3
    CLOSE = 4
    SAME = 5


_HAN = re.compile(r"[㐀-䶿一-鿿豈-﫿]+")
_TITLES_HAN = re.compile(
    r"(?:先生|女士|小姐|太太|夫人|老师|总经理|经理|主任|医生|教授|同学|师傅|阿姨|叔叔|老板|总|様|さん|씨)+$"
)
_TITLES = frozenset((
        "mr", "mrs", "ms", "miss", "mister", "dr", "prof", "professor", "sir", "madam", "mme", "mlle", "herr", "frau",
        "fr", "hr", "sra",
    ))  # fmt: skip
_NAMELESS = frozenset(("", "null", "none", "unknown", "test", "customer", "guest", "user", "n a", "na", "anonymous"))
_NAMELESS_HAN = frozenset(("匿名", "未知", "客户", "用户", "测试", "游客", "无", "不详", "先生", "女士", "小姐"))


def likeness(one: str | None, other: str | None) -> Likeness:
    """How alike two names as written are."""
    if one is None or other is None:
        return Likeness.UNSAID
    return _compared(one, other) if one <= other else _compared(other, one)


def name_key(name: str | None) -> str:
    """What spellings of a whole name have in common; "" where it is none, or one name alone."""
    han, latin = _parts(name) if name is not None else ("", ())
    if han:
        return han if len(han) > 1 else ""
    return "".join(sorted(latin)) if len(latin) > 1 else ""


@lru_cache(maxsize=200_000)
def _compared(one: str, other: str) -> Likeness:
    (han, latin), (other_han, other_latin) = _parts(one), _parts(other)
    if han and other_han:
        return _han_likeness(han, other_han)
    if latin and other_latin:
        return _latin_likeness(latin, other_latin)
    if not (han or latin) or not (other_han or other_latin):
        return Likeness.UNSAID
    return _across(han or other_han, latin or other_latin)


@lru_cache(maxsize=200_000)
def _parts(name: str) -> tuple[str, tuple[str, ...]]:
    """The Chinese signs without titles, and the words in letters without titles and accents."""
    plain = unicodedata.normalize("NFKC", name)
    han = "".join(_HAN.findall(plain))
    han = "" if han in _NAMELESS_HAN else _TITLES_HAN.sub("", han)
    letters = unicodedata.normalize("NFKD", _HAN.sub(" ", plain)).casefold()
    letters = "".join(sign for sign in letters if not unicodedata.combining(sign))
    words = tuple(word for word in re.split(r"[\W\d_]+", letters.replace("'", "")) if word and word not in _TITLES)
    return han, () if " ".join(words) in _NAMELESS else words


def _han_likeness(one: str, other: str) -> Likeness:
    if one == other or any(_turned(one, by) == other for by in (1, 2, -1, -2)):
        return Likeness.SAME
    if len(one) > 1 and (sound := sounds(one)) is not None and sound == sounds(other):
        return Likeness.SAME
    if min(len(one), len(other)) == 1:
        return Likeness.UNSAID if one[0] == other[0] else Likeness.DIFFERENT
    # Of two signs one other is another given name altogether.
    return Likeness.AKIN if max(len(one), len(other)) > 2 and slips(one, other) <= 1 else Likeness.DIFFERENT


def _across(han: str, latin: tuple[str, ...]) -> Likeness:
    """A Chinese name beside one in letters."""
    sound = sounds(han)
    return (
        Likeness.SAME if sound is not None and len(han) > 1 and _turns(sound) & _turns(latin) else Likeness.OTHER_SCRIPT
    )


def _turned(name: str, by: int) -> str:
    """The family name put last, or first."""
    return name[by:] + name[:by]


def _latin_likeness(one: tuple[str, ...], other: tuple[str, ...]) -> Likeness:
    if sorted(one) == sorted(other) or _turns(one) & _turns(other):
        return Likeness.SAME
    fewer, more = sorted((one, other), key=len)
    if len(fewer) == 1:
        return Likeness.UNSAID if fewer[0] in more or len(fewer[0]) == 1 else _by_slip(fewer, more)
    if set(fewer) <= set(more):
        return Likeness.CLOSE
    return Likeness.AKIN if _by_initials(fewer, more) else _by_slip(one, other)


def _turns(words: tuple[str, ...]) -> set[str]:
    """The words written as one, from each of them on: Tan Wei-Ming is Weiming Tan."""
    return {"".join(words[place:] + words[:place]) for place in range(len(words))}


def _by_initials(fewer: tuple[str, ...], more: tuple[str, ...]) -> bool:
    """E Smith beside Emma Smith: what is written out agrees, and the rest are first letters of what is left."""
    shared = set(fewer) & set(more)
    if not any(len(word) > 1 for word in shared):
        return False
    left = [word for word in more if word not in shared]
    initials = [word for word in fewer if word not in shared]
    return all(any(word[0] == full[0] and min(len(word), len(full)) == 1 for full in left) for word in initials)


def _by_slip(one: tuple[str, ...], other: tuple[str, ...]) -> Likeness:
    joined, other_joined = "".join(sorted(one)), "".join(sorted(other))
    if min(len(joined), len(other_joined)) < 6:
        return Likeness.DIFFERENT
    return Likeness.CLOSE if slips(joined, other_joined) <= 1 else Likeness.DIFFERENT


def slips(one: str, other: str) -> int:
    """Signs added, left out, replaced or swapped with their neighbour: 0, 1, or 2 for more."""
    if one == other:
        return 0
    if abs(len(one) - len(other)) > 1:
        return 2
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    rest, other_rest = one[start:], other[start:]
    if len(rest) == len(other_rest):
        swapped = rest[1:2] + rest[:1] + rest[2:] == other_rest
        return 1 if rest[1:] == other_rest[1:] or swapped else 2
    longer, shorter = (rest, other_rest) if len(rest) > len(other_rest) else (other_rest, rest)
    return 1 if longer[1:] == shorter else 2
