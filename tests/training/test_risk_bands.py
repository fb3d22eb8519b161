import numpy as np
import pytest

from training.risk_bands import risk_bands
from workspace.settings import Costs

RISKS = np.linspace(0.0, 1.0, 101)


def test_an_offer_pays_from_its_cost_over_what_it_brings() -> None:
    found = risk_bands(RISKS, Costs(offer=20, margin=400, save_rate=0.25))
    assert found["by"] == "costs"
    assert found["medium"] == pytest.approx(20 / (0.25 * 400))
    assert found["high"] == pytest.approx(2 * found["medium"])


def test_an_offer_that_never_pays_leaves_everybody_low() -> None:
    assert risk_bands(RISKS, Costs(offer=20, margin=40, save_rate=0.25))["medium"] > 1


def test_without_costs_the_riskiest_tenth_is_high() -> None:
    found = risk_bands(RISKS, None)
    assert found == {"medium": pytest.approx(0.7), "high": pytest.approx(0.9), "by": "shares"}
