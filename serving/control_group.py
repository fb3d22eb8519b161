"""A random control group that stays the same: who is held out of a campaign is the customer's own lot, drawn once."""

import hmac
from collections.abc import Iterable

HOLDOUT = 0.1
MOST_HELD_OUT = 0.9
_BITS = 64


def is_held_out(secret: bytes, campaign: str, customer_id: str, share: float) -> bool:
    """Whether a customer belongs to a campaign's control group of this share (0 to 1) of everybody.

    A keyed hash of campaign and customer, read as a number on [0, 1), lies below `share`. So the lot of one customer
    depends neither on who else is on the list nor on the version: the same campaign holds out the same people again,
    a greater share holds out these and more, and another campaign draws anew. The price is that a list's own share is
    met by chance, within a binomial distribution, not exactly.
    """
    lot = hmac.digest(secret, f"holdout:{len(campaign)}:{campaign}:{customer_id}".encode(), "sha256")
    return bool(int.from_bytes(lot[: _BITS // 8], "big") < share * 2**_BITS)


def parted(secret: bytes, campaign: str, customer_ids: Iterable[str], share: float) -> tuple[list[str], list[str]]:
    """Who is sent and who is held out, each in the given order."""
    sent: list[str] = []
    held_out: list[str] = []
    for customer_id in customer_ids:
        (held_out if is_held_out(secret, campaign, customer_id, share) else sent).append(customer_id)
    return sent, held_out
