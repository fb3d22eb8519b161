"""Erlang C: published answers, and an oracle that adds the textbook's series up in whole fractions."""

from fractions import Fraction
from math import exp, factorial

import numpy as np
import pytest

from training.bundle.erlang import least_agents, load, queue, waiting_share, with_shrinkage
from workspace.errors import QueryError


def by_the_book(erlangs: Fraction, agents: int) -> float:
    """Erlang C from its definition: a^n/n! n/(n-a) over the sum of all states."""
    last = erlangs**agents / factorial(agents) * agents / (agents - erlangs)
    return float(last / (sum(erlangs**count / factorial(count) for count in range(agents)) + last))


def test_100_calls_of_180_seconds_in_half_an_hour_need_14_agents() -> None:
    found = least_agents(load(np.array([100.0]), 180, 1800), 0.8, 180, 20)
    assert found.agents.tolist() == [14]
    assert found.service_level[0] == pytest.approx(0.8884, abs=5e-5)
    assert found.occupancy[0] == pytest.approx(0.714, abs=5e-4)
    assert queue(found.erlangs, np.array([13]), 180, 20).service_level[0] < 0.8


def test_the_eye_clinic_of_gross_and_harris() -> None:
    """Fundamentals of Queueing Theory, M/M/3 with 6 patients an hour of 20 minutes: 4/9 wait, 4/27 hours on average."""
    found = queue(load(np.array([6.0]), 1200, 3600), np.array([3]), 1200, 0)
    assert waiting_share(np.array([2.0]), np.array([3]))[0] == pytest.approx(4 / 9)
    assert found.answer_seconds[0] == pytest.approx(3600 * 4 / 27)
    assert found.service_level[0] == pytest.approx(5 / 9)


def test_one_agent_is_the_queue_m_m_1() -> None:
    share = np.array([0.1, 0.5, 0.9])
    assert waiting_share(share, np.array([1])) == pytest.approx(share)
    assert queue(share, np.array([1]), 60, 30).service_level == pytest.approx(1 - share * np.exp(-(1 - share) * 0.5))


@pytest.mark.parametrize(("erlangs", "agents"), [("1/2", 1), ("5", 10), ("20", 22), ("95", 100), ("290", 300)])
def test_as_the_definition_in_exact_fractions(erlangs: str, agents: int) -> None:
    load_ = Fraction(erlangs)
    found = queue(np.array([float(load_)]), np.array([agents]), 240, 15)
    waits = by_the_book(load_, agents)
    assert waiting_share(found.erlangs, found.agents)[0] == pytest.approx(waits, rel=1e-12)
    assert found.service_level[0] == pytest.approx(1 - waits * exp(-(agents - float(load_)) * 15 / 240), rel=1e-12)
    assert found.answer_seconds[0] == pytest.approx(waits * 240 / (agents - float(load_)), rel=1e-12)


def test_thousands_of_agents_stay_exact() -> None:
    exactly = by_the_book(Fraction(1980), 2000)
    assert waiting_share(np.array([1980.0]), np.array([2000]))[0] == pytest.approx(exactly, rel=1e-10)
    found = least_agents(np.array([8000.0]), 0.8, 300, 20)
    assert 8000 < found.agents[0] < 8200
    fewer = queue(found.erlangs, found.agents - 1, 300, 20)
    assert fewer.service_level[0] < 0.8 <= found.service_level[0]


def test_the_fewest_are_found_for_many_loads_at_once() -> None:
    erlangs = np.random.default_rng(1).gamma(1.0, 20.0, 300)
    found = least_agents(erlangs, 0.9, 200, 10)
    assert (found.service_level >= 0.9).all()
    fewer = queue(erlangs, np.maximum(found.agents - 1, 0), 200, 10)
    assert (fewer.service_level < 0.9).all()


def test_nobody_is_needed_for_nothing_and_too_few_never_catch_up() -> None:
    found = least_agents(np.array([0.0]), 0.8, 180, 20)
    assert (found.agents[0], found.service_level[0], found.answer_seconds[0]) == (0, 1, 0)
    swamped = queue(np.array([10.0]), np.array([10]), 180, 20)
    assert (swamped.service_level[0], swamped.occupancy[0], swamped.answer_seconds[0]) == (0, 1, np.inf)


def test_who_waits_as_simulated_call_by_call() -> None:
    """10 erlangs, 13 agents: a queue of 200,000 calls, each taken by the agent who is free first."""
    generator = np.random.default_rng(2)
    arrive = np.cumsum(generator.exponential(1800 / 100, 200_000))
    free, waits = np.zeros(13), np.empty(len(arrive))
    for call, (at, takes) in enumerate(zip(arrive, generator.exponential(180, len(arrive)), strict=True)):
        agent = int(free.argmin())
        begun = max(at, free[agent])
        waits[call], free[agent] = begun - at, begun + takes
    found = queue(np.array([10.0]), np.array([13]), 180, 20)
    assert (waits <= 20).mean() == pytest.approx(found.service_level[0], abs=0.01)
    assert waits.mean() == pytest.approx(found.answer_seconds[0], rel=0.08)


def test_shrinkage_is_put_on_top() -> None:
    assert with_shrinkage(np.array([7, 14, 0]), 0.3).tolist() == [10, 20, 0]
    with pytest.raises(QueryError, match="Shrinkage"):
        with_shrinkage(np.array([7]), 1.0)


@pytest.mark.parametrize(
    ("erlangs", "level", "handle", "within", "said"),
    [
        (10.0, 1.0, 180, 20, "service level"),
        (10.0, 0.8, 0, 20, "seconds"),
        (10.0, 0.8, 180, -1, "threshold"),
        (-1.0, 0.8, 180, 20, "load"),
        (1e9, 0.8, 180, 20, "unit"),
        (float("nan"), 0.8, 180, 20, "load"),
    ],
)
def test_what_makes_no_sense_is_refused(erlangs: float, level: float, handle: float, within: float, said: str) -> None:
    with pytest.raises(QueryError, match=said):
        least_agents(np.array([erlangs]), level, handle, within)
