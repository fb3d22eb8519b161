"""What people write and what is answered, composed from the phrases of phrases.py; all at once, in Arrow.

A message is an opening, a matter (topic and tone), a detail, a closing and sometimes an emoji or a way to reach the
writer. The tone follows how the writer really feels; English, Chinese and both in one message occur.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from interactions.demo import phrases
from interactions.demo.arrays import Flags, Floats, Ints

ZH, EN, MIXED = range(3)
UNHAPPY, NEUTRAL, HAPPY = range(3)


@dataclass(frozen=True)
class Messages:
    """What to write, arrays of [messages]: topic of phrases.TOPICS, language, tone, product text and flags."""

    topic: Ints
    language: Ints
    tone: Ints
    product: Ints
    emoji: Flags
    reachable: Flags  # leaves a telephone number or an address


class Pools:
    """Lists of phrases behind one Arrow array, so that a phrase is drawn by group and taken by index."""

    def __init__(self, groups: list[tuple[str, ...]]) -> None:
        self.starts = np.cumsum([0, *(len(group) for group in groups)])[:-1].astype(np.int64)
        self.sizes = np.array([len(group) for group in groups], dtype=np.int64)
        self.phrases = pa.array([phrase for group in groups for phrase in group], pa.string())

    def draw(self, rng: np.random.Generator, group: Ints) -> pa.Array:
        """One phrase of each message's group."""
        inside = (rng.random(len(group)) * self.sizes[group]).astype(np.int64)
        return self.phrases.take(pa.array(self.starts[group] + inside))


_OPENINGS = Pools([phrases.OPENINGS[language][tone] for language in range(2) for tone in range(3)])
_MATTERS = Pools(
    [phrases.MATTERS[topic][language][tone] for topic in phrases.TOPICS for language in range(2) for tone in range(3)]
)
_ENDS = Pools([phrases.ENDS[language][tone] for language in range(2) for tone in range(3)])
_ASIDES = Pools([phrases.ASIDES[tone] for tone in range(3)])
_EMOJI = Pools([("",), *phrases.EMOJI])
_ANSWERS = Pools(
    [phrases.ANSWERS[topic][language] for topic in phrases.TOPICS for language in range(2)]
    + [phrases.POOR_ANSWERS[language] for language in range(2)]
)
_GREETINGS = Pools([phrases.ANSWER_OPENINGS[language] for language in range(2)])


def compose(rng: np.random.Generator, messages: Messages) -> pa.Array:
    """The messages' texts."""
    main = np.where(messages.language == EN, EN, ZH)
    second = np.where(messages.language == MIXED, EN, main)
    matter = _MATTERS.draw(rng, (messages.topic * 2 + main) * 3 + messages.tone)
    aside = pc.if_else(
        pa.array((messages.language == MIXED) | (rng.random(len(main)) < 0.12)), _ASIDES.draw(rng, messages.tone), ""
    )
    end = pc.if_else(pa.array(rng.random(len(main)) < 0.62), _ENDS.draw(rng, second * 3 + messages.tone), "")
    emoji = _EMOJI.draw(rng, np.where(messages.emoji, messages.tone + 1, 0))
    text = pc.binary_join_element_wise(
        pc.if_else(pa.array(rng.random(len(main)) < 0.55), _OPENINGS.draw(rng, main * 3 + messages.tone), ""),
        _filled(rng, matter, messages, main),
        aside,
        end,
        _reach(rng, messages.reachable, main),
        emoji,
        " ",
    )
    return _tidy(text)


def _filled(rng: np.random.Generator, matter: pa.Array, messages: Messages, language: Ints) -> pa.Array:
    """Put a product, an order number and a number of days in their places."""
    names = pa.array([*phrases.PRODUCTS_ZH, *phrases.PRODUCTS_EN])
    product = names.take(pa.array(messages.product % len(phrases.PRODUCTS_ZH) + language * len(phrases.PRODUCTS_ZH)))
    order = pc.binary_join_element_wise(
        "S", pa.array(rng.integers(1_000_000, 9_999_999, len(language))).cast("str"), ""
    )
    days = pa.array(rng.integers(2, 15, len(language))).cast("str")
    for place, value in (("{product}", product), ("{order}", order), ("{days}", days)):
        matter = _replaced(matter, place, value)
    return matter


def _replaced(texts: pa.Array, place: str, values: pa.Array) -> pa.Array:
    """`texts` with the one occurrence of `place` replaced by each row's own value."""
    found = pc.match_substring(texts, place)
    if not pc.any(found).as_py():
        return texts
    halves = pc.split_pattern(texts.filter(found), place, max_splits=1)
    filled = pc.binary_join_element_wise(
        pc.list_element(halves, 0), values.filter(found), pc.list_element(halves, 1), ""
    )
    return pc.replace_with_mask(texts, found, filled)


def _reach(rng: np.random.Generator, reachable: Flags, language: Ints) -> pa.Array:
    """ "Call me on ..." with a made-up number or address, for the cleaning to mask."""
    texts = [""] * len(reachable)
    for row in np.flatnonzero(reachable).tolist():
        number = f"1{rng.integers(30, 90)}{rng.integers(0, 10**8):08d}"
        address = f"user{rng.integers(0, 10**6):06d}@example.com"
        way = number if rng.random() < 0.6 else address
        texts[row] = f"Please reach me at {way}." if language[row] == EN else f"请联系我：{way}。"
    return pa.array(texts)


def _tidy(texts: pa.Array) -> pa.Array:
    """One space between parts, none after Chinese punctuation."""
    texts = pc.replace_substring_regex(texts, r" {2,}", " ")
    texts = pc.replace_substring_regex(texts, r"([，。！？：；～]) ", r"\1")
    return pc.utf8_trim_whitespace(texts)


def answers(rng: np.random.Generator, topic: Ints, language: Ints, poor: Flags) -> pa.Array:
    """What the agents wrote back; poor answers say nothing in many words."""
    main = np.where(language == EN, EN, ZH)
    poor_group = len(phrases.TOPICS) * 2 + main
    body = _ANSWERS.draw(rng, np.where(poor, poor_group, topic * 2 + main))
    return _tidy(pc.binary_join_element_wise(_GREETINGS.draw(rng, main), body, " "))


def tones(rng: np.random.Generator, feeling: Floats) -> Ints:
    """UNHAPPY, NEUTRAL or HAPPY from a feeling of about -2 to 2, with a person's usual vagueness."""
    felt = feeling + rng.normal(0, 0.45, len(feeling))
    return np.where(felt < -0.45, UNHAPPY, np.where(felt > 0.55, HAPPY, NEUTRAL)).astype(np.int64)
