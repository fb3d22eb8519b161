"""Histories that come in by request: what may be said about a customer."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, FailFast, Field, StringConstraints
from pydantic.dataclasses import dataclass
from pydantic_core import PydanticCustomError

MAX_HISTORIES = 1000
MAX_ENTRIES = 20_000

Key = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Word = Annotated[str, StringConstraints(max_length=200)]
Text = Annotated[str, StringConstraints(max_length=20_000)]
Seconds = Annotated[float, Field(ge=0, le=10**9, allow_inf_nan=False)]
Rating = Annotated[int, Field(ge=1, le=5)]
Money = Annotated[Decimal, Field(max_digits=18, decimal_places=4, allow_inf_nan=False)]
# datetime reaches from year 1 to 9999; microseconds since 1970 in 64 bits, and DuckDB's arithmetic, ask for less.
Moment = Annotated[AwareDatetime, Field(ge=datetime(1900, 1, 1, tzinfo=UTC), le=datetime(2200, 1, 1, tzinfo=UTC))]

_SOURCE = "the source whose way of filling missing values is this row's; by default that of the table's only source"

# Columns of a contact that are told in another unit, and how they are told.
MILLISECONDS = {"duration_ms": "duration_seconds", "wait_ms": "wait_seconds"}
_IN_SECONDS = frozenset(MILLISECONDS.values())


# What a body holds thousands of are dataclasses with slots: a fifth of a model's memory, and quicker to read.
STRICT = ConfigDict(extra="forbid")


def not_empty(listed: tuple[Any, ...]) -> tuple[Any, ...]:
    """The list, which must not be empty: min_length would take one for empty that was read no further than its first.

    Raises PydanticCustomError.
    """
    if not listed:
        raise PydanticCustomError("too_short", "should hold one at least")
    return listed


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Contact:
    """What may be said about a contact, in the words of the interactions table; durations in seconds."""

    interaction_id: Key | None = None
    occurred_at: Moment
    channel: Literal["phone", "email", "chat", "social", "web", "sms", "in_person", "other"]
    direction: Literal["inbound", "outbound", "unknown"] = "unknown"
    kind: Word | None = None
    content: Text | None = None
    duration_seconds: Seconds | None = None
    wait_seconds: Seconds | None = None
    outcome: Word | None = None
    responded_at: Moment | None = None
    resolved_at: Moment | None = None
    reopened: bool | None = None
    satisfaction: Rating | None = None
    rated_at: Moment | None = None
    is_automated: bool | None = None

    def columns(self) -> dict[str, Any]:
        """What was said, in the columns of the interactions table."""
        said = {one.name: getattr(self, one.name) for one in fields(self) if one.name not in _IN_SECONDS}
        return {**said, **{ms: milliseconds(getattr(self, seconds)) for ms, seconds in MILLISECONDS.items()}}


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Interaction(Contact):
    """One contact of a history."""

    known_at: Moment | None = Field(None, description="from when on this was known; by default when it happened")
    source: Key | None = Field(None, description=_SOURCE)


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Order:
    """One line of an order."""

    order_line_id: Key | None = None
    order_id: Key | None = None
    ordered_at: Moment
    amount: Money | None = Field(None, description="in the company's currency, as text to be exact")
    product: Word | None = None
    quantity: Annotated[int, Field(ge=-(10**9), le=10**9)] | None = None
    known_at: Moment | None = None
    source: Key | None = Field(None, description=_SOURCE)


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Survey:
    """One survey answer on a topic."""

    response_id: Key | None = None
    answered_at: Moment
    topic: Word | None = None
    importance: Rating | None = None
    satisfaction: Rating | None = None
    known_at: Moment | None = None
    source: Key | None = Field(None, description=_SOURCE)


class Described(BaseModel, extra="forbid", frozen=True):
    """What is known of the customer beside what happened."""

    income: Money | None = Field(None, description="yearly, in the company's currency")
    left_at: Moment | None = Field(
        None, description="when the customer left; before the cutoff they have no risk where churn is by that date"
    )
    source: Key | None = Field(None, description=_SOURCE)


class History(BaseModel, extra="forbid", frozen=True):
    """One customer's history."""

    customer_id: Key | None = Field(None, description="given back as it is; the position in the list without one")
    customer: Described | None = None
    # Called as the tables are. A list is read as far as its first mistake: 2 MB may hold half a million of them, and to
    # find them all takes two seconds.
    interactions: Annotated[tuple[Interaction, ...], FailFast()] = Field((), max_length=MAX_ENTRIES)
    orders: Annotated[tuple[Order, ...], FailFast()] = Field((), max_length=MAX_ENTRIES)
    surveys: Annotated[tuple[Survey, ...], FailFast()] = Field((), max_length=MAX_ENTRIES)


class Histories(BaseModel, extra="forbid", frozen=True):
    """Histories to score, as of a cutoff: what happened or became known at or after it doesn't count."""

    cutoff: Moment | None = Field(None, description="by default the published version's data cutoff")
    histories: Annotated[tuple[History, ...], FailFast(), AfterValidator(not_empty)] = Field(
        max_length=MAX_HISTORIES, json_schema_extra={"minItems": 1}
    )


def milliseconds(seconds: float | None) -> int | None:
    """A duration as the tables have it."""
    return None if seconds is None else round(seconds * 1000)
