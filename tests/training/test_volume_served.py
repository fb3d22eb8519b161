"""What is served of a forecast: the mix, or last week's numbers, all channels adding up."""

import numpy as np

from training.bundle.volume import SEASONAL_NAIVE
from training.volume_panel import GRAINS, Panel
from training.volume_served import SERVED, with_served
from training.volume_walk import MODEL, Walk

COUNTS = np.array([[6.0] * 70, [4.0] * 70, [10.0] * 70])


def walked() -> Walk:
    panel = Panel(GRAINS["day"], ("chat", "phone", "all"), np.datetime64("2025-01-06T00:00"), COUNTS)
    model = np.tile(np.array([5.0, 3.0, 9.0])[None, :, None], (2, 1, 7))
    naive = np.tile(np.array([8.0, 4.0, 12.0])[None, :, None], (2, 1, 7))
    return Walk(panel, np.array([56, 63]), np.full((2, 3, 7), np.nan), {MODEL: model, SEASONAL_NAIVE: naive})


def test_each_channel_is_what_it_is_served_from_and_they_add_up() -> None:
    served = {"chat": SEASONAL_NAIVE, "phone": MODEL, "all": MODEL}
    found = with_served(walked(), served).means[SERVED]
    assert (found[:, :2].sum(axis=1) == found[:, 2]).all()
    # Chat's eight and phone's three against a total of nine: they meet at ten.
    assert found[0, 2, 0] == np.round(10.0 * 2**20) / 2**20
    assert found[0, 0, 0] > found[0, 1, 0]


def test_the_model_alone_is_left_as_it_is() -> None:
    done = walked()
    assert (with_served(done, dict.fromkeys(done.panel.channels, MODEL)).means[SERVED] == done.means[MODEL]).all()
