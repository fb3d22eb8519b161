"""Which language each stretch of a message is in: zh, en or other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from interactions.cleaning.word_lists import sections

Language = Literal["zh", "en", "other"]

# Runs of one script, within a line, with whatever is no letter behind it. Japanese writes Han among its kana.
_RUN = re.compile(
    r"(?P<zh>[\u3400-\u9fff\uf900-\ufaff][\u3400-\u9fff\uf900-\ufaff\W\d_]*)"
    r"|(?P<kana>[\u3040-\u30ff][\u3040-\u30ff\W\d_]*)"
    r"|(?P<en>[A-Za-z\u00c0-\u024f][A-Za-z\u00c0-\u024f\W\d_]*)"
    r"|(?P<other>[^\W\d_](?:(?![A-Za-z\u00c0-\u024f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])[^\W\d_]|[\W\d_])*)"
)
_LETTER = re.compile(r"[A-Za-z]")
_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]+(?:['’][A-Za-z]+)?")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
# Latin text of this many words without a common one is another language than English.
_ENGLISH_FROM = 5
_COMMON_ENGLISH = frozenset(sections("common_english")["words"])


class Span(NamedTuple):
    """text[begin:end] is in `language`, signs and digits after its letters included."""

    begin: int
    end: int
    language: Language


def spans(text: str) -> list[Span]:
    """The stretches of a text, one after another; adjacent ones of a language are one.

    Han beside kana is Japanese, which is other; so is Latin of five words or more of which none is common in English.
    """
    if text.isascii() and "\n" not in text:
        letter = _LETTER.search(text)
        return [] if letter is None else [Span(letter.start(), len(text), _language(text, "en"))]
    found: list[Span] = []
    for begin, end, script in _runs(text):
        language = _language(text[begin:end], script)
        last = found[-1] if found else None
        if last is not None and last.language == language:
            found[-1] = Span(last.begin, end, language)
        elif last is not None and script == "kana" and last.language == "zh" and last.end == begin:
            found[-1] = Span(last.begin, end, "other")
        else:
            found.append(Span(begin, end, language))
    return _joined(found, text) if len(found) > 1 else found


def _runs(text: str) -> Iterator[tuple[int, int, str]]:
    """Where runs of a script stand, and which: zh, kana, en or other."""
    begin = 0
    while begin < len(text):
        end = text.find("\n", begin)
        end = len(text) if end < 0 else end
        for match in _RUN.finditer(text, begin, end):
            yield match.start(), match.end(), match.lastgroup or ""
        begin = end + 1


def _language(run: str, script: str) -> Language:
    if script == "zh":
        return "zh"
    if script != "en":
        return "other"
    if run.isascii():
        words = _LATIN_WORD.findall(run.lower())
    else:
        words = [word.lower().replace("’", "'") for word in _LATIN_WORD.findall(run)]
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
