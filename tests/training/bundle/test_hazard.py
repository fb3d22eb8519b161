import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.bundle.hazard import day_of_year, silence, step_columns, steps


@pytest.mark.parametrize(
    ("horizons", "edges", "ends"),
    [
        ((30, 60, 90), (0, 30, 60, 90), (1, 2, 3)),
        ((7, 14, 28), (0, 7, 14, 21, 28), (1, 2, 4)),
        ((30, 61), (0, 30, 45.5, 61), (1, 3)),
        ((5,), (0, 5), (1,)),
    ],
)
def test_horizons_are_cut_into_short_steps(horizons: tuple[int, ...], edges: tuple[float, ...], ends: object) -> None:
    cut = steps(horizons)
    assert cut.edges == edges
    assert cut.horizons == ends
    assert cut.longest == horizons[-1]


def test_a_long_first_horizon_is_cut_too() -> None:
    cut = steps((273,))
    assert cut.count == 9
    assert cut.edges[-1] == pytest.approx(273)
    assert cut.horizons == (9,)


@given(st.lists(st.lists(st.floats(0, 1), min_size=3, max_size=3), min_size=1, max_size=20))
def test_silence_never_rises_and_is_a_probability(hazards: list[list[float]]) -> None:
    curve = silence(list(np.array(hazards).T), (1, 2, 3))
    assert (np.diff(curve, axis=1) <= 0).all()
    assert ((curve >= 0) & (curve <= 1)).all()


def test_silence_is_the_product() -> None:
    curve = silence([np.array([0.5]), np.array([0.2]), np.array([0.25])], (1, 3))
    assert curve.tolist() == [[0.5, 0.5 * 0.8 * 0.75]]


def test_seasons_come_round() -> None:
    moments = np.array(["2025-01-01", "2025-12-31T23:00", "2024-12-31"], dtype="datetime64[us]")
    days = day_of_year(moments)
    assert days.tolist() == [0, 364, 365]
    columns = step_columns((0.0, 30.0, 60.0), 1, days, seasonal=True)
    assert columns.shape == (3, 4)
    assert columns[:, 0].tolist() == [30, 30, 30]
    assert columns[:, 2:].min() >= -1
    np.testing.assert_allclose(columns[0, 2:], columns[2, 2:], atol=0.01)
    assert step_columns((0.0, 30.0), 0, days, seasonal=False).shape == (3, 2)
