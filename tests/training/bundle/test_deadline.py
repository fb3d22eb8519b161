"""E-mail before its deadline: beside a queue that is worked off minute by minute."""

import numpy as np
import pytest

from training.bundle.deadline import least_agents
from workspace.errors import QueryError

HOUR = 3600.0


def late(work: np.ndarray, capacity: np.ndarray, agents: int, due: int) -> bool:
    """Work each period's mail off in order, a hundredth of a period at a time; whether any is finished too late."""
    fine, parts = 100, []
    opened = np.concatenate([capacity, np.full(due + 1, capacity.mean())])
    for period in range(len(opened) * fine):
        whole = period // fine
        if whole < len(work) and work[whole] > 0:
            parts.append([period, work[whole] / fine])
        able = opened[whole] * agents / fine
        while able > 1e-12 and parts:
            done = min(able, parts[0][1])
            parts[0][1] -= done
            able -= done
            if parts[0][1] <= 1e-9:
                parts.pop(0)
        if parts and period - parts[0][0] > due * fine + 1:
            return True
    return False


def test_work_that_may_wait_is_levelled() -> None:
    work = np.array([10.0, 0, 0, 0, 0]) * HOUR
    assert least_agents(work, np.full(5, HOUR), 0).agents == 10
    assert least_agents(work, np.full(5, HOUR), 1).agents == 5
    assert least_agents(work, np.full(5, HOUR), 4).agents == 2


def test_what_comes_while_closed_is_carried_over() -> None:
    found = least_agents(np.array([4.0, 0, 0]) * HOUR, np.array([0, HOUR, HOUR]), 2)
    assert found.agents == 2
    assert found.left_seconds.tolist() == [4 * HOUR, 2 * HOUR, 0]
    assert found.occupancy.tolist() == [0, 1, 1]


@pytest.mark.parametrize("seed", range(6))
def test_as_few_as_a_simulation_needs(seed: int) -> None:
    generator = np.random.default_rng(seed)
    work = generator.gamma(0.6, 6.0, 24) * HOUR
    capacity = np.where(np.arange(24) % 8 < 5, HOUR, 0.0)
    due = int(generator.integers(4, 9))
    found = least_agents(work, capacity, due)
    assert not late(work, capacity, found.agents, due)
    assert found.agents == 0 or late(work, capacity, found.agents - 1, due)


def test_without_work_nobody_is_needed() -> None:
    assert least_agents(np.zeros(4), np.full(4, HOUR), 2).agents == 0


def test_what_no_number_of_agents_can_do_is_said() -> None:
    with pytest.raises(QueryError, match="opens again"):
        least_agents(np.array([1.0, 0, 0]), np.array([0.0, 0, HOUR]), 0)
    with pytest.raises(QueryError, match="negative"):
        least_agents(np.array([-1.0]), np.array([HOUR]), 0)
