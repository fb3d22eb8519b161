"""Histories that come in by request: what may be said about a customer, and the tables features are computed from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from workspace.tables import TABLES, TEXT, TIMESTAMP

MAX_HISTORIES = 1000
MAX_ENTRIES = 20_000

# The source of rows that name none; features/fills.py calls it so, too.
REQUEST = "request"
WINDOW = pa.schema([("customer_id", TEXT), ("cutoff", TIMESTAMP)])

_SIGNALS = frozenset(("language", "sentiment", "words", "questions", "masked"))

Key = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Word = Annotated[str, StringConstraints(max_length=200)]
Text = Annotated[str, StringConstraints(max_length=20_000)]
Seconds = Annotated[float, Field(ge=0, le=10**9, allow_inf_nan=False)]
Rating = Annotated[int, Field(ge=1, le=5)]
Money = Annotated[Decimal, Field(max_digits=18, decimal_places=4, allow_inf_nan=False)]
# datetime reaches from year 1 to 9999; microseconds since 1970 in 64 bits, and DuckDB's arithmetic, ask for less.
Moment = Annotated[AwareDatetime, Field(ge=datetime(1900, 1, 1, tzinfo=UTC), le=datetime(2200, 1, 1, tzinfo=UTC))]


_SOURCE = "the source whose way of filling missing values is this row's; by default that of the table's only source"


# Of a contact: in other units, or not of the contact itself.
_TOLD_OTHERWISE = frozenset(("duration_seconds", "wait_seconds", "known_at", "source"))


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Contact(_Body):
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
        # Plain values all: taken as they are, which is a third of what a dump costs.
        said = {name: value for name, value in self.__dict__.items() if name not in _TOLD_OTHERWISE}
        said["duration_ms"] = _milliseconds(self.duration_seconds)
        said["wait_ms"] = _milliseconds(self.wait_seconds)
        return said


class Interaction(Contact):
    """One contact of a history."""

    known_at: Moment | None = Field(None, description="from when on this was known; by default when it happened")
    source: Key | None = Field(None, description=_SOURCE)


class Order(_Body):
    """One line of an order."""

    order_line_id: Key | None = None
    order_id: Key | None = None
    ordered_at: Moment
    amount: Money | None = Field(None, description="in the company's currency, as text to be exact")
    product: Word | None = None
    quantity: Annotated[int, Field(ge=-(10**9), le=10**9)] | None = None
    known_at: Moment | None = None
    source: Key | None = Field(None, description=_SOURCE)


class Survey(_Body):
    """One survey answer on a topic."""

    response_id: Key | None = None
    answered_at: Moment
    topic: Word | None = None
    importance: Rating | None = None
    satisfaction: Rating | None = None
    known_at: Moment | None = None
    source: Key | None = Field(None, description=_SOURCE)


class Described(_Body):
    """What is known of the customer beside what happened."""

    income: Money | None = Field(None, description="yearly, in the company's currency")
    left_at: Moment | None = Field(
        None, description="when the customer left; before the cutoff they have no risk where churn is by that date"
    )
    source: Key | None = Field(None, description=_SOURCE)


class History(_Body):
    """One customer's history."""

    customer_id: Key | None = Field(None, description="given back as it is; the position in the list without one")
    customer: Described | None = None
    interactions: tuple[Interaction, ...] = Field((), max_length=MAX_ENTRIES)
    orders: tuple[Order, ...] = Field((), max_length=MAX_ENTRIES)
    surveys: tuple[Survey, ...] = Field((), max_length=MAX_ENTRIES)


class Histories(_Body):
    """Histories to score, as of a cutoff: what happened or became known at or after it doesn't count."""

    cutoff: Moment | None = Field(None, description="by default the published version's data cutoff")
    histories: tuple[History, ...] = Field(min_length=1, max_length=MAX_HISTORIES)


Signals = Callable[[Sequence[str | None]], Iterable[Any]]


def tables(histories: Sequence[History], moments: Sequence[datetime], signals: Signals) -> dict[str, pa.Table]:
    """The tables of features.history.HISTORY_TABLES and `window`, in the schemas of tables.py.

    `moments`: the cutoff of each history. Customers are called by their position (see row_key), so that two histories
    never mix, whatever their names. `signals` computes what a text says, as cleaning does.
    """
    numbered = [(row_key(number), history) for number, history in enumerate(histories)]
    cutoff_of = {key: cutoff for (key, _), cutoff in zip(numbered, moments, strict=True)}
    contacts = [row for key, history in numbered for row in _interactions(key, history.interactions)]
    interactions = _table("interactions", contacts)
    return {
        "customers": _table("customers", [_customer(key, history, cutoff_of[key]) for key, history in numbered]),
        "interactions": interactions,
        "message_signals": signals_of(interactions, signals),
        "orders": _table("orders", [row for key, history in numbered for row in _orders(key, history.orders)]),
        "surveys": _table("surveys", [row for key, history in numbered for row in _surveys(key, history.surveys)]),
        "window": cutoffs(cutoff_of),
    }


def cutoffs(of_each: Mapping[str, datetime]) -> pa.Table:
    """The table `window` of compiled features: the cutoff of each customer."""
    return pa.table([list(of_each), pa.array(of_each.values(), TIMESTAMP)], WINDOW)


def row_key(number: int) -> str:
    """The key a history's customer has while it is scored; keys sort as their numbers."""
    return f"{number:08d}"


def _table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    schema = TABLES[name].schema
    given = set(rows[0]) if rows else set()
    columns: dict[str, pa.Array] = {}
    for field in schema:
        if field.name not in given:
            columns[field.name] = pa.nulls(len(rows), field.type)
        elif field.name == "known_at" and "collected_at" in columns:
            # What a request tells is collected when it is known.
            columns[field.name] = columns["collected_at"]
        else:
            columns[field.name] = pa.array([row[field.name] for row in rows], field.type)
    return pa.Table.from_arrays(list(columns.values()), schema=schema)


def _provenance(number: int, known_at: datetime, source: str | None) -> dict[str, Any]:
    told = {"source": source or REQUEST, "source_row": number, "collected_at": known_at, "known_at": known_at}
    return {**told, "is_revision": False}


def _versions(key: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows, those marked whose key came before: only these keys' versions need to be held against one another."""
    seen: set[str] = set()
    for row in rows:
        row["is_revision"] = row[key] in seen
        seen.add(row[key])
    return rows


def _customer(key: str, history: History, cutoff: datetime) -> dict[str, Any]:
    income, source = (
        (history.customer.income, history.customer.source) if history.customer is not None else (None, None)
    )
    # What a caller tells about a customer is known when the score is wanted.
    return {"customer_id": key, "income": income, **_provenance(1, cutoff - timedelta(microseconds=1), source)}


def _interactions(key: str, rows: Sequence[Interaction]) -> list[dict[str, Any]]:
    told = [
        {
            **row.columns(),
            "interaction_id": _id(key, number, row.interaction_id),
            "customer_id": key,
            **_provenance(number, row.known_at or row.occurred_at, row.source),
        }
        for number, row in enumerate(rows, 1)
    ]
    return _versions("interaction_id", told)


def _orders(key: str, rows: Sequence[Order]) -> list[dict[str, Any]]:
    told = [
        {
            "order_line_id": _id(key, number, row.order_line_id),
            "order_id": _id(key, number, row.order_id),
            "customer_id": key,
            "ordered_at": row.ordered_at,
            "amount": row.amount,
            "product": row.product,
            "quantity": row.quantity,
            **_provenance(number, row.known_at or row.ordered_at, row.source),
        }
        for number, row in enumerate(rows, 1)
    ]
    return _versions("order_line_id", told)


def _surveys(key: str, rows: Sequence[Survey]) -> list[dict[str, Any]]:
    told = [
        {
            "response_id": _id(key, number, row.response_id),
            "customer_id": key,
            "answered_at": row.answered_at,
            "topic": row.topic,
            "importance": row.importance,
            "satisfaction": row.satisfaction,
            **_provenance(number, row.known_at or row.answered_at, row.source),
        }
        for number, row in enumerate(rows, 1)
    ]
    return _versions("response_id", told)


def signals_of(interactions: pa.Table, signals: Signals) -> pa.Table:
    """The rows of message_signals of those interactions that have a text; `signals` as of `tables`."""
    written = interactions.filter(pc.is_valid(interactions["content"]))
    said = list(signals(written["content"].to_pylist())) if len(written) else []
    schema = TABLES["message_signals"].schema
    columns = [
        pa.array([getattr(one, field.name) for one in said], field.type)
        if field.name in _SIGNALS
        else written[field.name]
        for field in schema
    ]
    return pa.table(columns, schema)


def _id(key: str, number: int, given: str | None) -> str:
    """Keys of rows are a caller's own: the history's key before them keeps two histories apart."""
    return f"{key}/{given}" if given is not None else f"{key}#{number:08d}"


def _milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)
