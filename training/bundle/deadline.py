"""How many agents finish every e-mail before its deadline: work that may wait, and is carried over.

Work comes in evenly within each period and is done in the order it came. A steady number of agents meets every deadline
exactly when, for every stretch of periods, they can do the work that came in it before the last of it is due:
work[s..e] <= agents x open seconds[s..e + deadline] (the processor demand criterion of Baruah, Rosier and Howell 1990;
in between the boundaries both sides are straight lines).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workspace.errors import QueryError

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Worked:
    """`agents` at work in every open period; per period the share of their time used and the work left at its end."""

    agents: int
    occupancy: Floats
    left_seconds: Floats


def least_agents(work_seconds: Floats, open_seconds: Floats, deadline_periods: int) -> Worked:
    """The fewest agents, the same in every open period, who finish all work within `deadline_periods` of its arrival.

    work_seconds: handling time that comes in, per period; open_seconds: how long agents work in each, 0 when closed.
    After the last period time goes on as open as it was on average. 0 periods: done in the period it comes in.
    Raises QueryError for negative input, or when some work's deadline comes before any open period.
    """
    work, capacity = np.asarray(work_seconds, np.float64), np.asarray(open_seconds, np.float64)
    if deadline_periods < 0 or work.min(initial=0.0) < 0 or capacity.min(initial=0.0) < 0:
        raise QueryError("Work, opening times and deadlines can't be negative. Check what was given.")
    needed = _needed(work, capacity, deadline_periods)
    if not np.isfinite(needed):
        raise QueryError(
            "Some work is due before the company opens again, so no number of agents is enough. Allow more time."
        )
    # A millionth less than a whole agent too much is rounding, not work.
    agents = int(np.ceil(needed - 1e-9))
    return _worked(work, capacity, agents)


def _needed(work: Floats, capacity: Floats, deadline: int) -> float:
    """The greatest ratio of work to open time over all stretches; inf where work meets no open time."""
    periods = len(work)
    arrived = np.concatenate([[0.0], np.cumsum(work)])
    later = np.full(min(deadline, 100_000), capacity.mean() if periods else 0.0)
    opened = np.concatenate([[0.0], np.cumsum(np.concatenate([capacity, later]))])
    most = 0.0
    for start in range(periods):
        content = arrived[start + 1 :] - arrived[start]
        room = opened[start + 1 + len(later) : periods + 1 + len(later)] - opened[start]
        busy = content > 0
        if (busy & (room <= 0)).any():
            return float("inf")
        if busy.any():
            most = max(most, float((content[busy] / room[busy]).max()))
    return most


def _worked(work: Floats, capacity: Floats, agents: int) -> Worked:
    left, occupancy, waiting = 0.0, np.zeros(len(work)), np.zeros(len(work))
    for period, (came, room) in enumerate(zip(work, capacity * agents, strict=True)):
        done = min(left + came, room)
        left = left + came - done
        occupancy[period], waiting[period] = done / room if room > 0 else 0.0, left
    return Worked(agents, occupancy, waiting)
