"""By which channels a customer is in touch."""

from __future__ import annotations

import ibis

from features.history import History
from features.windows import Window

_SHARES = ("phone", "email", "chat", "social", "web")


def channel_mix(history: History, window: Window) -> ibis.Table:
    """Shares of channels among the contacts each customer began in the observation window.

    One row per customer with a contact in the window: customer_id, phone_share, email_share, chat_share, social_share,
    web_share (null when the customer began none), channels_used, outbound_count (contacts the company began, machines'
    included).
    """
    rows = history.observed_interactions
    return rows.group_by("customer_id").aggregate(**measures(rows))


def measures(rows: ibis.Table) -> dict[str, ibis.Value]:
    """The figures of `channel_mix` as aggregates over the window's interactions."""
    contact = rows.is_contact
    contacts = rows.count(where=contact).nullif(0)
    shares = {f"{name}_share": rows.count(where=contact & (rows.channel == name)) / contacts for name in _SHARES}
    return {
        **shares,
        "channels_used": rows.channel.nunique(where=contact),
        "outbound_count": rows.count(where=(rows.direction == "outbound")),
    }
