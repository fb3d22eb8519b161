"""Where every customer stands in the course of the simulation."""

from dataclasses import dataclass

import numpy as np

from interactions.demo.arrays import Flags, Floats, Ints
from interactions.demo.clock import DAY
from interactions.demo.segments import People


@dataclass
class State:
    """Where every customer stands, arrays of [customers]; days count from the first simulated one."""

    joined: Ints
    to_contact: Floats  # operational time to the next contact and order
    to_order: Floats
    annoyance: Floats
    coming: Floats  # [8, customers]: annoyance that arrives on a later day, by day modulo 8
    last_event: Floats
    last_order: Floats
    fade_from: Floats  # nan: not fading
    fade_days: Floats
    back: Flags
    paused_until: Floats
    follow_up: Floats
    left: Floats  # nan: still there
    contact_exposure: Floats
    order_exposure: Floats


def first_state(rng: np.random.Generator, people: People, joined: Ints) -> State:
    """Everybody before the first day: calm, in the middle of a gap between contacts, never seen by us."""
    count = len(people)
    shape = people.regularity
    return State(
        joined=joined,
        # A new customer's first contact comes soon: joining is what brings questions.
        to_contact=np.where(joined >= 0, 0.12, rng.random(count)) * rng.standard_gamma(shape) / shape,
        to_order=np.where(joined >= 0, 0.3, rng.random(count)) * rng.standard_gamma(2.0, count) / 2.0,
        annoyance=np.where(joined >= 0, 0.0, rng.exponential(0.12, count)),
        coming=np.zeros((8, count)),
        last_event=np.maximum(joined / DAY, -5.0),
        last_order=np.full(count, -1e6),
        fade_from=np.full(count, np.nan),
        fade_days=np.full(count, np.nan),
        back=np.zeros(count, dtype=np.bool_),
        paused_until=np.full(count, -1.0),
        follow_up=np.full(count, -1.0),
        left=np.full(count, np.nan),
        contact_exposure=np.zeros(count),
        order_exposure=np.zeros(count),
    )
