"""Surveys: twice a year customers are asked how much a topic matters and how well it is met; some answer."""

import numpy as np
import pyarrow as pa

from interactions.demo import phrases
from interactions.demo.arrays import Floats, Ints
from interactions.demo.clock import DAY, HOUR, Clock
from interactions.demo.happened import Served
from interactions.demo.segments import People

TOPICS = ("delivery", "price", "quality", "service", "app")
MONTHS = (4, 10)
ANSWERS = 0.24  # of those asked
# How much a topic matters to each planted segment, by topic.
_IMPORTANCE = np.array(
    [
        [4.0, 3.2, 4.3, 4.1, 2.8],
        [4.1, 4.6, 3.2, 3.0, 4.2],
        [4.2, 2.9, 4.4, 4.6, 2.3],
        [3.6, 3.6, 4.2, 4.7, 2.4],
        [3.0, 4.0, 3.6, 2.8, 3.4],
    ]
)
_FEELS_SERVICE = np.array([0.5, 0.15, 0.3, 1.1, 0.4])  # how much recent service colours a topic's rating


def surveys_table(
    rng: np.random.Generator,
    clock: Clock,
    people: People,
    ids: pa.Array,
    there: tuple[Ints, Ints],
    contacts: Served,
) -> dict[str, pa.Array]:
    """The columns of the surveys table; `there` is when customers joined and left, in local seconds."""
    joined, left = there
    customers, times, moods = [], [], []
    for day in _waves(clock):
        asked = (joined // DAY < day - 20) & ((left < 0) | (left > day * DAY)) & (rng.random(len(people)) < ANSWERS)
        who = np.flatnonzero(asked)
        at = (day + rng.integers(0, 8, len(who))) * DAY + rng.integers(8 * HOUR, 22 * HOUR, len(who))
        customers.append(who)
        times.append(at)
        moods.append(_recent_experience(contacts, len(people), day)[who])
    who = np.concatenate([*customers, np.empty(0, dtype=np.int64)])
    at = np.concatenate([*times, np.empty(0, dtype=np.int64)])
    mood = np.concatenate([*moods, np.empty(0)])
    inside = at < clock.seconds
    return _answers(rng, clock, people, ids, who[inside], at[inside], mood[inside])


def _waves(clock: Clock) -> list[int]:
    return [row for row, day in enumerate(clock.dates()) if day.month in MONTHS and day.day == 12]


def _recent_experience(contacts: Served, customers: int, day: int) -> Floats:
    """Mean experience of each customer's contacts in the 120 days before, 0.3 without any."""
    recent = (contacts.customer >= 0) & (contacts.at < day * DAY) & (contacts.at >= (day - 120) * DAY)
    who = contacts.customer[recent]
    counts = np.bincount(who, minlength=customers)
    sums = np.bincount(who, weights=contacts.experience[recent], minlength=customers)
    return np.where(counts > 0, sums / np.maximum(counts, 1), 0.3)


def _answers(
    rng: np.random.Generator, clock: Clock, people: People, ids: pa.Array, who: Ints, at: Ints, mood: Floats
) -> dict[str, pa.Array]:
    order = np.lexsort((who, at))
    who, at, mood = who[order], at[order], mood[order]
    customer, when = np.repeat(who, len(TOPICS)), np.repeat(at, len(TOPICS))
    topic = np.tile(np.arange(len(TOPICS)), len(who))
    answered = rng.random(len(topic)) < 0.86
    customer, when, topic = customer[answered], when[answered], topic[answered]
    colour = np.repeat(mood, len(TOPICS))[answered] * _FEELS_SERVICE[topic] + people.generosity[customer]
    importance = _score(_IMPORTANCE[people.segment[customer], topic] + rng.normal(0, 0.7, len(topic)))
    satisfaction = _score(3.3 + 0.9 * colour + rng.normal(0, 0.7, len(topic)))
    return {
        "response_id": pa.array([f"Q{number:07d}" for number in range(1, len(topic) + 1)]),
        "customer_id": ids.take(pa.array(customer)),
        "answered_at": clock.timestamps(when),
        "topic": pa.array(TOPICS).take(pa.array(topic)),
        "importance": pa.array(importance),
        "satisfaction": pa.array(satisfaction),
        "comment": _comments(rng, satisfaction),
    }


def _score(values: Floats) -> Ints:
    return np.clip(np.round(values), 1, 5).astype(np.int64)


def _comments(rng: np.random.Generator, satisfaction: Ints) -> pa.Array:
    texts = pa.array([text for group in phrases.COMMENTS for text in group])
    size = len(phrases.COMMENTS[0])
    group = np.where(satisfaction <= 2, 0, np.where(satisfaction == 3, 1, 2))
    index = group * size + rng.integers(0, size, len(group))
    return texts.take(pa.array(index, mask=rng.random(len(group)) >= 0.16))
