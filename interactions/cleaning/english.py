"""English lexicon sentiment: VADER as NLTK has it, with its lexicon from the wheel of vaderSentiment, and with words
(english_words.txt) and phrases (english_phrases.py) of service messages added."""

from __future__ import annotations

import importlib.util
import math
import re
import string
from functools import cache
from pathlib import Path
from typing import Any

from interactions.cleaning.english_phrases import VALENCES, with_phrases
from interactions.cleaning.word_lists import sections

_LEXICON = "vader_lexicon.txt"
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)  # as NLTK's expression, which has a watchdog
_FULL_WIDTH = str.maketrans("！？，。；：（）’‘“”", "!?,.;:()''\"\"")
_RUN = re.compile(r"([A-Za-z])\1{2,}", re.IGNORECASE)
# From a word's first letter on: begun at each letter in turn, a long word takes time with the square of its length.
_DRAWN_OUT = re.compile(r"(?<![A-Za-z])[A-Za-z]*([A-Za-z])\1{2}[A-Za-z]*", re.IGNORECASE)


@cache
def analyzer() -> Any:
    """NLTK's analyzer, ready to score; made once in a process.

    NLTK would load the lexicon through its data folders, which are not there and refuse a file given by its full path:
    so it is handed over. NLTK finds punctuated words by comparing each with all combinations of words and punctuation,
    two thirds of the time a message takes; the words here are the same, found directly.
    """
    from nltk.sentiment import vader

    class Words(vader.SentiText):  # type: ignore[misc]  # nltk carries no types
        """The words of a message, punctuation at either end taken off where a word of two letters is left."""

        def _words_and_emoticons(self) -> list[str]:
            plain = {word for word in self.text.translate(_NO_PUNCTUATION).split() if len(word) > 1}
            tokens = (token for token in self.text.split() if len(token) > 1)
            return [token if token in plain else self._bare(token, plain) for token in tokens]

        def _bare(self, token: str, plain: set[str]) -> str:
            for mark in self.PUNC_LIST:
                if token.endswith(mark) and token[: -len(mark)] in plain:
                    return token[: -len(mark)]
            for mark in self.PUNC_LIST:
                if token.startswith(mark) and token[len(mark) :] in plain:
                    return token[len(mark) :]
            return token

    class Analyzer(vader.SentimentIntensityAnalyzer):  # type: ignore[misc]  # nltk carries no types
        def __init__(self) -> None:
            self.lexicon_file = _lexicon()
            self.lexicon = {**_service_words(), **self.make_lex_dict(), **_service_words(replacing=True), **VALENCES}
            self.constants = vader.VaderConstants()

        def hits(self, text: str) -> list[tuple[str, float]]:
            """The words that have a valence, each with it, and the emphasis of marks: VADER's compound score's sum."""
            tokens, scores = self._scores(text)
            found = [
                (token, float(score)) for token, score in zip(tokens, scores, strict=True) if score or token in VALENCES
            ]
            total = sum(score for _, score in found)
            emphasis = self._punctuation_emphasis(0, text) if total else 0.0
            return [*found, ("!", math.copysign(emphasis, total))] if emphasis else found

        def compound(self, text: str) -> float:
            """VADER's compound score, -1 to 1."""
            return float(self.score_valence(self._scores(text)[1], text)["compound"])

        def _scores(self, text: str) -> tuple[list[str], list[float]]:
            """The words and the valence of each: polarity_scores' loop with the words above."""
            words = Words(text, self.constants.PUNC_LIST, self.constants.REGEX_REMOVE_PUNCTUATION)
            tokens = words.words_and_emoticons
            lower = [token.lower() for token in tokens]
            if self.lexicon.keys().isdisjoint(lower):
                return [], []
            first: dict[str, int] = {}
            for place, token in enumerate(tokens):
                first.setdefault(token, place)
            scores: list[float] = []
            for token, plain in zip(tokens, lower, strict=True):
                place = first[token]
                kind_of = plain == "kind" and lower[place + 1 : place + 2] == ["of"]
                if kind_of or plain in self.constants.BOOSTER_DICT or plain not in self.lexicon:
                    scores.append(0)
                else:
                    scores = self.sentiment_valence(0, words, token, place, scores)
            return tokens, self._but_check(tokens, scores)

    return Analyzer()


def english_strength(text: str) -> float:
    """The sum of valences behind an English text's sentiment s / sqrt(s * s + 15), without bounds."""
    return sum(valence for _, valence in english_hits(text))


def english_hits(text: str) -> list[tuple[str, float]]:
    """The words and phrases of an English text that have a valence, each with it, and the emphasis of its marks."""
    full, said = with_phrases(_DRAWN_OUT.sub(_shortened, text.translate(_FULL_WIDTH)))
    phrases = iter(said)
    return [(next(phrases) if word in VALENCES else word, valence) for word, valence in analyzer().hits(full)]


def _shortened(found: re.Match[str]) -> str:
    """A drawn-out word (sooo goooood) as the lexicon has it, else with each run of letters as one."""
    twice = _RUN.sub(r"\1\1", found.group())
    return twice if twice.lower() in analyzer().lexicon else _RUN.sub(r"\1", found.group())


def _service_words(replacing: bool = False) -> dict[str, float]:
    """Our words with their valences: those that add to VADER's, or those that replace them."""
    return {
        word: float(head.lstrip("="))
        for head, words in sections("english_words").items()
        if head.startswith("=") == replacing
        for word in words
    }


def _lexicon() -> str:
    found = importlib.util.find_spec("vaderSentiment")
    folders = found.submodule_search_locations if found is not None else None
    if not folders:
        raise ModuleNotFoundError("vaderSentiment, whose wheel carries VADER's lexicon, is not installed")
    return (Path(folders[0]) / _LEXICON).read_text(encoding="utf-8").strip()
