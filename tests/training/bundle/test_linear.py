import numpy as np

from training.bundle.linear import CUT, Linear, bent

LINEAR = Linear(0.5, (0.0, np.log(11.0)), (1.0, 2.0), (2.0, -1.0))


def test_it_is_the_formula() -> None:
    inputs = np.array([[0.0, 10.0], [np.e - 1, 10.0], [-(np.e - 1), 0.0]])
    np.testing.assert_allclose(LINEAR.log_odds(inputs), [0.5, 2.5, 0.5 - 2 + np.log(11.0) / 2], atol=1e-12)


def test_the_unknown_counts_as_the_centre_and_the_far_as_far() -> None:
    found = LINEAR.parts(np.array([[np.nan, 1e30]]))
    assert found.tolist() == [[0.0, -CUT]]


def test_the_bend_keeps_signs() -> None:
    values = bent(np.array([-3.0, 0.0, 3.0]))
    assert values[0] == -values[2]
    assert values[1] == 0


def test_it_is_read_as_it_was_written() -> None:
    assert Linear.read(LINEAR.written()) == LINEAR
