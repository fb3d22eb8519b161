"""By which channels a customer is in touch."""

from __future__ import annotations

import functools
import operator

import ibis

from features.history import History
from features.windows import Window

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
    contact = rows.is_contact
    contacts = rows.count(where=contact).nullif(0)
    shares = {f"{name}_share": rows.count(where=contact & (rows.channel == name)) / contacts for name in _SHARES}
    known = rows.direction.isin(["inbound", "outbound"])
    return {
        **shares,
        "channels_used": rows.channel.nunique(where=contact),
        "outbound_count": rows.count(where=(rows.direction == "outbound")),
        "outbound_share": rows.count(where=(rows.direction == "outbound")) / rows.count(where=known).nullif(0),
        "channel_shift": _shift(rows),
    }


def _shift(rows: ibis.Table) -> ibis.Value:
    """Total variation distance; what is by none of the named channels counts as one more."""
    lately, before = rows.is_contact & rows.is_recent, rows.is_contact & ~rows.is_recent
    named = rows.channel.isin(_SHARES).fill_null(False)
    parts = [*((rows.channel == name).fill_null(False) for name in _SHARES), ~named]
    recent, earlier = rows.count(where=lately), rows.count(where=before)
    # Over one denominator, so that the sum is of whole numbers, divided once.
    distances = [
        (rows.count(where=lately & part) * earlier - rows.count(where=before & part) * recent).abs() for part in parts
    ]
    return functools.reduce(operator.add, distances) / (2 * recent * earlier).nullif(0)
