from collections.abc import Callable
from types import SimpleNamespace

import pandas as pd

from features.customer.value import value


def test_equals_plain_pandas(past: SimpleNamespace, made: Callable, same: Callable) -> None:
    lines = past.orders[past.orders["at"] >= past.start]
    grouped = lines.groupby("customer_id")
    everybody = past.customers.index.union(past.orders.customer_id.unique())
    expected = pd.DataFrame(index=everybody)
    expected["order_count"] = grouped.order_id.nunique()
    expected["order_amount"] = grouped.amount.sum()
    expected["order_amount_mean"] = expected.order_amount.astype(float) / expected.order_count
    lately = lines[lines["at"] >= past.recent].groupby("customer_id")
    expected["order_count_90"] = lately.order_id.nunique()
    expected["order_amount_90"] = lately.amount.sum()
    last = past.orders.groupby("customer_id")["at"].max()
    expected["order_recency_days"] = (past.cutoff - last) / pd.Timedelta(days=1)
    expected["income"] = past.customers.income
    found = made(value)
    assert set(found.index) == set(everybody)
    same(found, expected.fillna(dict.fromkeys(("order_count", "order_amount", "order_count_90", "order_amount_90"), 0)))
