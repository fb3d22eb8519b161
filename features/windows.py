"""Cutoff, observation window and active days: all half-open, all counted back from the cutoff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    import ibis

    from workspace.settings import Settings

DAY_US = 86_400_000_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# By which of a customer's data churn is told: their silence, that of their orders, or the date they left.
Event = Literal["interactions", "orders", "left_at"]


@dataclass(frozen=True)
class Window:
    """What features may look at: events in `[cutoff - observation_days, cutoff)`, and what was known before `cutoff`.

    cutoff: an aware moment; None means the one row of the table `window` (column `cutoff`), for SQL that is compiled
    once and run at any cutoff; with `of_each` that table has a row for each customer (columns `customer_id`, `cutoff`),
    who is not in it has no features, and of each key the tables hold the version alone that counts. event: what churn
    is told by, as in `[churn]`; by "left_at" contacts and orders alike keep a customer active.
    """

    cutoff: datetime | None
    observation_days: int = 365
    active_days: int = 90
    event: Event = "interactions"
    of_each: bool = False

    def __post_init__(self) -> None:
        if self.cutoff is not None and self.cutoff.utcoffset() is None:
            raise ValueError("a cutoff needs a time zone: expected an aware datetime, found a naive one")
        if self.event not in get_args(Event):
            raise ValueError(f'expected event "interactions", "orders" or "left_at", found {self.event!r}')

    @classmethod
    def from_settings(cls, settings: Settings, cutoff: datetime | None) -> Window:
        """The window lengths and the event that rapport.toml sets, before `cutoff`."""
        windows = settings.windows
        return cls(cutoff, windows.observation_days, windows.active_days, settings.churn.event)

    @property
    def cutoff_us(self) -> int | None:
        """The cutoff in microseconds since 1970 in UTC; None when the table `window` holds it."""
        return None if self.cutoff is None else micros_of(self.cutoff)


def micros_of(moment: datetime) -> int:
    """Microseconds since 1970 in UTC, exactly (timestamps as floats are not)."""
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def within(age_us: ibis.Value, days: int) -> ibis.Value:
    """True for what lies in the last `days` before the cutoff, `[cutoff - days, cutoff)`; an age is never below 1."""
    return age_us <= days * DAY_US
