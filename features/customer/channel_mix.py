"""By which channels a customer is in touch."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable, Sequence
from typing import Any

import ibis

from features.aggregates import count_where
from features.history import History
from features.windows import Window
from workspace.tables import CHANNELS

_SHARES = ("phone", "email", "chat", "social", "web")


def channel_mix(history: History, window: Window) -> ibis.Table:
    """Shares of channels among the contacts each customer began in the observation window.

    One row per customer with a contact in the window: customer_id, phone_share, email_share, chat_share, social_share,
    web_share (null when the customer began none), channels_used, outbound_count (contacts the company began, machines'
    included), outbound_share (of all contacts of known direction), channel_shift (half the sum over channels of
    |share in the last 90 days - share before|: 0 the same mix, 1 wholly other channels; null without contacts in both).
    """
    rows = history.observed_interactions
    return rows.group_by("customer_id").aggregate(**measures(rows))


def measures(rows: ibis.Table) -> dict[str, ibis.Value]:
    """The figures of `channel_mix` as aggregates over the window's interactions."""
    contacts = count_where(rows.is_contact).nullif(0)
    by = {name: count_where(rows.is_contact & (rows.channel == name)) for name in CHANNELS}
    outbound = count_where(rows.direction == "outbound")
    inbound = count_where(rows.direction == "inbound")
    return {
        **{f"{name}_share": by[name] / contacts for name in _SHARES},
        "channels_used": _sum((count > 0).ifelse(1, 0).cast("int64") for count in by.values()),
        "outbound_count": outbound,
        "outbound_share": outbound / (outbound + inbound).nullif(0),
        "channel_shift": _shift(rows, [by[name] for name in _SHARES]),
    }


def _shift(rows: ibis.Table, by: Sequence[Any]) -> Any:
    """Total variation distance from the counts `by` the named channels; what is by none of them counts as one more."""
    lately = rows.is_contact & rows.is_recent
    everything, recent = count_where(rows.is_contact), count_where(lately)
    by_recent = [count_where(lately & (rows.channel == name)) for name in _SHARES]
    earlier = everything - recent
    parts = [*zip(by, by_recent, strict=True), (everything - _sum(by), recent - _sum(by_recent))]
    # Over one denominator, so that the sum is of whole numbers, divided once.
    distances = [(now * earlier - (ever - now) * recent).abs() for ever, now in parts]
    return _sum(distances) / (2 * recent * earlier).nullif(0)


def _sum(counts: Iterable[Any]) -> Any:
    return functools.reduce(operator.add, counts)
