import numpy as np
import pytest

from training.bundle.behaviour import CHANNELS, OF_CONTACTS
from training.segment_scales import IMPORTANCE, fit_scales, weighted


def inputs(rows: int = 200) -> dict[str, np.ndarray]:
    random = np.random.default_rng(1)
    shares = random.dirichlet(np.ones(6), rows).T
    return {
        "contacts_monthly": random.gamma(2, 1, rows),
        "orders_monthly": np.ones(rows),
        "order_amount_mean": np.where(random.random(rows) < 0.3, random.gamma(2, 50, rows), np.nan),
        "income": np.where(random.random(rows) < 0.9, random.gamma(2, 5e4, rows), np.nan),
        "contacts": random.integers(1, 30, rows).astype(float),
        **dict(zip(CHANNELS, shares, strict=True)),
        **dict.fromkeys(OF_CONTACTS, random.random(rows)),
    }


def test_what_is_the_same_for_all_or_known_of_few_tells_nobody_apart() -> None:
    names = [scale.name for scale in fit_scales(inputs())]
    assert "orders_monthly" not in names
    assert "order_amount_mean" not in names
    assert names == ["contacts_monthly", "income", *CHANNELS, *OF_CONTACTS]


def test_a_rest_of_channels_that_nobody_uses_tells_nobody_apart() -> None:
    values = inputs() | {"other_share": np.zeros(200)}
    assert "other_share" not in [scale.name for scale in fit_scales(values)]


def test_a_coordinate_has_the_spread_of_its_importance() -> None:
    values = inputs(5000)
    for scale in fit_scales(values):
        assert np.nanstd(scale.coordinate(values)) == pytest.approx(IMPORTANCE.get(scale.name, 1.0), rel=0.03)


def test_weights_are_put_in_place() -> None:
    scales = fit_scales(inputs())
    found = weighted(scales, np.arange(len(scales), dtype=float))
    assert [scale.weight for scale in found] == list(range(len(scales)))
    assert [scale.spread for scale in found] == [scale.spread for scale in scales]


def test_an_unknown_income_stays_unknown_an_unknown_share_is_the_usual_one() -> None:
    values = inputs()
    values["phone_share"][0] = np.nan
    found = {scale.name: scale.coordinate(values) for scale in fit_scales(values)}
    assert np.isnan(found["income"]).sum() == np.isnan(values["income"]).sum()
    assert not np.isnan(found["phone_share"]).any()
