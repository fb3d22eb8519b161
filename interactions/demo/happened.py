"""What happened in the simulated company, as plain arrays: rows of one day are put together to rows of all days."""

from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np

from interactions.demo.arrays import Flags, Floats, Ints


@dataclass(frozen=True)
class Served:
    """Contacts and what became of them, arrays of [contacts]; times in local seconds, NEVER where it did not happen.

    fading, annoyance and ordered_lately say how the customer came to the contact, experience (-2 to 2) how it was.
    """

    customer: Ints  # -1: unidentified
    channel: Ints
    at: Ints
    complaint: Flags
    fading: Flags
    annoyance: Floats
    ordered_lately: Flags
    wait: Ints  # seconds, -1 where nobody queues
    abandoned: Flags
    answered: Flags
    responded: Ints
    duration: Ints  # seconds, -1 where there is no conversation
    resolved: Ints
    reopened: Flags
    agent: Ints  # -1 where nobody answered
    experience: Floats


@dataclass(frozen=True)
class Ordered:
    """Who ordered when, arrays of [orders]."""

    customer: Ints
    at: Ints


@dataclass(frozen=True)
class Loads:
    """How busy every hour was, arrays of [hours x channels]: contacts that came, work over staff."""

    hour: Ints  # since the first midnight
    channel: Ints
    offered: Ints
    load: Floats


@dataclass(frozen=True)
class Hazards:
    """The true daily hazard of losing interest at some days, arrays of [customers x days]."""

    customer: Ints
    day: Ints
    hazard: Floats
    fading: Flags


@dataclass(frozen=True)
class History:
    """Everything that happened, and how lives ended."""

    contacts: Served
    orders: Ordered
    loads: Loads
    hazards: Hazards
    joined: Ints  # local seconds
    left: Ints  # local seconds, NEVER for who stayed
    contact_exposure: Floats  # days at full rate that each customer was there
    order_exposure: Floats
    expected: Floats  # [days, channels] contacts expected of customers and strangers


Rows = TypeVar("Rows", Served, Ordered, Loads, Hazards)


def together(days: list[Rows]) -> Rows:
    """The rows of all days, one day after the other."""
    kind = type(days[0])
    return kind(*(np.concatenate([getattr(day, one.name) for day in days]) for one in fields(kind)))
