"""English lexicon sentiment: VADER as NLTK has it, with its lexicon from the wheel of vaderSentiment, and with words
(english_words.txt) and phrases (english_phrases.py) of service messages added."""

from __future__ import annotations

import importlib.util
import math
import re
from functools import cache
from pathlib import Path
from typing import Any

from interactions.cleaning.english_phrases import VALENCES, is_plain, with_phrases
from interactions.cleaning.english_rules import Rules
from interactions.cleaning.word_lists import sections

_LEXICON = "vader_lexicon.txt"
_FULL_WIDTH = str.maketrans("！？，。；：（）’‘“”", "!?,.;:()''\"\"")
_TRIPLED = re.compile(r"(.)(?=\1\1)")
_RUN = re.compile(r"([A-Za-z])\1{2,}", re.IGNORECASE)
# From a word's first letter on: begun at each letter in turn, a long word takes time with the square of its length.
_DRAWN_OUT = re.compile(r"(?<![A-Za-z])[A-Za-z]*([A-Za-z])\1{2}[A-Za-z]*", re.IGNORECASE)


@cache
def analyzer() -> Any:
    """NLTK's analyzer, ready to score; made once in a process.

    NLTK would load the lexicon through its data folders, which are not there and refuse a file given by its full path:
    so it is handed over. Its rules are followed to the bit by english_rules.py, which asks only the words that have a
    valence what stands before them.
    """
    from nltk.sentiment import vader

    class Analyzer(vader.SentimentIntensityAnalyzer):  # type: ignore[misc]  # nltk carries no types
        def __init__(self) -> None:
            self.lexicon_file = _lexicon()
            self.lexicon = {**_service_words(), **self.make_lex_dict(), **_service_words(replacing=True), **VALENCES}
            self.constants = vader.VaderConstants()
            self.rules = Rules(self.lexicon, self.constants)

        def hits(self, text: str) -> list[tuple[str, float]]:
            """The words that have a valence, each with it, and the emphasis of marks: VADER's compound score's sum."""
            found = [(token, score) for token, score in self.rules.valences(text) if score or token in VALENCES]
            total = sum(score for _, score in found)
            emphasis = self._punctuation_emphasis(0, text) if total else 0.0
            return [*found, ("!", math.copysign(emphasis, total))] if emphasis else found

        def compound(self, text: str) -> float:
            """VADER's compound score, -1 to 1."""
            return float(self.score_valence([score for _, score in self.rules.valences(text)], text)["compound"])

    return Analyzer()


def english_strength(text: str) -> float:
    """The sum of valences behind an English text's sentiment s / sqrt(s * s + 15), without bounds."""
    return sum(valence for _, valence in english_hits(text))


def english_hits(text: str) -> list[tuple[str, float]]:
    """The words and phrases of an English text that have a valence, each with it, and the emphasis of its marks."""
    word = text.strip()
    if word.isalpha() and word.isascii() and is_plain(word) and _TRIPLED.search(word.lower()) is None:
        found: list[tuple[str, float]] = analyzer().rules.alone(word)
        return found  # most stretches of English within Chinese
    plain = text if text.isascii() else text.translate(_FULL_WIDTH)
    # Beyond ASCII there are letters that are one of A to Z but for their case, such as ſ.
    if not plain.isascii() or _TRIPLED.search(plain.lower()) is not None:
        plain = _DRAWN_OUT.sub(_shortened, plain)
    full, said = with_phrases(plain)
    hits: list[tuple[str, float]] = analyzer().hits(full)
    if not said:
        return hits
    phrases = iter(said)
    return [(next(phrases) if word in VALENCES else word, valence) for word, valence in hits]


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
