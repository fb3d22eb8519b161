"""How many agents answer so many calls in time: the Erlang C queue (Erlang 1917), exact for thousands of agents.

Calls arrive at random at a steady rate, take `handle_seconds` on average, wait for the first free agent and do not give
up. The load in erlangs is calls x handle seconds / period seconds. Erlang B, the share that finds nobody free, follows
from the number of agents by B(n) = a B(n-1) / (n + a B(n-1)), a sum of positive terms that neither overflows nor
cancels; Erlang C, the share that waits, is B / (1 - a/n (1 - B)). See Cooper, Introduction to Queueing Theory, 1981.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workspace.errors import QueryError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Beyond this a question is a slip of units, and its answer would keep a worker busy.
MOST_ERLANGS = 20_000.0


@dataclass(frozen=True)
class Queue:
    """What `agents` make of `erlangs` of load: arrays of one shape. service_level: share answered within the threshold;
    occupancy: share of the agents' time spent with callers; answer_seconds: mean wait of all calls, inf where more work
    comes in than the agents can do."""

    erlangs: Floats
    agents: Ints
    service_level: Floats
    occupancy: Floats
    answer_seconds: Floats


def load(calls: Floats, handle_seconds: float, period_seconds: Floats | float) -> Floats:
    """Erlangs of `calls` in a period: the agents that would be busy if none ever waited for a call."""
    return np.asarray(np.asarray(calls, np.float64) * handle_seconds / period_seconds)


def waiting_share(erlangs: Floats, agents: Ints) -> Floats:
    """Erlang C: the share of calls that find every agent busy; 1 where the load reaches the agents, 0 without load."""
    erlangs, agents = np.broadcast_arrays(np.asarray(erlangs, np.float64), np.asarray(agents, np.int64))
    blocked = np.ones(erlangs.shape)
    for count in range(1, int(agents.max(initial=0)) + 1):
        following = erlangs * blocked / (count + erlangs * blocked)
        blocked = np.where(count <= agents, following, blocked)
    return _waiting(erlangs, agents, blocked)


def queue(erlangs: Floats, agents: Ints, handle_seconds: float, within_seconds: float) -> Queue:
    """Service level, occupancy and speed of answer of given agents, all arrays of one shape."""
    erlangs, agents = np.broadcast_arrays(np.asarray(erlangs, np.float64), np.asarray(agents, np.int64))
    return _queue(erlangs, agents, waiting_share(erlangs, agents), handle_seconds, within_seconds)


def least_agents(erlangs: Floats, service_level: float, handle_seconds: float, within_seconds: float) -> Queue:
    """The fewest agents with whom `service_level` of the calls are answered within the threshold; 0 without any load.

    Raises QueryError for a target that isn't strictly between 0 and 1, a load that is negative, not finite or above
    MOST_ERLANGS, or times that aren't positive (a threshold may be 0: nobody waits).
    """
    erlangs = np.asarray(erlangs, np.float64)
    _check(erlangs, service_level, handle_seconds, within_seconds)
    agents = np.zeros(erlangs.shape, np.int64)
    blocked, waits = np.ones(erlangs.shape), np.where(erlangs > 0, 1.0, 0.0)
    open_still = erlangs > 0
    count = 0
    while open_still.any():
        count += 1
        following = erlangs * blocked / (count + erlangs * blocked)
        blocked = np.where(open_still, following, blocked)
        agents = np.where(open_still, count, agents)
        waits = np.where(open_still, _waiting(erlangs, agents, blocked), waits)
        reached = _answered(erlangs, agents, waits, handle_seconds, within_seconds)
        open_still = open_still & ((agents <= erlangs) | (reached < service_level))
    return _queue(erlangs, agents, waits, handle_seconds, within_seconds)


def with_shrinkage(agents: Ints, shrinkage: float) -> Ints:
    """Agents to put on the rota so that `agents` are at work when a share of them is ill, in training or at lunch.

    Raises QueryError for a share that isn't at least 0 and below 1.
    """
    if not 0 <= shrinkage < 1:
        raise QueryError(f"Shrinkage is a share from 0 up to, not including, 1, not {shrinkage}. Try 0.3.")
    # Rounded first: 7 / (1 - .3) must be 10, not 10.000000000000002 and thus 11.
    return np.ceil(np.round(agents / (1 - shrinkage), 9)).astype(np.int64)


def _waiting(erlangs: Floats, agents: Ints, blocked: Floats) -> Floats:
    stable = agents > erlangs
    busy = np.where(stable, erlangs / np.maximum(agents, 1), 0.0)
    return np.where(erlangs <= 0, 0.0, np.where(stable, blocked / (1 - busy * (1 - blocked)), 1.0))


def _answered(erlangs: Floats, agents: Ints, waits: Floats, handle_seconds: float, within_seconds: float) -> Floats:
    """Share answered within the threshold: who waits, waits exponentially long, at rate (agents - load) / handle."""
    spare = np.maximum(agents - erlangs, 0.0)
    return np.where((spare > 0) | (erlangs <= 0), 1 - waits * np.exp(-spare * within_seconds / handle_seconds), 0.0)


def _queue(erlangs: Floats, agents: Ints, waits: Floats, handle_seconds: float, within_seconds: float) -> Queue:
    spare = agents - erlangs
    mean = np.where(spare > 0, waits * handle_seconds / np.where(spare > 0, spare, 1.0), np.inf)
    return Queue(
        erlangs,
        agents,
        _answered(erlangs, agents, waits, handle_seconds, within_seconds),
        np.where(agents > 0, np.minimum(erlangs / np.maximum(agents, 1), 1.0), 0.0),
        np.where(erlangs > 0, mean, 0.0),
    )


def _check(erlangs: Floats, service_level: float, handle_seconds: float, within_seconds: float) -> None:
    if not 0 < service_level < 1:
        raise QueryError(f"A service level lies between 0 and 1, not at {service_level}. Try 0.8.")
    if not (np.isfinite(handle_seconds) and handle_seconds > 0):
        raise QueryError(f"Handling a contact takes some seconds, not {handle_seconds}. Say how many on average.")
    if not (np.isfinite(within_seconds) and within_seconds >= 0):
        raise QueryError(f"The threshold is 0 seconds or more, not {within_seconds}. Try 20.")
    if erlangs.size and not (np.isfinite(erlangs).all() and erlangs.min() >= 0 and erlangs.max() <= MOST_ERLANGS):
        raise QueryError(
            f"The load must lie between 0 and {MOST_ERLANGS:,.0f} erlangs in every period; found "
            f"{erlangs.min():,.1f} to {erlangs.max():,.1f}. Check the handling time's unit: seconds."
        )
