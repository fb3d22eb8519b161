from collections.abc import Callable
from types import SimpleNamespace

import pandas as pd

from features.customer.channel_mix import channel_mix

NAMED = ["phone", "email", "chat", "social", "web"]


def shift(past: SimpleNamespace) -> pd.Series:
    """Total variation distance between the mix of the last 90 days and the one before."""
    contacts = past.contacts.assign(
        channel=past.contacts.channel.where(past.contacts.channel.isin(NAMED), "another"),
        recent=past.contacts["at"] >= past.recent,
    )
    mixes = pd.crosstab([contacts.recent, contacts.customer_id], contacts.channel, normalize="index")
    lately, before = mixes.loc[True], mixes.loc[False]
    both = lately.index.intersection(before.index)
    return (lately.loc[both] - before.loc[both]).abs().sum(axis=1) / 2


def test_equals_plain_pandas(past: SimpleNamespace, made: Callable, same: Callable) -> None:
    shares = pd.crosstab(past.contacts.customer_id, past.contacts.channel, normalize="index")
    expected = shares[NAMED].add_suffix("_share")
    expected = expected.reindex(past.touches.customer_id.unique())
    expected["channels_used"] = past.contacts.groupby("customer_id").channel.nunique()
    expected["outbound_count"] = past.touches[past.touches.direction == "outbound"].groupby("customer_id").size()
    known = past.touches[past.touches.direction.isin(["inbound", "outbound"])]
    expected["outbound_share"] = known.direction.eq("outbound").groupby(known.customer_id).mean()
    expected["channel_shift"] = shift(past)
    expected = expected.fillna({"channels_used": 0, "outbound_count": 0})
    found = made(channel_mix)
    assert set(found.index) == set(expected.index)
    same(found, expected)
