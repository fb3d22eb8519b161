"""Money is exact both ways."""

from decimal import Decimal

import numpy as np

from interactions.demo.money import money, ten_thousandths
from workspace.tables import MONEY


def test_ten_thousandths_become_decimals_and_come_back() -> None:
    whole = np.array([0, 1, 123_456_789, -5_0000, 10**15])
    amounts = money(whole)
    assert amounts.type == MONEY
    assert amounts.to_pylist() == [Decimal(int(value)).scaleb(-4) for value in whole]
    assert (ten_thousandths(amounts) == whole).all()
    assert (ten_thousandths(amounts.slice(2, 2)) == whole[2:4]).all()


def test_missing_amounts_are_null() -> None:
    assert money(np.array([1, 2]), np.array([True, False])).to_pylist() == [None, Decimal("0.0002")]
