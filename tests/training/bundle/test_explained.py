import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from training.bundle.explained import Parts, explained

NUMBER = st.floats(-6, 6)


@given(st.lists(st.tuples(NUMBER, NUMBER, NUMBER, NUMBER), min_size=1, max_size=5))
def test_the_parts_add_up_to_the_risk(steps: list[tuple[float, float, float, float]]) -> None:
    parts = [Parts(start, np.array([[one, two]]), np.array([season])) for start, one, two, season in steps]
    found = explained(parts)
    hazards = [1 / (1 + np.exp(-(start + one + two + season))) for start, one, two, season in steps]
    total = found.start + found.features.sum() + found.season[0]
    assert abs(total - np.prod([1 - hazard for hazard in hazards])) < 1e-9


def test_what_says_nothing_gets_nothing_and_what_brings_back_lowers_the_risk() -> None:
    found = explained([Parts(-1.0, np.array([[0.0, 2.0, -1.0]]), np.zeros(1))] * 3)
    nothing, up, down = found.features[0]
    assert nothing == 0
    assert up < 0 < down


def test_who_is_like_anybody_has_anybodys_risk() -> None:
    found = explained([Parts(0.0, np.zeros((2, 3)), np.zeros(2))] * 2)
    assert found.start == 0.25
    assert not found.features.any()
