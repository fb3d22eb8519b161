from collections.abc import Callable
from types import SimpleNamespace

import pandas as pd

from features.customer.surveys import surveys


def test_equals_plain_pandas(past: SimpleNamespace, made: Callable, same: Callable) -> None:
    rows = past.surveys.assign(gap=past.surveys.importance * (5 - past.surveys.satisfaction))
    grouped = rows.groupby("customer_id")
    expected = pd.DataFrame({"need_gap": grouped.gap.mean(), "survey_satisfaction": grouped.satisfaction.mean()})
    found = made(surveys)
    assert set(found.index) == set(expected.index)
    same(found, expected)
