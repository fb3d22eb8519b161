"""Which language each stretch of a message is in: zh, en or other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from interactions.cleaning.word_lists import sections

Language = Literal["zh", "en", "other"]

# Runs of one script with whatever is no letter behind it. Japanese writes Han among its kana.
_RUN = re.compile(
    r"(?P<zh>[\u3400-\u9fff\uf900-\ufaff](?:[\u3400-\u9fff\uf900-\ufaff]|[^\w\n]|[\d_])*)"
    r"|(?P<kana>[\u3040-\u30ff](?:[\u3040-\u30ff\u30fc]|[^\w\n]|[\d_])*)"
    r"|(?P<en>[A-Za-z\u00c0-\u024f](?:[A-Za-z\u00c0-\u024f]|[^\w\n]|[\d_])*)"
    r"|(?P<other>[^\W\d_](?:(?![A-Za-z\u00c0-\u024f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])[^\W\d_]|[^\w\n]|[\d_])*)"
)
_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]+(?:['’][A-Za-z]+)?")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
# Latin text of this many words without a common one is another language than English.
_ENGLISH_FROM = 5
_COMMON_ENGLISH = frozenset(sections("common_english")["words"])


@dataclass(frozen=True)
class Span:
    """text[begin:end] is in `language`, signs and digits after its letters included."""

    begin: int
    end: int
    language: Language


def spans(text: str) -> list[Span]:
    """The stretches of a text, one after another; adjacent ones of a language are one.

    Han beside kana is Japanese, which is other; so is Latin of five words or more of which none is common in English.
    """
    found: list[Span] = []
    for match in _RUN.finditer(text):
        language = _language(match)
        if found and found[-1].language == language:
            found[-1] = Span(found[-1].begin, match.end(), language)
        elif found and match.lastgroup == "kana" and found[-1].language == "zh" and found[-1].end == match.start():
            found[-1] = Span(found[-1].begin, match.end(), "other")
        else:
            found.append(Span(match.start(), match.end(), language))
    return _joined(found, text)


def _language(match: re.Match[str]) -> Language:
    if match.lastgroup == "zh":
        return "zh"
    if match.lastgroup != "en":
        return "other"
    words = [word.lower().replace("’", "'") for word in _LATIN_WORD.findall(match.group())]
    foreign = len(words) >= _ENGLISH_FROM and _COMMON_ENGLISH.isdisjoint(words)
    return "other" if foreign else "en"


def _joined(found: list[Span], text: str) -> list[Span]:
    """Han before or behind Japanese belongs to it."""
    joined: list[Span] = []
    for span in found:
        if (
            joined
            and joined[-1].language == "other"
            and span.language in ("zh", "other")
            and joined[-1].end == span.begin
            and (span.language == "other" or _is_short(text[span.begin : span.end]))
        ):
            joined[-1] = Span(joined[-1].begin, span.end, "other")
        else:
            joined.append(span)
    return joined


def _is_short(text: str) -> bool:
    return len(_HAN.findall(text)) <= 4


def words_of(text: str) -> int:
    """How many Latin words, or pairs of other letters, a stretch holds."""
    latin = len(_LATIN_WORD.findall(text))
    other = sum(1 for sign in text if sign.isalpha() and sign > "\u024f")
    return latin + (other + 1) // 2
