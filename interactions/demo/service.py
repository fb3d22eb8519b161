"""How contacts are served: rosters that follow last month's volume, load by hour, and what load does to people.

Busy hours make callers wait and give up, full desks answer mails late or never, and hurried answers are poor ones.
"""

from dataclasses import dataclass

import numpy as np

from interactions.demo.arrays import Flags, Floats, Ints
from interactions.demo.clock import DAY, HOUR, NEVER, Clock, at_desk
from interactions.demo.seasons import hour_shares
from interactions.demo.segments import CHANNELS, CHAT, EMAIL, IN_PERSON, PHONE, SMS, SOCIAL, WEB

AGENTS = 26
QUEUED = (PHONE, CHAT)  # channels where the customer waits on the line
TYPICAL_MINUTES = np.array([0, 150.0, 0, 45.0, 110.0, 30.0, 0])  # to a first answer, by channel, on a calm day
_NEVER_ANSWERED = np.array([0, 0.045, 0, 0.075, 0.055, 0.05, 0])
_TALK_SECONDS = np.array([230.0, 0, 420.0, 0, 0, 0, 900.0])
_ROSTER_SLACK = 1.2
SMOOTHING = 150.0  # contacts a day that damp the surprise of a small company's day
_MEMORY = 0.7  # weight of the past in the planner's view of a weekday


@dataclass(frozen=True)
class Contacts:
    """Contacts of one day, arrays of [contacts]: customer -1 is unidentified, `at` is in local seconds."""

    customer: Ints
    channel: Ints
    at: Ints
    complaint: Flags
    patience: Floats  # median seconds a person holds the line
    priority: Floats  # below 1 is served sooner
    desk: Floats  # quality added by the rep's team


@dataclass(frozen=True)
class Handling:
    """What became of them; times in local seconds, NEVER where it did not happen; `experience` is about -2 to 2."""

    wait: Ints  # -1 where nobody queues
    abandoned: Flags
    answered: Flags
    responded: Ints
    duration: Ints  # -1 where there is no conversation
    resolved: Ints
    reopened: Flags
    agent: Ints  # -1 where nobody answered
    experience: Floats


@dataclass
class Service:
    """The service department: its rosters, its short-staffed days and its agents. `handle` one day after the other."""

    agent_quality: Floats
    shortage: Floats  # [days, channels]: share of the planned staff that is there
    planned: Floats  # [7, channels]: contacts the planner expects on a weekday
    demand: Floats  # [channels, 24]: share of a day's contacts in each hour
    rosters: Floats  # [channels, 24]: share of a day's staff in each hour
    first_weekday: int

    def load(self, rng: np.random.Generator, day: int, expected: Floats, counted: Floats) -> Floats:
        """Offered work over staffed work, [channels, 24], from the day's expected and counted contacts by channel.

        How much a day differs from what was expected is damped by SMOOTHING contacts, and hours differ by a gamma
        factor of their own: a demo of 2,000 customers has two calls an hour; no company lives by such small numbers.
        """
        surprise = (counted + SMOOTHING) / (expected + SMOOTHING)
        offered = (expected * surprise)[:, None] * self.demand * rng.gamma(30, 1 / 30, self.demand.shape)
        staff = self.planned[self._weekday(day)] * _ROSTER_SLACK * self.shortage[day]
        load = offered / np.maximum(staff[:, None] * self.rosters, 1e-9)
        return np.asarray(np.clip(load, 0.15, 2.4), dtype=np.float64)

    def learn(self, day: int, expected: Floats) -> None:
        """Plan the next such weekday by what this one was like."""
        weekday = self._weekday(day)
        self.planned[weekday] = _MEMORY * self.planned[weekday] + (1 - _MEMORY) * expected

    def _weekday(self, day: int) -> int:
        return (self.first_weekday + day) % 7

    def handle(self, rng: np.random.Generator, contacts: Contacts, load: Floats) -> Handling:
        """Serve one day's contacts under `load` [channels, 24]."""
        count = len(contacts.at)
        channel = contacts.channel
        felt = load[channel, contacts.at % DAY // HOUR]
        wait, abandoned = _queue(rng, contacts, felt)
        delay, answered = _answer(rng, contacts, felt)
        answered &= ~abandoned
        queued = np.isin(channel, QUEUED)
        responded = np.where(queued, contacts.at + np.maximum(wait, 0), _reply(rng, contacts, delay))
        responded = np.where(channel == IN_PERSON, contacts.at, responded)
        agent = np.where(answered, rng.integers(0, AGENTS, count), -1)
        quality = rng.normal(0.62, 0.55, count) + self.agent_quality[agent] + contacts.desk - 0.35 * (felt - 0.9)
        duration = _talk(rng, channel, quality, answered)
        resolved, reopened = _resolve(
            rng, contacts, quality, np.where(answered, responded + np.maximum(duration, 0), 0)
        )
        experience = quality - _annoyances(contacts, wait, responded - contacts.at) - 0.7 * reopened
        experience = np.where(answered, experience, np.where(abandoned, -1.5, -1.7))
        return Handling(
            wait=wait,
            abandoned=abandoned,
            answered=answered,
            responded=np.where(answered, responded, NEVER),
            duration=duration,
            resolved=np.where(answered, resolved, NEVER),
            reopened=reopened & answered,
            agent=agent,
            experience=experience,
        )


def _queue(rng: np.random.Generator, contacts: Contacts, load: Floats) -> tuple[Ints, Flags]:
    """Seconds in the queue (-1 without one) and who gave up. Waits grow with load as queues do: steeply near 1."""
    count = len(load)
    chat = contacts.channel == CHAT
    mean = np.where(chat, 30, 48) * np.exp(2.3 * (load - 0.9))
    straight = rng.random(count) < np.clip(1.12 - load, 0.05, 0.75)
    wait = np.where(straight, rng.uniform(0, 6, count), rng.exponential(mean))
    patience = contacts.patience * np.exp(rng.normal(0, 0.6, count))
    queued = np.isin(contacts.channel, QUEUED)
    abandoned = queued & (wait > patience)
    return np.where(queued, np.minimum(wait, patience).astype(np.int64), -1), abandoned


def _answer(rng: np.random.Generator, contacts: Contacts, load: Floats) -> tuple[Floats, Flags]:
    """Minutes to the first answer of written contacts, and whether one comes at all."""
    typical = TYPICAL_MINUTES[contacts.channel]
    delay = typical * contacts.priority * np.exp(1.5 * (load - 0.9) + rng.normal(0, 0.7, len(load)))
    lost = _NEVER_ANSWERED[contacts.channel] * np.exp(2.2 * (load - 0.9))
    return delay, rng.random(len(load)) >= np.minimum(lost, 0.5)


def _reply(rng: np.random.Generator, contacts: Contacts, delay: Floats) -> Ints:
    """When a written contact is answered: the delay counts from when somebody is at the desk, and ends there too."""
    formal = np.isin(contacts.channel, (EMAIL, WEB))
    begun = np.where(formal, at_desk(contacts.at, rng, 8, 20), at_desk(contacts.at, rng, 8, 22))
    done = begun + np.maximum(delay * 60, 30).astype(np.int64)
    return np.where(formal, at_desk(done, rng, 8, 20), at_desk(done, rng, 8, 22))


def _talk(rng: np.random.Generator, channel: Ints, quality: Floats, answered: Flags) -> Ints:
    """Seconds of conversation, -1 without one; chats are timed to 3 seconds, which is 0.05 of a minute."""
    length = _TALK_SECONDS[channel] * np.exp(rng.normal(0, 0.65, len(channel)) - 0.12 * quality)
    seconds = np.maximum(length, 12).astype(np.int64)
    seconds = np.where(channel == CHAT, seconds // 3 * 3, seconds)
    return np.where(answered & (_TALK_SECONDS[channel] > 0), seconds, -1)


def _resolve(rng: np.random.Generator, contacts: Contacts, quality: Floats, ended: Ints) -> tuple[Ints, Flags]:
    """When the matter was resolved (NEVER for some), and whether it had to be opened again."""
    count = len(quality)
    at_once = rng.random(count) < np.where(contacts.complaint, 0.35, 0.72)
    later = at_desk(ended + (np.exp(rng.normal(2.6, 0.9, count)) * HOUR).astype(np.int64), rng)
    solved = rng.random(count) < 1 / (1 + np.exp(-(2.1 + 1.1 * quality)))
    reopened = solved & (rng.random(count) < np.where(quality < 0.1, 0.22, 0.045))
    again = at_desk(later + (np.exp(rng.normal(3.4, 0.6, count)) * HOUR).astype(np.int64), rng)
    resolved = np.where(reopened, again, np.where(at_once, ended, later))
    return np.where(solved, resolved, NEVER), reopened


def _annoyances(contacts: Contacts, wait: Ints, delay: Ints) -> Floats:
    """What waiting costs in experience: a minute is fine, five are not; late answers count by their doublings."""
    queueing = np.clip((wait - 45) / 150, 0, 2.2)
    typical = np.maximum(TYPICAL_MINUTES[contacts.channel], 1) * 60
    late = np.clip(np.log2(np.maximum(delay, 1) / typical) - 1.0, 0, 4) * 0.32
    written = np.isin(contacts.channel, (EMAIL, SOCIAL, WEB, SMS))
    return np.asarray(queueing + np.where(written, late, 0), dtype=np.float64)


def _shortages(rng: np.random.Generator, days: int) -> Floats:
    """Share of the planned staff present, [days, channels]: now and then a week of colds, a day of a broken system."""
    present = np.ones((days, len(CHANNELS)))
    for channel in range(len(CHANNELS)):
        for first in np.flatnonzero(rng.random(days) < 0.012):
            present[first : first + rng.integers(3, 10), channel] *= rng.uniform(0.6, 0.85)
        present[rng.random(days) < 0.01, channel] *= 0.6
    return np.asarray(np.maximum(present, 0.4) * np.exp(rng.normal(0, 0.05, present.shape)), dtype=np.float64)


def open_service(rng: np.random.Generator, clock: Clock, expected: Floats) -> Service:
    """A department staffed for its first weeks: `expected` contacts by day of the week and channel, [7, channels]."""
    demand = np.array([hour_shares(name) for name in CHANNELS])
    # Shifts are flatter than demand: that is why the peak hours are the busy ones.
    around = [np.convolve(np.pad(row, 3, mode="wrap"), np.ones(7) / 7, "valid") for row in demand]
    return Service(
        agent_quality=np.append(rng.normal(0, 0.28, AGENTS), 0.0),  # the last one, index -1, is nobody
        shortage=_shortages(rng, clock.days),
        planned=expected,
        demand=demand,
        rosters=0.6 * demand + 0.4 * np.array(around),
        first_weekday=clock.start.weekday(),
    )
