"""A simulated company in which the risk of silence is known exactly: what a churn model could say at best.

Every day each customer is in touch with a probability that follows from what the tables show: how long they have been
silent, how much they were in touch (a count that fades with a half-life), how they rated their last contact, and the
time of year. While a customer is silent all of that moves on its own, so the chance of no contact in the days ahead is
a plain product, without any simulation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from workspace.tables import TABLES

Floats = npt.NDArray[np.float64]

HALF_LIFE_DAYS = 60.0
DAYS_A_YEAR = 365.25
# Log-odds of a contact on a day: a level, and what silence, habit and the last rating add to it.
LEVEL, SILENCE, HABIT, RATING = -3.6, -0.75, 0.95, 0.35


@dataclass(frozen=True)
class State:
    """Each customer on one morning, all [customers]: days of silence, faded count of contacts, last rating (1 to 5)."""

    silent: Floats
    habit: Floats
    rating: Floats

    def chance(self, season: float) -> Floats:
        """Probability of a contact on a day whose season adds so much to the log-odds."""
        odds = LEVEL + SILENCE * np.log1p(self.silent / 7) + HABIT * np.log1p(self.habit)
        result: Floats = 1 / (1 + np.exp(-(odds + RATING * (self.rating - 3.5) + season)))
        return result

    def after_silence(self) -> State:
        """The next morning, if nothing happened."""
        return State(self.silent + 1, self.habit * 0.5 ** (1 / HALF_LIFE_DAYS), self.rating)


@dataclass(frozen=True)
class Company:
    """`tables` as the lake would hold them; `state`: customers' state at `cutoff`, in the order of `customers`."""

    tables: dict[str, pa.Table]
    customers: list[str]
    cutoff: datetime
    state: State
    season: float

    def risk(self, horizon_days: int) -> Floats:
        """The true probability of no contact in the `horizon_days` after the cutoff, [customers]."""
        state, silent = self.state, np.ones(len(self.customers))
        for ahead in range(horizon_days):
            silent = silent * (1 - state.chance(_season(self.season, self.cutoff, ahead)))
            state = state.after_silence()
        return silent


def simulate(
    customers: int, seed: int, cutoff: datetime, season: float = 0.0, days: int = 730, after_days: int = 90
) -> Company:
    """Contacts from `days` before the cutoff to `after_days` after it; a third of the customers join on the way."""
    random = np.random.default_rng(seed)
    begin = cutoff - timedelta(days=days)
    joined = np.where(random.random(customers) < 0.67, 0, random.integers(0, days - 30, customers))
    keen = random.gamma(2.0, 1.5, customers)
    state = State(random.exponential(20, customers), keen, random.integers(1, 6, customers).astype(np.float64))
    who, when, stars, kept = [], [], [], state
    for day in range(days + after_days):
        if day == days:
            kept = state
        there = joined <= day
        new = joined == day
        touched = there & (new | (random.random(customers) < state.chance(_season(season, begin, day))))
        found = np.flatnonzero(touched)
        rating = np.clip(np.round(random.normal(3.5, 1.2, found.size)), 1, 5)
        who.append(found)
        when.append((day + random.random(found.size)) * 86_400e6)
        stars.append(rating)
        state = _next(state, touched, rating, there)
    ids = [f"K{number:06d}" for number in range(customers)]
    contacts = _contacts(np.concatenate(who), np.concatenate(when), np.concatenate(stars), begin)
    return Company(_tables(contacts), ids, cutoff, kept, season)


def _next(state: State, touched: npt.NDArray[np.bool_], rating: Floats, there: npt.NDArray[np.bool_]) -> State:
    quiet = state.after_silence()
    last = state.rating.copy()
    last[touched] = rating
    silent = np.where(touched, 0.0, np.where(there, quiet.silent, state.silent))
    return State(silent, np.where(there, quiet.habit, state.habit) + touched, last)


def _season(height: float, begin: datetime, day: int) -> float:
    """A wave of a year, highest at the end of March."""
    return height * math.sin(2 * math.pi * (begin + timedelta(days=day)).timetuple().tm_yday / DAYS_A_YEAR)


def _contacts(who: npt.NDArray[np.int64], when: Floats, stars: Floats, begin: datetime) -> pa.Table:
    schema = TABLES["interactions"].schema
    at = pa.array(when.astype(np.int64) + int(begin.timestamp() * 1e6)).cast(pa.timestamp("us", tz="UTC"))
    count = len(who)
    columns = {
        "interaction_id": pa.array([f"I{number}" for number in range(count)]),
        "customer_id": pa.array([f"K{number:06d}" for number in who]),
        "occurred_at": at,
        "channel": pa.array(["phone"] * count),
        "direction": pa.array(["inbound"] * count),
        "satisfaction": pa.array(stars.astype(np.int64)),
        "rated_at": at,
        "known_at": at,
        "collected_at": at,
        "source": pa.array(["known_hazard"] * count),
        "source_row": pa.array(np.arange(count)),
        "is_automated": pa.array([False] * count),
    }
    nothing = {field.name: pa.nulls(count, field.type) for field in schema}
    return pa.table({**nothing, **columns}).select(schema.names).cast(schema)


def _tables(contacts: pa.Table) -> dict[str, pa.Table]:
    empty = {name: table.schema.empty_table() for name, table in TABLES.items()}
    return {**empty, "interactions": contacts}
