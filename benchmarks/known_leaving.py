"""A simulated company in which the risk of leaving by a date is known exactly: what a churn model could say at best.

Every day each customer may leave, with a probability that follows from how they rate their contacts, the channel they
use and how long they have been a customer. Ratings and channel stay, and the days a customer has been one pass by
themselves, so the chance of leaving in the days ahead is a plain product. How often somebody is in touch says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from workspace.tables import TABLES

Floats = npt.NDArray[np.float64]

CHANNELS = ("phone", "email", "chat")
# Log-odds of leaving on a day: a level, a point of rating above 3, each channel, and a tenfold tenure.
LEVEL, RATING, TENURE = -5.2, -0.7, -0.6
OF_A_CHANNEL = np.array([-0.5, 0.0, 0.8])
_US_A_DAY = 86_400e6


@dataclass(frozen=True)
class Company:
    """`tables` as the lake would hold them; who the `customers` are, and the day each `joined` before the `cutoff`."""

    tables: dict[str, pa.Table]
    customers: list[str]
    rating: npt.NDArray[np.int64]
    channel: npt.NDArray[np.int64]
    tenure: Floats

    def risk(self, horizon_days: int) -> Floats:
        """The true probability of leaving within the days after the cutoff, of who is there still, [customers]."""
        stays = np.ones(len(self.customers))
        for ahead in range(horizon_days):
            stays = stays * (1 - chance(self.rating, self.channel, self.tenure + ahead))
        return 1 - stays


def chance(rating: npt.NDArray[np.int64], channel: npt.NDArray[np.int64], tenure: Floats) -> Floats:
    """Probability of leaving on a day, by the days since joining."""
    odds = LEVEL + RATING * (rating - 3.0) + OF_A_CHANNEL[channel] + TENURE * np.log10(1 + np.maximum(tenure, 0) / 10)
    result: Floats = 1 / (1 + np.exp(-odds))
    return result


def simulate(customers: int, seed: int, cutoff: datetime, days: int = 500, after_days: int = 90) -> Company:
    """Contacts and leavings from `days` before the cutoff to `after_days` after it; customers join all the time.

    Nobody says when a date of leaving became known: it is known when it happens.
    """
    random = np.random.default_rng(seed)
    begin = cutoff - timedelta(days=days)
    joined = random.integers(0, days, customers)
    rating, channel = random.integers(1, 6, customers), random.integers(0, len(CHANNELS), customers)
    often = np.minimum(random.gamma(2.0, 0.03, customers), 0.5)
    left = np.full(customers, np.inf)
    who, when = [], []
    for day in range(days + after_days):
        there = (joined <= day) & np.isinf(left)
        touched = np.flatnonzero(there & ((joined == day) | (random.random(customers) < often)))
        who.append(touched)
        # Contacts come before noon and leavings after it, so that nobody is in touch once gone.
        when.append((day + 0.5 * random.random(touched.size)) * _US_A_DAY)
        leaves = there & (random.random(customers) < chance(rating, channel, (day - joined).astype(np.float64)))
        left[leaves] = day + 0.5 + 0.5 * random.random(int(leaves.sum()))
    ids = [f"L{number:06d}" for number in range(customers)]
    code = np.concatenate(who)
    tables = {name: table.schema.empty_table() for name, table in TABLES.items()}
    tables["interactions"] = _contacts(code, np.concatenate(when), rating[code], channel[code], begin)
    tables["customers"] = _customers(ids, left, begin)
    return Company(tables, ids, rating, channel, (days - joined).astype(np.float64))


def _contacts(
    who: npt.NDArray[np.int64],
    when: Floats,
    stars: npt.NDArray[np.int64],
    channel: npt.NDArray[np.int64],
    begin: datetime,
) -> pa.Table:
    at = _moments(when, begin)
    count = len(who)
    return _table(
        "interactions",
        count,
        {
            "interaction_id": pa.array([f"I{number}" for number in range(count)]),
            "customer_id": pa.array([f"L{number:06d}" for number in who]),
            "occurred_at": at,
            "channel": pa.array(CHANNELS).take(pa.array(channel)),
            "direction": pa.array(["inbound"] * count),
            "satisfaction": pa.array(stars),
            "rated_at": at,
            "known_at": at,
            "collected_at": at,
            "is_automated": pa.array([False] * count),
        },
    )


def _customers(ids: list[str], left: Floats, begin: datetime) -> pa.Table:
    gone = np.isfinite(left)
    moments = _moments(np.where(gone, left, 0.0) * _US_A_DAY, begin)
    collected = pa.array([begin + timedelta(days=10_000)] * len(ids), pa.timestamp("us", tz="UTC"))
    told = pa.array(np.where(gone, np.arange(len(ids)), -1), mask=~gone)
    return _table(
        "customers",
        len(ids),
        {
            "customer_id": pa.array(ids),
            "left_at": moments.take(told),
            "known_at": collected,
            "collected_at": collected,
            "is_revision": pa.array([False] * len(ids)),
        },
    )


def _moments(microseconds: Floats, begin: datetime) -> pa.Array:
    since = pa.array(microseconds.astype(np.int64) + int(begin.timestamp() * 1e6))
    return since.cast(pa.timestamp("us", tz="UTC"))


def _table(name: str, count: int, columns: dict[str, pa.Array]) -> pa.Table:
    schema = TABLES[name].schema
    given = {**columns, "source": pa.array(["known"] * count), "source_row": pa.array(np.arange(count))}
    return pa.table({one.name: given.get(one.name, pa.nulls(count, one.type)) for one in schema}).cast(schema)
