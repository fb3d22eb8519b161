"""What the company sends by itself: campaigns, automatic replies, calls by reps. No sign of life of anybody.

Campaigns go on to people who left long ago, as they do in real companies.
"""

from dataclasses import dataclass

import numpy as np

from interactions.demo.arrays import Flags, Ints
from interactions.demo.clock import DAY, HOUR, Clock, is_night
from interactions.demo.happened import Served
from interactions.demo.segments import CHAT, EMAIL, PHONE, SMS, WEB, People

CAMPAIGN, AUTO_REPLY, FOLLOW_UP, CHECK_IN = range(4)
CAMPAIGN_EVERY = 14  # days
_REACH = 0.30  # of those with consent
_CHECK_IN_DAYS = 170.0


@dataclass(frozen=True)
class Sent:
    """Outbound contacts, arrays of [sent]: what sort (CAMPAIGN ...), when in local seconds, which campaign (or -1)."""

    customer: Ints
    channel: Ints
    at: Ints
    sort: Ints
    campaign: Ints

    @property
    def automated(self) -> Flags:
        return np.asarray(self.sort <= AUTO_REPLY, dtype=np.bool_)


def send(
    rng: np.random.Generator,
    clock: Clock,
    people: People,
    joined: Ints,
    left: Ints,
    contacts: Served,
) -> Sent:
    """Everything sent to customers, given their contacts."""
    parts = [
        _campaigns(rng, clock, people, joined),
        _replies(rng, contacts),
        _follow_ups(rng, contacts),
        _check_ins(rng, clock, joined, left),
    ]
    columns = [np.concatenate([np.asarray(part[name], dtype=np.int64) for part in parts]) for name in range(5)]
    inside = columns[2] < clock.seconds
    return Sent(*(column[inside] for column in columns))


Columns = tuple[Ints, Ints, Ints, Ints, Ints]


def _campaigns(rng: np.random.Generator, clock: Clock, people: People, joined: Ints) -> Columns:
    """Every other week a mail or a text message to a part of those who agreed to it, gone or not."""
    customers, channels, times, numbers = [], [], [], []
    for number, day in enumerate(range(int(rng.integers(3, 10)), clock.days, CAMPAIGN_EVERY)):
        member = people.consent & (joined // DAY < day) & (rng.random(len(people)) < _REACH)
        who = np.flatnonzero(member)
        customers.append(who)
        channels.append(np.full(len(who), SMS if number % 3 == 2 else EMAIL))
        times.append(day * DAY + 10 * HOUR + rng.integers(0, 2 * HOUR, len(who)))
        numbers.append(np.full(len(who), number))
    if not customers:
        return _nothing()
    who = np.concatenate(customers)
    return who, np.concatenate(channels), np.concatenate(times), np.full(len(who), CAMPAIGN), np.concatenate(numbers)


def _nothing() -> Columns:
    empty = np.empty(0, dtype=np.int64)
    return empty, empty, empty, empty, empty


def _replies(rng: np.random.Generator, contacts: Served) -> Columns:
    """ "We received your message": to some written contacts, mostly at night."""
    customer, channel, at = contacts.customer, contacts.channel, contacts.at
    night = is_night(at)
    written = np.isin(channel, (EMAIL, WEB)) | ((channel == CHAT) & night)
    chosen = (customer >= 0) & written & (rng.random(len(at)) < np.where(night, 0.55, 0.2))
    who = customer[chosen]
    later = at[chosen] + rng.integers(2, 30, len(who))
    return who, channel[chosen], later, np.full(len(who), AUTO_REPLY), np.full(len(who), -1)


def _follow_ups(rng: np.random.Generator, contacts: Served) -> Columns:
    """A rep calls about one complaint in five, a day or two later."""
    complaint = contacts.complaint & (contacts.customer >= 0)
    chosen = np.flatnonzero(complaint & (rng.random(len(complaint)) < 0.2))
    at = contacts.at[chosen]
    day = at // DAY + rng.integers(1, 3, len(chosen))
    later = day * DAY + 10 * HOUR + rng.integers(0, 7 * HOUR, len(chosen))
    who = contacts.customer[chosen]
    return who, np.full(len(who), PHONE), later, np.full(len(who), FOLLOW_UP), np.full(len(who), -1)


def _check_ins(rng: np.random.Generator, clock: Clock, joined: Ints, left: Ints) -> Columns:
    """Reps ring customers now and then, and some of those that left, since nobody told them."""
    calls = rng.poisson(clock.days / _CHECK_IN_DAYS, len(joined))
    who = np.repeat(np.arange(len(joined)), calls)
    day = rng.integers(0, clock.days, len(who))
    at = day * DAY + 9 * HOUR + rng.integers(0, 9 * HOUR, len(who))
    gone = (left[who] >= 0) & (at > left[who])
    fine = (at > joined[who] + 7 * DAY) & (~gone | (rng.random(len(who)) < 0.35)) & (day % 7 != 0)
    who, at = who[fine], at[fine]
    return who, np.full(len(who), PHONE), at, np.full(len(who), CHECK_IN), np.full(len(who), -1)
