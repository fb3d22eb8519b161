"""What a message's text says: language, lexicon sentiment, words, questions, personal data masked.

Pure: the same text gives the same signals, in cleaning and in online scoring alike. NLTK (seconds of import) and
rjieba are imported when first needed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from interactions.cleaning.masking import MASKS, count_masks, masked

# Beyond this a text is no message of a customer; sentiment and words are read off its beginning.
CAP = 5_000

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+")
_LATIN_WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?")
_OTHER_LETTERS = re.compile(r"[^\W\d_A-Za-z\u00c0-\u024f\u3400-\u9fff\uf900-\ufaff]")
_KANA_OR_HANGUL = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")
_QUESTION_MARKS = re.compile(r"[?？]+")
_UNMARKED_QUESTION = re.compile(r"[吗呢么](?=[。，！!,.;；\n\s]|$)")
_MASK = re.compile("|".join(map(re.escape, MASKS)))
# Latin text of this many words without one of these is another language than English.
_ENGLISH_FROM = 5
_COMMON_ENGLISH = frozenset(
    [
        "a",
        "about",
        "after",
        "all",
        "am",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "been",
        "but",
        "by",
        "can",
        "could",
        "did",
        "do",
        "does",
        "for",
        "from",
        "get",
        "had",
        "has",
        "have",
        "he",
        "her",
        "here",
        "him",
        "his",
        "how",
        "i",
        "if",
        "in",
        "is",
        "it",
        "its",
        "it's",
        "i'm",
        "i've",
        "just",
        "me",
        "more",
        "my",
        "no",
        "not",
        "now",
        "of",
        "on",
        "or",
        "our",
        "out",
        "please",
        "she",
        "so",
        "some",
        "than",
        "thank",
        "thanks",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "they",
        "this",
        "to",
        "too",
        "up",
        "us",
        "very",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "which",
        "who",
        "why",
        "will",
        "with",
        "would",
        "you",
        "your",
        "don't",
        "didn't",
        "can't",
        "won't",
        "order",
        "still",
        "never",
        "help",
        "hi",
        "hello",
    ]
)
# A share of words from which on a language counts as used.
_USED = 0.2


@dataclass(frozen=True)
class Signals:
    """language: zh, en, mixed or other; sentiment: -1 to 1, null where no lexicon speaks the language; counts."""

    language: str | None
    sentiment: float | None
    words: int
    questions: int
    masked: int


_NOTHING = Signals(None, None, 0, 0, 0)


def signals(contents: Sequence[str | None]) -> list[Signals]:
    """The signals of each text, in order; those of a text that is missing or blank are null and 0.

    Texts may come masked or not: masking comes first. Questions are runs of question marks, and Chinese clauses that
    end in 吗, 呢 or 么 without one. A mixed text's sentiment is that of its spans, weighted by their words.
    """
    return [_NOTHING if text is None or not text.strip() else _signals(text) for text in contents]


def _signals(text: str) -> Signals:
    hidden = masked(text)
    plain = _MASK.sub(" ", hidden[:CAP])
    chinese = _chinese_words(plain)
    english = _LATIN_WORD.findall(plain)
    counted = sum(1 for word in chinese if _HAN.match(word))
    language = _language(plain, counted, english)
    return Signals(
        language=language,
        sentiment=_sentiment(language, plain, chinese, counted, len(english)),
        words=counted + len(english),
        questions=len(_QUESTION_MARKS.findall(plain)) + len(_UNMARKED_QUESTION.findall(plain)),
        masked=count_masks(hidden),
    )


def _chinese_words(text: str) -> list[str]:
    if _HAN.search(text) is None:
        return []
    import rjieba

    return list(rjieba.cut(text, False))


def _language(text: str, chinese: int, english: Sequence[str]) -> str:
    words = chinese + len(english)
    if not words or _KANA_OR_HANGUL.search(text) or len(_OTHER_LETTERS.findall(text)) > words:
        return "other"
    if chinese >= (1 - _USED) * words:
        return "zh"
    if len(english) >= _ENGLISH_FROM and _COMMON_ENGLISH.isdisjoint(word.lower() for word in english):
        return "zh" if chinese > len(english) else "other"
    return "mixed" if chinese >= _USED * words else "en"


def _sentiment(language: str, text: str, words: Sequence[str], chinese: int, english: int) -> float | None:
    if language == "other":
        return None
    from interactions.cleaning.chinese import chinese_sentiment
    from interactions.cleaning.english import english_sentiment

    if language == "zh":
        found = chinese_sentiment(words)
    elif language == "en":
        found = english_sentiment(text)
    else:
        spans = english_sentiment(_HAN.sub(" ", text))
        found = (chinese * chinese_sentiment(words) + english * spans) / (chinese + english)
    return round(found, 4)
