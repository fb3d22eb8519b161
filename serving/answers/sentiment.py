"""How texts feel, by the champion where one is served, else by the lexicons; and the words that this came from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from serving.answers.forms import moment
from serving.callers import Caller

if TYPE_CHECKING:
    from interactions.cleaning.feelings import Feeling
    from serving.snapshot import Snapshot
    from training.bundle.sentiment import SentimentModel

LEXICON = "lexicon"
MOST_TEXTS, MOST_LETTERS, MOST_LETTERS_IN_ALL = 200, 5_000, 100_000
# Messages of a timeline that are read, the newest.
MOST_OF_TIMELINE = 50
_WORDS_SHOWN = 8
# The lexicons': VADER's own bounds. The model's: chances of a content writer from 40 % to 60 %, even odds given.
_NEUTRAL, _NEUTRAL_LEARNED = 0.05, 0.2
# Stops are no words, though n-grams hold them.
_STOPS = frozenset("，。、；：,.;:\"'()（）“”‘’《》-—… ")


class Texts(BaseModel):
    """Texts to read. They are not kept."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    texts: tuple[Annotated[str, StringConstraints(max_length=MOST_LETTERS)], ...] = Field(
        min_length=1,
        max_length=MOST_TEXTS,
        description=f"of {MOST_LETTERS:,} characters at most each, {MOST_LETTERS_IN_ALL:,} in all",
    )

    @model_validator(mode="after")
    def _in_all(self) -> Texts:
        if sum(map(len, self.texts)) > MOST_LETTERS_IN_ALL:
            raise ValueError(f"the texts may have {MOST_LETTERS_IN_ALL:,} characters in all")
        return self


class Reader:
    """Reads texts with one version's model; None: with the lexicons. The latest readings are remembered."""

    def __init__(self, model: SentimentModel | None, version: str | None, manifest: Mapping[str, Any]) -> None:
        self._model = model
        self._usual = _usual(manifest)
        self.version = version if model is not None and version is not None else LEXICON
        self.read = lru_cache(maxsize=1_000)(self._read)

    def _read(self, text: str) -> Mapping[str, Any]:
        """sentiment (-1 to 1), label, model, words (share of each in what speaks for either side) of a text.

        All but the model are null where nothing in the text is known to it.
        """
        score, found = self._learned(text) if self._model is not None else _by_lexicon(text)
        neutral = _NEUTRAL if self._model is None else _NEUTRAL_LEARNED
        return {
            "sentiment": score,
            "label": None if score is None else label_of(score, neutral),
            "model": self.version,
            "words": [] if score is None else _shares(found),
        }

    def _learned(self, text: str) -> tuple[float | None, list[Feeling]]:
        from training.bundle.sentiment_words import learned_words

        assert self._model is not None
        parts = self._model.contributions(text)
        if not any(part for gram, part in parts if gram):
            # Nothing in it is known: the model would say what it says of an empty text.
            return (None if _by_lexicon(text)[0] is None else 0.0), []
        # 2 p - 1 of the chance p that the writer is content, were as many content as not.
        score = math.tanh((math.fsum(part for _, part in parts) - self._usual) / 2)
        return round(score, 4), learned_words(self._model, text, parts)


def _usual(manifest: Mapping[str, Any]) -> float:
    """Log-odds that a writer was content where the model learned: what it would say of anybody."""
    unhappy, rows = manifest.get("unhappy", 0), manifest.get("rows", 0)
    return math.log((rows - unhappy) / unhappy) if 0 < unhappy < rows else 0.0


def sentiments(snapshot: Snapshot, _caller: Caller, asked: Texts) -> dict[str, Any]:
    """A reading of each text, in order. `spans` are places in `text`, which is the text with personal data masked."""
    reader = snapshot.reader
    return {
        "version": snapshot.version,
        "cutoff": moment(snapshot.cutoff),
        "model": reader.version,
        "texts": [{**_spoken(text), **reader.read(text)} for text in asked.texts],
    }


def with_sentiment(snapshot: Snapshot, entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Entries of a timeline, the newest first; to messages that customers wrote their reading: `sentiment`."""
    left = MOST_OF_TIMELINE
    found = []
    for entry in entries:
        said = entry.get("content")
        theirs = entry["type"] == "interaction" and entry["direction"] != "outbound" and not entry["is_automated"]
        if theirs and said and said.strip() and left:
            left -= 1
            found.append({**entry, "sentiment": snapshot.reader.read(said[:MOST_LETTERS])})
        else:
            found.append(dict(entry))
    return found


def _spoken(text: str) -> dict[str, Any]:
    """The masked text, its language and the stretches of each."""
    # The word lists come with the first text, not with the service's start.
    from interactions.cleaning.masking import masked
    from interactions.cleaning.text import language_spans, signals

    hidden = masked(text)
    return {
        "text": hidden,
        "language": signals([text])[0].language,
        "spans": [{"begin": span.begin, "end": span.end, "language": span.language} for span in language_spans(hidden)],
    }


def _by_lexicon(text: str) -> tuple[float | None, list[Feeling]]:
    # The word lists come with the first text, not with the service's start.
    from training.bundle.sentiment_words import lexicon_reading

    return lexicon_reading(text)


def label_of(score: float, neutral: float = _NEUTRAL) -> str:
    """negative, neutral or positive; by default within the lexicons' bounds."""
    if abs(score) <= neutral:
        return "neutral"
    return "positive" if score > 0 else "negative"


def _shares(found: Sequence[Feeling]) -> list[dict[str, Any]]:
    words = [one for one in found if not _STOPS.issuperset(one.words)]
    total = math.fsum(abs(one.strength) for one in words)
    return [
        {
            "words": one.words,
            "share": round(abs(one.strength) / total, 4),
            "says": "positive" if one.strength > 0 else "negative",
        }
        for one in words[:_WORDS_SHOWN]
    ]
