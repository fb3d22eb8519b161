"""The lives of customers, day by day: in touch at their own rhythm, served well or badly, drifting off, gone.

Nobody leaves out of the blue. Bad service (queues, calls given up, mails never answered, poor answers) leaves annoyance
that fades over weeks; annoyance and silence raise the hazard of losing interest; who loses interest slows down over
some weeks, complains more, and then leaves, unless good service in time wins them back.
"""

from dataclasses import dataclass, field

import numpy as np

from interactions.demo.arrays import Flags, Floats, Ints
from interactions.demo.clock import DAY, HOUR, NEVER, Clock, draw_hours, seconds_within
from interactions.demo.happened import Hazards, History, Loads, Ordered, Served, together
from interactions.demo.seasons import cumulative_hours, hour_shares
from interactions.demo.segments import CHANNELS, People
from interactions.demo.service import Contacts, Handling, Service
from interactions.demo.state import State

UNIDENTIFIED = np.array([0.09, 0.02, 0.03, 0.07, 0.05, 0.0, 0.0])  # strangers for each known contact of a channel
ANNOYANCE_DAYS = 38.0  # annoyance falls to 1/e in that many days
FADE_DEPTH = 2.6  # contact intensity falls by exp(-FADE_DEPTH) over a fade
WON_BACK = 0.14
ANGER = 2.4  # of the hazard's logarithm, for each unit of annoyance
PAUSE = 0.002  # a day: holidays, moving house; back after some weeks
ORDER_QUESTIONS = 0.5  # more contacts in the week after an order
FOLLOW_UP = 0.42  # of badly served contacts come back within days
SNAPSHOT_DAYS = 30  # the true hazard is kept every so many days


@dataclass
class Log:
    """What happened, the rows of each day."""

    contacts: list[Served] = field(default_factory=list)
    orders: list[Ordered] = field(default_factory=list)
    loads: list[Loads] = field(default_factory=list)
    hazards: list[Hazards] = field(default_factory=list)


@dataclass
class Life:
    """Runs the days. `seasons` is [days, channels], `order_season` [days]; `desk` and `priority` are by customer."""

    people: People
    clock: Clock
    seasons: Floats
    order_season: Floats
    service: Service
    desk: Floats
    priority: Floats
    rng: np.random.Generator
    state: State
    log: Log = field(default_factory=Log)

    def __post_init__(self) -> None:
        self._hours = cumulative_hours()
        self._order_hours = np.cumsum(hour_shares("order"))
        self._expected = np.zeros_like(self.seasons)

    def run(self) -> History:
        """Live every day and return what happened."""
        for day in range(self.clock.days):
            self._live(day)
        state = self.state
        left = np.where(np.isnan(state.left), NEVER, (np.nan_to_num(state.left) * DAY).astype(np.int64))
        return History(
            contacts=together(self.log.contacts),
            orders=together(self.log.orders),
            loads=together(self.log.loads),
            hazards=together(self.log.hazards),
            joined=state.joined,
            left=self.clock.known(left),
            contact_exposure=state.contact_exposure,
            order_exposure=state.order_exposure,
            expected=self._expected,
        )

    def _live(self, day: int) -> None:
        state = self.state
        there = (state.joined // DAY <= day) & np.isnan(state.left)
        state.annoyance *= np.exp(-1 / ANNOYANCE_DAYS)
        state.annoyance += state.coming[day % 8]
        state.coming[day % 8] = 0
        drive = self._drive(day, there)
        again = np.flatnonzero((state.follow_up == day) & (drive > 0))
        eager = drive * (1 + ORDER_QUESTIONS * (day - state.last_order < 8))
        pulls = self.people.mix * self.seasons[day]
        self._expected[day] = self._expectation(eager, again, pulls)
        contacts = self._contacts(day, eager, again, pulls)
        self._serve(day, contacts)
        self._order(day, drive)
        self._drift(day, there)

    def _drive(self, day: int, there: Flags) -> Floats:
        """How much of their usual selves customers are today: 0 for absent, less while fading or away."""
        state = self.state
        drive = there.astype(np.float64)
        fading = ~np.isnan(state.fade_from)
        drive[fading] *= np.exp(-FADE_DEPTH * (day - state.fade_from[fading]) / state.fade_days[fading])
        drive[state.paused_until > day] *= 0.12
        away = there & (self.rng.random(len(drive)) < PAUSE)
        state.paused_until[away] = day + self.rng.integers(15, 45, int(away.sum()))
        return drive

    def _expectation(self, eager: Floats, again: Ints, pulls: Floats) -> Floats:
        """Contacts to expect today by channel: customers at their rates, those who come back, strangers."""
        usual = (pulls * (eager * self.people.contact_rate)[:, None]).sum(axis=0)
        back = (pulls[again] / pulls[again].sum(axis=1, keepdims=True)).sum(axis=0)
        return np.asarray((usual + back) * (1 + UNIDENTIFIED), dtype=np.float64)

    def _contacts(self, day: int, eager: Floats, again: Ints, pulls: Floats) -> Contacts:
        """Who gets in touch today, how and when; strangers too."""
        due = np.sort(np.concatenate([self._due(eager * pulls.sum(axis=1)), again]))
        cumulative = np.cumsum(pulls[due], axis=1)
        drawn = self.rng.random(len(due)) * cumulative[:, -1]
        channel = np.minimum((drawn[:, None] > cumulative).sum(axis=1), len(CHANNELS) - 1)
        strangers = self.rng.poisson(np.bincount(channel, minlength=len(CHANNELS)) * UNIDENTIFIED)
        customer = np.concatenate([due, np.full(strangers.sum(), -1)])
        channel = np.concatenate([channel, np.repeat(np.arange(len(CHANNELS)), strangers)])
        at = day * DAY + seconds_within(self.rng, draw_hours(self.rng, self._hours[channel]))
        at = np.where(customer >= 0, np.maximum(at, self.state.joined[customer] + 60), at)
        at = np.minimum(at, day * DAY + DAY - 1)
        return Contacts(
            customer=customer,
            channel=channel,
            at=at,
            complaint=self._complains(day, customer),
            patience=np.where(customer >= 0, 260 * np.exp(0.25 * self.people.warmth[customer]), 200.0),
            priority=np.where(customer >= 0, self.priority[customer], 1.15),
            desk=np.where(customer >= 0, self.desk[customer], 0.0),
        )

    def _due(self, intensity: Floats) -> Ints:
        """Customers whose next contact is due, once for each contact."""
        state, people = self.state, self.people
        state.contact_exposure += intensity
        state.to_contact -= intensity * people.contact_rate
        due = [np.empty(0, dtype=np.int64)]
        while (late := np.flatnonzero(state.to_contact <= 0)).size:
            shape = people.regularity[late]
            state.to_contact[late] += self.rng.standard_gamma(shape) / shape
            due.append(late)
        return np.concatenate(due)

    def _complains(self, day: int, customer: Ints) -> Flags:
        state = self.state
        fading = ~np.isnan(state.fade_from[customer])
        logit = self.people.complaint_logit[customer] + 0.95 * np.minimum(state.annoyance[customer], 3) + 0.9 * fading
        logit = np.where(customer >= 0, logit + 0.8 * (state.follow_up[customer] == day), -2.2)
        return np.asarray(self.rng.random(len(customer)) < 1 / (1 + np.exp(-logit)), dtype=np.bool_)

    def _serve(self, day: int, contacts: Contacts) -> None:
        """Serve today's contacts and let people feel how it went."""
        expected = self._expected[day]
        counted = np.zeros((len(CHANNELS), 24))
        np.add.at(counted, (contacts.channel, contacts.at % DAY // HOUR), 1)
        load = self.service.load(self.rng, day, expected, counted.sum(axis=1))
        handling = self.service.handle(self.rng, contacts, load)
        self.service.learn(day, expected)
        self.log.contacts.append(self._served(contacts, handling))
        self._feel(day, contacts, handling)
        self._log_load(day, counted, load)

    def _feel(self, day: int, contacts: Contacts, handling: Handling) -> None:
        """Bad experience annoys (an unanswered mail only days later), good experience soothes and may win back."""
        state = self.state
        known = contacts.customer >= 0
        who, felt = contacts.customer[known], handling.experience[known]
        harm = np.clip(-felt + 0.15, 0, 2.5) * 0.62
        later = ~handling.answered[known] & ~handling.abandoned[known]
        np.add.at(state.annoyance, who[~later], harm[~later])
        np.add.at(state.coming[(day + 3) % 8], who[later], harm[later])
        state.annoyance[who[felt > 0.9]] *= 0.78
        returns = (felt < -0.3) & (self.rng.random(len(who)) < FOLLOW_UP)
        state.follow_up[who[returns]] = day + self.rng.integers(1, 5, int(returns.sum()))
        state.last_event[who] = day

    def _order(self, day: int, drive: Floats) -> None:
        """Who orders today, and at what second; annoyed customers order less."""
        state = self.state
        exposed = drive * self.order_season[day] * np.exp(-0.3 * np.minimum(state.annoyance, 3))
        state.order_exposure += exposed
        state.to_order -= exposed * self.people.order_rate
        due = np.flatnonzero(state.to_order <= 0)
        state.to_order[due] += self.rng.standard_gamma(2.0, len(due)) / 2.0
        hours = np.minimum(np.searchsorted(self._order_hours, self.rng.random(len(due))), 23).astype(np.int64)
        at = np.maximum(day * DAY + seconds_within(self.rng, hours), state.joined[due] + 90)
        state.last_order[due] = day
        state.last_event[due] = day
        self.log.orders.append(Ordered(due, np.minimum(at, day * DAY + DAY - 1)))

    def _hazard(self, day: int) -> Floats:
        """Daily hazard of losing interest: the person's own, raised by newness, annoyance and silence."""
        state, people = self.state, self.people
        newness = 1 + 1.2 * np.exp(-np.maximum(day - state.joined / DAY, 0) / 50)
        silence = (day - state.last_event) * (people.contact_rate + people.order_rate)
        quiet = 1 + 0.45 * np.clip(silence - 2.0, 0, 4)
        anger = np.exp(people.sensitivity * ANGER * np.minimum(state.annoyance, 3.0))
        return np.asarray(np.minimum(people.leave_rate * newness * anger * quiet, 0.2), dtype=np.float64)

    def _drift(self, day: int, there: Flags) -> None:
        """Some lose interest today, some are won back, some are gone for good."""
        state = self.state
        hazard = np.where(there, self._hazard(day), 0.0)
        fading = ~np.isnan(state.fade_from)
        if day % SNAPSHOT_DAYS == 0:
            who = np.flatnonzero(there)
            self.log.hazards.append(Hazards(who, np.full(len(who), day), hazard[who], fading[who]))
        over = there & fading & (day >= np.nan_to_num(state.fade_from) + state.fade_days)
        returning = over & state.back & (state.annoyance < 0.9)
        state.fade_from[returning] = np.nan
        # Gone from tomorrow on: what they did today was still them.
        state.left[over & ~returning] = day + 1 + self.rng.random(int((over & ~returning).sum()))
        onset = np.flatnonzero(there & ~fading & (self.rng.random(len(hazard)) < hazard))
        state.fade_from[onset] = day
        days = self.rng.gamma(3.0, 13.0, len(onset)) + 6
        state.fade_days[onset] = days / (1 + 1.1 * np.minimum(state.annoyance[onset], 3))
        state.back[onset] = self.rng.random(len(onset)) < WON_BACK

    def _served(self, contacts: Contacts, handling: Handling) -> Served:
        """The contacts with how the customers came to them: to be taken before they feel how it went."""
        state, customer = self.state, contacts.customer
        known = customer >= 0
        return Served(
            customer=customer,
            channel=contacts.channel,
            at=contacts.at,
            complaint=contacts.complaint,
            fading=known & ~np.isnan(state.fade_from[customer]),
            annoyance=np.where(known, state.annoyance[customer], 0.3),
            ordered_lately=known & (contacts.at // DAY - state.last_order[customer] < 12),
            **vars(handling),
        )

    def _log_load(self, day: int, counted: Floats, load: Floats) -> None:
        hour = np.tile(day * 24 + np.arange(24), len(CHANNELS))
        channel = np.repeat(np.arange(len(CHANNELS)), 24)
        self.log.loads.append(Loads(hour, channel, counted.astype(np.int64).ravel(), load.ravel()))
