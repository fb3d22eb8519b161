from collections.abc import Callable
from types import SimpleNamespace

import pandas as pd

from features.customer.channel_mix import channel_mix


def test_equals_plain_pandas(past: SimpleNamespace, made: Callable, same: Callable) -> None:
    shares = pd.crosstab(past.contacts.customer_id, past.contacts.channel, normalize="index")
    expected = shares[["phone", "email", "chat", "social", "web"]].add_suffix("_share")
    expected = expected.reindex(past.touches.customer_id.unique())
    expected["channels_used"] = past.contacts.groupby("customer_id").channel.nunique()
    expected["outbound_count"] = past.touches[past.touches.direction == "outbound"].groupby("customer_id").size()
    expected = expected.fillna({"channels_used": 0, "outbound_count": 0})
    found = made(channel_mix)
    assert set(found.index) == set(expected.index)
    same(found, expected)
