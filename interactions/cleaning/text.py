"""What a message's text says: language, lexicon sentiment, words, questions, personal data masked.

Pure: the same text gives the same signals, in cleaning and in online scoring alike. NLTK (seconds of import) and
rjieba are imported when first needed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from interactions.cleaning.feelings import Message, read, sentiment
from interactions.cleaning.languages import Span, words_of
from interactions.cleaning.masking import MASKS, count_masks, masked

# Beyond this a text is no message of a customer; sentiment and words are read off its beginning.
CAP = 5_000

_LATIN_WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?")
_QUESTION_MARKS = re.compile(r"[?？]+")
_UNMARKED_QUESTION = re.compile(r"[吗呢么](?=[。，！!,.;；\n\s]|$)")
_MASK = re.compile("|".join(map(re.escape, MASKS)))
# A share of words from which on a language counts as used.
_USED = 0.2


class Signals(NamedTuple):
    """language: zh, en, mixed or other; sentiment: -1 to 1, null where no lexicon speaks any of it; counts."""

    language: str | None
    sentiment: float | None
    words: int
    questions: int
    masked: int


_NOTHING = Signals(None, None, 0, 0, 0)


def signals(contents: Sequence[str | None]) -> list[Signals]:
    """The signals of each text, in order; those of a text that is missing or blank are null and 0.

    Texts may come masked or not: masking comes first. Questions are runs of question marks, and Chinese clauses that
    end in 吗, 呢 or 么 without one. A mixed text's sentiment adds up what its spans say, those in other languages left
    out.
    """
    return [_NOTHING if text is None or not text.strip() else _signals(text) for text in contents]


def language_spans(hidden: str) -> list[Span]:
    """The stretches of a masked text by language; masks and faces are of none."""
    blanked = _MASK.sub(lambda mask: " " * len(mask.group()), hidden[:CAP])
    return list(read(blanked).spans)


def _signals(text: str) -> Signals:
    hidden = masked(text)
    plain = hidden[:CAP]
    if "⟨" in plain:
        plain = _MASK.sub(" ", plain)
    message = read(plain)
    chinese = sum(map(_is_chinese, message.words))
    latin = len(_LATIN_WORD.findall(plain))
    found = sentiment(message)
    return Signals(
        language=_language(message, chinese, latin),
        sentiment=None if found is None else round(found, 4),
        words=chinese + latin,
        questions=_questions(plain),
        masked=count_masks(hidden),
    )


def _is_chinese(word: str) -> bool:
    return "\u3400" <= word < "\ua000" or "\uf900" <= word < "\ufb00"


def _questions(plain: str) -> int:
    if plain.isascii():
        return len(_QUESTION_MARKS.findall(plain)) if "?" in plain else 0
    return len(_QUESTION_MARKS.findall(plain)) + len(_UNMARKED_QUESTION.findall(plain))


def _language(message: Message, chinese: int, latin: int) -> str:
    """The language of a message of so many Chinese words, and Latin ones, those in faces and foreign spans included."""
    foreign = sum([words_of(message.raw[begin:end]) for begin, end, language in message.spans if language == "other"])
    # Where nothing was blanked the Latin words of the message are those of its text.
    english = len(_LATIN_WORD.findall(message.text)) if foreign or message.faces else latin
    words = chinese + english
    if foreign >= words:
        return "other"
    if chinese >= (1 - _USED) * words:
        return "zh"
    return "mixed" if chinese >= _USED * words else "en"
