"""The interactions table: contacts as they were served, written, answered and rated; and what was sent."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from interactions.demo import phrases
from interactions.demo.arrays import Flags, Ints
from interactions.demo.clock import DAY, NEVER, Clock
from interactions.demo.happened import Served
from interactions.demo.messages import EN, HAPPY, MIXED, UNHAPPY, ZH, Messages, answers, compose, tones
from interactions.demo.outbound import AUTO_REPLY, CAMPAIGN, CHECK_IN, FOLLOW_UP, Sent
from interactions.demo.segments import BUSINESS, CHANNELS, CHAT, PHONE, SOCIAL, People
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
    contacts: Served,
    sent: Sent,
) -> Columns:
    """All columns of the interactions table but the provenance, sorted by time; ids follow that order."""
    inbound = _inbound(rng, clock, people, contacts)
    outbound = _outbound(rng, clock, sent)
    at = np.concatenate([contacts.at, sent.at])
    order = pa.array(np.argsort(at, kind="stable"))
    merged = {name: pa.concat_arrays([inbound[name], outbound[name]]).take(order) for name in inbound}
    merged["interaction_id"] = pa.array([f"I{number:08d}" for number in range(1, len(at) + 1)])
    merged["customer_id"] = ids.take(merged.pop("customer"))
    names = [name for name in INTERACTIONS.column_names if name in merged]
    return {name: merged[name] for name in names}


def _inbound(rng: np.random.Generator, clock: Clock, people: People, contacts: Served) -> Columns:
    count = len(contacts.customer)
    wording = _wording(rng, people, contacts)
    social = contacts.channel == SOCIAL
    direction = np.where(social & (rng.random(count) < 0.15), "unknown", "inbound")
    return {
        "customer": pa.array(contacts.customer, mask=contacts.customer < 0),
        "occurred_at": clock.timestamps(contacts.at),
        "channel": pa.array(CHANNELS).take(pa.array(contacts.channel)),
        "direction": pa.array(direction),
        "kind": pa.array(KINDS).take(pa.array(_kinds(wording, contacts.complaint))),
        "is_automated": pa.array(np.zeros(count, dtype=np.bool_)),
        **_handling(clock, contacts),
        **_texts(rng, clock, contacts, wording),
        **_rating_columns(rng, clock, people, contacts),
    }


def _handling(clock: Clock, contacts: Served) -> Columns:
    """How the contacts were served, as far as that is known at the end."""
    responded, resolved = clock.known(contacts.responded), clock.known(contacts.resolved)
    talked = responded != NEVER
    spoken = (contacts.wait >= 0) | (contacts.duration >= 0)
    return {
        "duration_ms": pa.array(contacts.duration * 1000, mask=(contacts.duration < 0) | ~talked),
        "wait_ms": pa.array(contacts.wait * 1000, mask=contacts.wait < 0),
        # Mail has no outcome: whether it is answered shows in responded_at, and only once it is.
        "outcome": pa.array(OUTCOMES).take(pa.array(np.where(contacts.abandoned, 1, 0), mask=~spoken)),
        "responded_at": clock.timestamps(responded),
        "resolved_at": clock.timestamps(resolved),
        "reopened": pa.array(contacts.reopened, mask=resolved == NEVER),
        "agent_id": _agents(np.where(talked, contacts.agent, -1)),
    }


def _texts(rng: np.random.Generator, clock: Clock, contacts: Served, wording: Messages) -> Columns:
    """What was written and what was answered; bad experiences come with poor answers."""
    has_text = ~contacts.abandoned & (rng.random(len(contacts.at)) < _WITH_TEXT[contacts.channel])
    replied = has_text & (clock.known(contacts.responded) != NEVER) & (contacts.channel != PHONE)
    replies = answers(rng, wording.topic, wording.language, contacts.experience < -0.1)
    return {
        "content": _where(has_text, compose(rng, wording)),
        "response_content": _where(replied, replies),
    }


def _rating_columns(rng: np.random.Generator, clock: Clock, people: People, contacts: Served) -> Columns:
    rating, rated = _ratings(rng, people, contacts)
    rated = clock.known(np.where(clock.known(contacts.responded) != NEVER, rated, NEVER))
    return {"satisfaction": pa.array(rating, mask=rated == NEVER), "rated_at": clock.timestamps(rated)}


def _agents(agent: Ints) -> pa.Array:
    names = pa.array([f"A{number:02d}" for number in range(1, 100)])
    return names.take(pa.array(agent, mask=agent < 0))


def _where(keep: Flags, texts: pa.Array) -> pa.Array:
    return pc.if_else(pa.array(keep), texts, pa.scalar(None, pa.string()))


def _wording(rng: np.random.Generator, people: People, contacts: Served) -> Messages:
    """Topic, language and tone of what each contact is about. The tone is how people feel before they are served."""
    customer = contacts.customer
    known = customer >= 0
    warmth = np.where(known, people.warmth[customer], 0.0)
    feeling = 0.1 + 0.5 * warmth - 0.45 * np.minimum(contacts.annoyance, 3) - 0.25 * contacts.fading
    tone = np.where(contacts.complaint, UNHAPPY, tones(rng, feeling))
    return Messages(
        topic=_topics(rng, people, contacts),
        language=_languages(rng, people, customer),
        tone=tone.astype(np.int64),
        product=rng.integers(0, len(phrases.PRODUCTS_ZH), len(customer)),
        emoji=rng.random(len(customer)) < np.where(known, people.emoji[customer], 0.1),
        reachable=rng.random(len(customer)) < 0.05,
    )


def _topics(rng: np.random.Generator, people: People, contacts: Served) -> Ints:
    """What contacts are about: parcels after an order, invoices for businesses, a bit of everything for others."""
    draw = rng.random(len(contacts.customer))
    business = (contacts.customer >= 0) & (people.segment[contacts.customer] == BUSINESS)
    usual, invoices, parcels = (
        np.searchsorted(shares, draw, side="right") for shares in (_TOPICS, _TOPICS_BUSINESS, _TOPICS_ORDERED)
    )
    topic = np.where(contacts.ordered_lately, parcels, np.where(business, invoices, usual))
    return np.minimum(topic, len(phrases.TOPICS) - 1).astype(np.int64)


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


def _ratings(rng: np.random.Generator, people: People, contacts: Served) -> tuple[Ints, Ints]:
    """Rating and when it was given (NEVER: not). Bad and very good experiences are rated more often."""
    customer, felt = contacts.customer, contacts.experience
    mood = felt * 0.95 + people.generosity[customer] - 0.22 * np.minimum(contacts.annoyance, 2.5)
    rating = np.clip(np.round(3.55 + mood + rng.normal(0, 0.5, len(felt))), 1, 5).astype(np.int64)
    willing = people.rating_share[customer] * _RATES[contacts.channel] * (1 + 0.6 * (felt < -0.3) + 0.2 * (felt > 1.0))
    rates = contacts.answered & (customer >= 0) & (rng.random(len(felt)) < np.minimum(willing, 0.95))
    soon = np.isin(contacts.channel, (PHONE, CHAT))
    later = np.where(soon, rng.integers(20, 1800, len(felt)), rng.integers(600, 2 * DAY, len(felt)))
    ended = contacts.responded + np.maximum(contacts.duration, 0)
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
