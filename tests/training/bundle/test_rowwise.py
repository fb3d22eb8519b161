import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from training.bundle.rowwise import log1p, sigmoid

NUMBERS = st.lists(st.floats(allow_nan=False, width=64), min_size=1, max_size=40)


@given(NUMBERS)
def test_a_batch_has_the_bits_of_its_rows(values: list[float]) -> None:
    batch = np.array(values)
    wide = np.column_stack([batch, batch])
    for function in (sigmoid, log1p):
        alone = np.array([function(np.array([value]))[0] for value in values])
        assert function(batch).tobytes() == alone.tobytes()
        assert np.ascontiguousarray(function(wide[:, 1])).tobytes() == alone.tobytes()


@given(st.floats(-600, 600))
def test_sigmoid_is_the_logistic_function(value: float) -> None:
    found = float(sigmoid(np.array([value]))[0])
    assert 0 <= found <= 1
    assert found == 1 / (1 + math.exp(-value))


def test_the_unknown_stays_unknown() -> None:
    assert np.isnan(log1p(np.array([math.nan, -1.0, -2.0]))).all()
    assert sigmoid(np.array([1e308, -1e308])).tolist() == [1.0, math.exp(-700) / (1 + math.exp(-700))]
