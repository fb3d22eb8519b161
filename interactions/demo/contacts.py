"""The interactions table: contacts as they were served, written, answered and rated; and what was sent."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from interactions.demo import phrases
from interactions.demo.arrays import Flags, Floats, Ints
from interactions.demo.clock import DAY, NEVER, Clock
from interactions.demo.messages import EN, HAPPY, MIXED, UNHAPPY, ZH, Messages, answers, compose, tones
from interactions.demo.outbound import AUTO_REPLY, CAMPAIGN, CHECK_IN, FOLLOW_UP, Sent
from interactions.demo.segments import CHANNELS, PHONE, SOCIAL, People
from workspace.tables import INTERACTIONS

OUTCOMES = ("answered", "abandoned", "sent", "no_answer")
KINDS = ("inquiry", "complaint", "feedback", "order", "refund", "campaign", "auto_reply", "follow_up", "check_in")
_INQUIRY, _COMPLAINT, _FEEDBACK, _ORDER, _REFUND = range(5)
_SENT_KIND = np.array([5, 6, 7, 8])  # by sort of outbound
_TOPICS = np.cumsum([0.10, 0.06, 0.13, 0.12, 0.16, 0.18, 0.17, 0.08])  # of phrases.TOPICS, usually
_TOPICS_ORDERED = np.cumsum([0.38, 0.18, 0.20, 0.08, 0.04, 0.03, 0.05, 0.04])  # and soon after an order
_TOPICS_BUSINESS = np.cumsum([0.14, 0.05, 0.10, 0.36, 0.06, 0.13, 0.10, 0.06])
# By channel: share of contacts with a text, and how readily people rate there.
_WITH_TEXT = np.array([0.55, 1.0, 1.0, 1.0, 1.0, 1.0, 0.4])
_RATES = np.array([1.0, 0.8, 1.25, 0.6, 0.9, 0.7, 0.8])

Columns = dict[str, pa.Array]


def interactions_table(
    rng: np.random.Generator,
    clock: Clock,
    people: People,
    ids: pa.Array,
    contacts: dict[str, Ints | Floats | Flags],
    sent: Sent,
) -> Columns:
    """All columns of the interactions table but the provenance, sorted by time; ids follow that order."""
    inbound = _inbound(rng, clock, people, contacts)
    outbound = _outbound(rng, clock, sent)
    at = np.concatenate([np.asarray(contacts["at"], dtype=np.int64), sent.at])
    order = pa.array(np.argsort(at, kind="stable"))
    merged = {name: pa.concat_arrays([inbound[name], outbound[name]]).take(order) for name in inbound}
    merged["interaction_id"] = pa.array([f"I{number:08d}" for number in range(1, len(at) + 1)])
    merged["customer_id"] = ids.take(merged.pop("customer"))
    names = [name for name in INTERACTIONS.column_names if name in merged]
    return {name: merged[name] for name in names}


def _inbound(
    rng: np.random.Generator, clock: Clock, people: People, contacts: dict[str, Ints | Floats | Flags]
) -> Columns:
    customer, channel, at = (np.asarray(contacts[name], dtype=np.int64) for name in ("customer", "channel", "at"))
    count = len(customer)
    known = customer >= 0
    experience = np.asarray(contacts["experience"], dtype=np.float64)
    answered = np.asarray(contacts["answered"], dtype=np.bool_)
    abandoned = np.asarray(contacts["abandoned"], dtype=np.bool_)
    duration = np.asarray(contacts["duration"], dtype=np.int64)
    wait = np.asarray(contacts["wait"], dtype=np.int64)
    responded = clock.known(np.asarray(contacts["responded"], dtype=np.int64))
    resolved = clock.known(np.asarray(contacts["resolved"], dtype=np.int64))
    talked = responded != NEVER
    wording = _wording(rng, people, contacts)
    kind = _kinds(wording, np.asarray(contacts["complaint"], dtype=np.bool_))
    rating, rated = _ratings(rng, people, contacts, responded + np.maximum(duration, 0))
    rated = clock.known(np.where(talked, rated, NEVER))
    has_text = ~abandoned & (rng.random(count) < _WITH_TEXT[channel])
    poor = experience < -0.1
    reply = talked & has_text & (channel != PHONE)
    queued = wait >= 0
    outcome = np.where(abandoned, 1, 0)
    direction = np.where((channel == SOCIAL) & (rng.random(count) < 0.15), "unknown", "inbound")
    return {
        "customer": pa.array(customer, mask=~known),
        "occurred_at": clock.timestamps(at),
        "channel": pa.array(CHANNELS).take(pa.array(channel)),
        "direction": pa.array(direction),
        "kind": pa.array(KINDS).take(pa.array(kind)),
        "content": _where(has_text, compose(rng, wording)),
        "duration_ms": pa.array(duration * 1000, mask=(duration < 0) | ~talked),
        "wait_ms": pa.array(wait * 1000, mask=~queued),
        # Mail has no outcome: whether it is answered shows in responded_at, and only once it is.
        "outcome": pa.array(OUTCOMES).take(pa.array(outcome, mask=~(queued | (duration >= 0)))),
        "responded_at": clock.timestamps(responded),
        "response_content": _where(reply, answers(rng, wording.topic, wording.language, poor)),
        "resolved_at": clock.timestamps(resolved),
        "reopened": pa.array(np.asarray(contacts["reopened"], dtype=np.bool_), mask=resolved == NEVER),
        "satisfaction": pa.array(rating, mask=rated == NEVER),
        "rated_at": clock.timestamps(rated),
        "agent_id": _agents(np.where(talked & answered, np.asarray(contacts["agent"], dtype=np.int64), -1)),
        "is_automated": pa.array(np.zeros(count, dtype=np.bool_)),
    }


def _agents(agent: Ints) -> pa.Array:
    names = pa.array([f"A{number:02d}" for number in range(1, 100)])
    return names.take(pa.array(agent, mask=agent < 0))


def _where(keep: Flags, texts: pa.Array) -> pa.Array:
    return pc.if_else(pa.array(keep), texts, pa.scalar(None, pa.string()))


def _wording(rng: np.random.Generator, people: People, contacts: dict[str, Ints | Floats | Flags]) -> Messages:
    """Topic, language and tone of what each contact is about. The tone is how people feel before they are served."""
    customer = np.asarray(contacts["customer"], dtype=np.int64)
    known = customer >= 0
    complaint = np.asarray(contacts["complaint"], dtype=np.bool_)
    annoyance = np.asarray(contacts["annoyance"], dtype=np.float64)
    count = len(customer)
    draw = rng.random(count)
    business = known & (people.segment[customer] == 2)
    topic = np.where(
        np.asarray(contacts["ordered_lately"], dtype=np.bool_),
        np.searchsorted(_TOPICS_ORDERED, draw, side="right"),
        np.where(
            business,
            np.searchsorted(_TOPICS_BUSINESS, draw, side="right"),
            np.searchsorted(_TOPICS, draw, side="right"),
        ),
    )
    warmth = np.where(known, people.warmth[customer], 0.0)
    fading = np.asarray(contacts["fading"], dtype=np.float64)
    feeling = 0.1 + 0.5 * warmth - 0.45 * np.minimum(annoyance, 3) - 0.25 * fading
    tone = np.where(complaint, UNHAPPY, tones(rng, feeling))
    return Messages(
        topic=np.minimum(topic, len(phrases.TOPICS) - 1).astype(np.int64),
        language=_languages(rng, people, customer),
        tone=tone.astype(np.int64),
        product=rng.integers(0, len(phrases.PRODUCTS_ZH), count),
        emoji=rng.random(count) < np.where(known, people.emoji[customer], 0.1),
        reachable=rng.random(count) < 0.05,
    )


def _languages(rng: np.random.Generator, people: People, customer: Ints) -> Ints:
    """A person keeps to one language, but who mixes does so now and then."""
    own = rng.random(len(people)) < people.english
    speaks_english = np.where(customer >= 0, own[customer], rng.random(len(customer)) < 0.06)
    mixes = rng.random(len(customer)) < np.where(customer >= 0, people.mixed[customer], 0.08)
    return np.where(speaks_english, EN, np.where(mixes, MIXED, ZH)).astype(np.int64)


def _kinds(wording: Messages, complaint: Flags) -> Ints:
    topic = np.array(phrases.TOPICS)[wording.topic]
    kind = np.where(topic == "refund", _REFUND, np.where(topic == "delivery", _ORDER, _INQUIRY))
    kind = np.where((wording.tone == HAPPY) | ((topic == "service") & ~complaint), _FEEDBACK, kind)
    return np.where(complaint, _COMPLAINT, kind).astype(np.int64)


def _ratings(
    rng: np.random.Generator, people: People, contacts: dict[str, Ints | Floats | Flags], ended: Ints
) -> tuple[Ints, Ints]:
    """Rating and when it was given (NEVER: not). Bad and very good experiences are rated more often."""
    customer, channel = (np.asarray(contacts[name], dtype=np.int64) for name in ("customer", "channel"))
    felt = np.asarray(contacts["experience"], dtype=np.float64)
    annoyance = np.asarray(contacts["annoyance"], dtype=np.float64)
    mood = felt * 0.95 + people.generosity[customer] - 0.22 * np.minimum(annoyance, 2.5)
    rating = np.clip(np.round(3.55 + mood + rng.normal(0, 0.5, len(felt))), 1, 5).astype(np.int64)
    willing = people.rating_share[customer] * _RATES[channel] * (1 + 0.6 * (felt < -0.3) + 0.2 * (felt > 1.0))
    rates = np.asarray(contacts["answered"], dtype=np.bool_) & (customer >= 0)
    rates &= rng.random(len(felt)) < np.minimum(willing, 0.95)
    soon = np.isin(channel, (PHONE, 2))
    later = np.where(soon, rng.integers(20, 1800, len(felt)), rng.integers(600, 2 * DAY, len(felt)))
    return rating, np.where(rates, ended + later, NEVER)


def _outbound(rng: np.random.Generator, clock: Clock, sent: Sent) -> Columns:
    count = len(sent.at)
    call = sent.sort >= FOLLOW_UP
    reached = call & (rng.random(count) < 0.62)
    duration = np.maximum(150 * np.exp(rng.normal(0, 0.6, count)), 10).astype(np.int64)
    outcome = np.where(sent.automated, 2, np.where(reached, 0, 3))
    nothing = pa.nulls(count, pa.string())
    never = clock.timestamps(np.full(count, NEVER))
    return {
        "customer": pa.array(sent.customer),
        "occurred_at": clock.timestamps(sent.at),
        "channel": pa.array(CHANNELS).take(pa.array(sent.channel)),
        "direction": pa.array(["outbound"]).take(pa.array(np.zeros(count, dtype=np.int64))),
        "kind": pa.array(KINDS).take(pa.array(_SENT_KIND[sent.sort])),
        "content": _sent_texts(rng, sent),
        "duration_ms": pa.array(duration * 1000, mask=~reached),
        "wait_ms": pa.nulls(count, pa.int64()),
        "outcome": pa.array(OUTCOMES).take(pa.array(outcome)),
        "responded_at": never,
        "response_content": nothing,
        "resolved_at": never,
        "reopened": pa.nulls(count, pa.bool_()),
        "satisfaction": pa.nulls(count, pa.int64()),
        "rated_at": never,
        "agent_id": _agents(np.where(call, rng.integers(0, 12, count), -1)),
        "is_automated": pa.array(sent.automated),
    }


def _sent_texts(rng: np.random.Generator, sent: Sent) -> pa.Array:
    campaigns, replies, calls = phrases.CAMPAIGNS, phrases.AUTO_REPLIES, phrases.CALLS_BY_REPS
    texts = pa.array([*campaigns, *replies, *calls])
    reply = len(campaigns) + (rng.random(len(sent.at)) < 0.15)
    follow_up = np.full(len(sent.at), len(campaigns) + len(replies))
    check_in = follow_up + rng.integers(1, len(calls), len(sent.at))
    index = np.select(
        [sent.sort == CAMPAIGN, sent.sort == AUTO_REPLY, sent.sort == FOLLOW_UP, sent.sort == CHECK_IN],
        [sent.campaign % len(campaigns), reply, follow_up, check_in],
    )
    return _where(sent.automated | (rng.random(len(sent.at)) < 0.7), texts.take(pa.array(index)))
