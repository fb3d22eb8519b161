from collections.abc import Callable
from types import SimpleNamespace

import pandas as pd

from features.customer.rfm import rfm


def test_equals_plain_pandas(past: SimpleNamespace, made: Callable, same: Callable) -> None:
    events = past.events.groupby("customer_id")["at"]
    day = pd.Timedelta(days=1)

    def since(days: int) -> pd.Series:
        begin = max(past.start, past.cutoff - days * day)
        return events.apply(lambda at: (at >= begin).sum())

    expected = pd.DataFrame(
        {
            "recency_days": (past.cutoff - events.max()) / day,
            "tenure_days": (past.cutoff - events.min()) / day,
            "frequency": since(200),
            "frequency_30": since(30),
            "frequency_90": since(90),
        }
    )
    found = made(rfm)
    assert set(found.index) == set(expected.index)
    same(found, expected)
