"""English lexicon sentiment: VADER as NLTK has it, with its lexicon from the wheel of vaderSentiment."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from typing import Any

_LEXICON = "vader_lexicon.txt"


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
            plain = {word for word in self.REGEX_REMOVE_PUNCTUATION.sub("", self.text).split() if len(word) > 1}
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
            self.lexicon = self.make_lex_dict()
            self.constants = vader.VaderConstants()

        def compound(self, text: str) -> float:
            """VADER's compound score, -1 to 1: polarity_scores' loop with the words above."""
            words = Words(text, self.constants.PUNC_LIST, self.constants.REGEX_REMOVE_PUNCTUATION)
            tokens = words.words_and_emoticons
            lower = [token.lower() for token in tokens]
            if self.lexicon.keys().isdisjoint(lower):
                return 0.0
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
            scores = self._but_check(tokens, scores)
            return float(self.score_valence(scores, text)["compound"])

    return Analyzer()


def english_sentiment(text: str) -> float:
    """VADER's compound score of a text, -1 to 1."""
    return float(analyzer().compound(text))


def _lexicon() -> str:
    found = importlib.util.find_spec("vaderSentiment")
    folders = found.submodule_search_locations if found is not None else None
    if not folders:
        raise ModuleNotFoundError("vaderSentiment, whose wheel carries VADER's lexicon, is not installed")
    return (Path(folders[0]) / _LEXICON).read_text(encoding="utf-8").strip()
