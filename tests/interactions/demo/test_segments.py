"""Five segments: shares that add up, people scattered around them, planted as drawn."""

import numpy as np
import pyarrow.compute as pc
import pytest

from interactions.demo.company import Company
from interactions.demo.segments import CHANNELS, SEGMENTS, draw_people, loyal, parameter, scatter


def test_shares_and_mixes_add_up() -> None:
    assert parameter("share").sum() == pytest.approx(1)
    assert parameter("mix").sum(axis=1) == pytest.approx(np.ones(len(SEGMENTS)))
    assert parameter("mix").shape == (5, len(CHANNELS))


def test_people_scatter_around_their_segment() -> None:
    people = draw_people(np.random.default_rng(0), 20_000)
    for number, segment in enumerate(SEGMENTS):
        members = people.segment == number
        assert members.mean() == pytest.approx(segment.share, abs=0.015)
        assert people.contact_rate[members].mean() == pytest.approx(segment.contact_rate, rel=0.05)
        assert np.median(people.income[members]) == pytest.approx(segment.income, rel=0.05)
        assert people.mix[members].mean(axis=0) == pytest.approx(np.array(segment.mix), abs=0.015)
    assert people.mix.sum(axis=1) == pytest.approx(np.ones(20_000))


def test_old_customers_are_harder_to_lose() -> None:
    people = draw_people(np.random.default_rng(0), 10)
    old = np.arange(10) < 5
    changed = loyal(people, old)
    assert (changed.leave_rate[old] < people.leave_rate[old]).all()
    assert (changed.leave_rate[~old] == people.leave_rate[~old]).all()


def test_the_planted_segments_are_in_the_truth_and_nowhere_else(company: Company) -> None:
    sizes = pc.value_counts(company.truth["customers"]["segment"]).to_pylist()
    assert {row["values"] for row in sizes} == {0, 1, 2, 3, 4}
    for row in sizes:
        assert row["counts"] / 1500 == pytest.approx(SEGMENTS[row["values"]].share, abs=0.04)
    assert not any("segment" in name for table in company.tables.values() for name in table.column_names)


def test_people_stray_as_far_as_asked_or_are_all_alike() -> None:
    usual, wide = (draw_people(np.random.default_rng(0), 20_000, scatter(overlap)) for overlap in (1.0, 2.0))
    spreads = [np.log(people.income)[people.segment == 0].std() for people in (usual, wide)]
    assert spreads[1] == pytest.approx(2 * spreads[0], rel=0.05)
    alike = draw_people(np.random.default_rng(0), 20_000, alike=True)
    means = [np.log(alike.contact_rate[alike.segment == group]).mean() for group in range(len(SEGMENTS))]
    assert np.ptp(means) < 0.05
    with pytest.raises(ValueError, match="above 0"):
        scatter(0)
