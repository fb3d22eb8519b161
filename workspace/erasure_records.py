"""Erasures in state.db: who is to be forgotten while that goes on, and for good a keyed hash of who was.

While an erasure is at work it has to know the customer's ids: readers hide them, and the work finds their rows by them.
When the bytes are gone so are the ids. What stays is an HMAC of each id under the workspace's secret, which keeps the
same customer from coming back and tells nobody who that was.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from workspace.state import State

METADATA = sa.MetaData()

ERASURES = sa.Table(
    "erasures",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("erasure_id", sa.Text, nullable=False, unique=True),
    sa.Column("stage", sa.Text, nullable=False),
    # JSON: the ids; null once all is gone.
    sa.Column("customer_ids", sa.Text),
    # JSON: positions of events that were erased before they reached the lake.
    sa.Column("undrained", sa.Text, nullable=False),
    # JSON: what readers may still hold, and is removed once they can't.
    sa.Column("leaving", sa.Text),
    sa.Column("cleaned_at", sa.Text),
    sa.Column("receipt", sa.Text, nullable=False),
)

ERASED_PEOPLE = sa.Table(
    "erased_people",
    METADATA,
    sa.Column("lookup", sa.LargeBinary, primary_key=True),
    sa.Column("erasure_id", sa.Text, nullable=False),
)

# Recorded and hidden; rewritten, with old files waiting for their readers; those gone too; nothing left.
HIDDEN, CLEANED, SWEPT, COMPLETE = "hidden", "cleaned", "swept", "complete"
_BLOCKED = "blocked events"
_AT_ONCE = 500


@dataclass(frozen=True)
class Erasure:
    """One erasure as recorded. `receipt` holds what is told of it, and never a name or an id of a customer."""

    erasure_id: str
    stage: str
    customer_ids: tuple[str, ...]
    undrained: tuple[int, ...]
    leaving: Mapping[str, Any]
    cleaned_at: str | None
    receipt: Mapping[str, Any]


def lookup(secret: bytes, customer_id: str) -> bytes:
    """The keyed hash that an erased customer is known again by."""
    return hmac.digest(secret, b"erased-person:" + customer_id.encode(), "sha256")


def ask(state: State, secret: bytes, customer_ids: Collection[str], by: str, at: str) -> Erasure:
    """Record that customers are to be erased, drop their events from the journal, and block what comes of them.

    All of it in one transaction: from here on the erasure goes to its end, whoever is killed. Asked again for somebody,
    the answer is the erasure that there is.
    """
    known = next((one for one in (of_customer(state, secret, name) for name in customer_ids) if one is not None), None)
    if known is not None:
        extend(state, secret, known.erasure_id, customer_ids)
        return known
    erasure_id = f"x_{secrets.token_hex(8)}"
    receipt = {"requested_at": at, "requested_by": by, "completed_at": None, "removed": {}, "models": []}
    row = {"erasure_id": erasure_id, "stage": HIDDEN, "undrained": "[]", "receipt": json.dumps(receipt)}
    with state.begin() as connection:
        connection.execute(sa.insert(ERASURES).values(**row, customer_ids="[]"))
        _add(connection, secret, erasure_id, customer_ids)
    return _required(state, erasure_id)


def extend(state: State, secret: bytes, erasure_id: str, customer_ids: Collection[str]) -> None:
    """Take further ids of the same person into an erasure; one that was complete begins again with these."""
    with state.begin() as connection:
        # Written first, so that nobody comes between reading and writing.
        connection.execute(sa.update(ERASURES).where(ERASURES.c.erasure_id == erasure_id).values(erasure_id=erasure_id))
        blocked = {row.lookup for row in connection.execute(sa.select(ERASED_PEOPLE.c.lookup))}
        new = [name for name in customer_ids if lookup(secret, name) not in blocked]
        if new:
            _add(connection, secret, erasure_id, new)


def _add(connection: sa.Connection, secret: bytes, erasure_id: str, customer_ids: Collection[str]) -> None:
    ours = ERASURES.c.erasure_id == erasure_id
    row = connection.execute(sa.select(ERASURES.c.customer_ids, ERASURES.c.undrained).where(ours)).one()
    ids = sorted({*json.loads(row.customer_ids or "[]"), *customer_ids})
    positions = sorted({*json.loads(row.undrained), *_drop_events(connection, customer_ids)})
    values = {"customer_ids": json.dumps(ids, ensure_ascii=False), "undrained": json.dumps(positions), "stage": HIDDEN}
    connection.execute(sa.update(ERASURES).where(ours).values(**values))
    people = [{"lookup": lookup(secret, name), "erasure_id": erasure_id} for name in customer_ids]
    connection.execute(sa.text(_BLOCK), people)


_BLOCK = "INSERT INTO erased_people (lookup, erasure_id) VALUES (:lookup, :erasure_id) ON CONFLICT (lookup) DO NOTHING"


def _drop_events(connection: sa.Connection, customer_ids: Collection[str]) -> list[int]:
    """Let go of what the journal says of customers; positions of their events that it still held."""
    from workspace.state import JOURNAL

    ours = sa.and_(JOURNAL.c.customer_id.in_(list(customer_ids)), JOURNAL.c.event.is_not(None))
    gone = sa.update(JOURNAL).where(ours).values(event=None, customer_id=None).returning(JOURNAL.c.position)
    return list(connection.execute(gone).scalars())


def found(state: State, erasure_id: str) -> Erasure | None:
    """An erasure by its id; None where there is none."""
    rows = _read(state, ERASURES.c.erasure_id == erasure_id)
    return rows[0] if rows else None


def of_customer(state: State, secret: bytes, customer_id: str) -> Erasure | None:
    """The erasure that a customer was erased by; None for anybody else."""
    wanted = sa.select(ERASED_PEOPLE.c.erasure_id).where(ERASED_PEOPLE.c.lookup == lookup(secret, customer_id))
    with state.begin() as connection:
        erasure_id = connection.execute(wanted).scalar()
    return None if erasure_id is None else found(state, erasure_id)


def unfinished(state: State) -> list[Erasure]:
    """The erasures that have not come to their end, oldest first."""
    return _read(state, ERASURES.c.stage != COMPLETE)


def hidden(state: State) -> frozenset[str]:
    """The ids of customers whose erasure is at work: no reader is shown them."""
    wanted = sa.select(ERASURES.c.customer_ids).where(ERASURES.c.stage != COMPLETE)
    with state.begin() as connection:
        rows = connection.execute(wanted).scalars().all()
    return frozenset(name for row in rows for name in json.loads(row or "[]"))


def people_erased(state: State) -> int:
    """How many ids are blocked: it changes with every request."""
    with state.begin() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(ERASED_PEOPLE)).scalar_one()


def erased_among(state: State, secret: bytes, customer_ids: Iterable[str]) -> set[str]:
    """Who of these customers was erased, or is being."""
    by_lookup = {lookup(secret, name): name for name in customer_ids}
    wanted = list(by_lookup)
    erased: set[str] = set()
    with state.begin() as connection:
        for start in range(0, len(wanted), _AT_ONCE):
            some = ERASED_PEOPLE.c.lookup.in_(wanted[start : start + _AT_ONCE])
            rows = connection.execute(sa.select(ERASED_PEOPLE.c.lookup).where(some)).scalars()
            erased.update(by_lookup[bytes(row)] for row in rows)
    return erased


def all_erased(state: State) -> frozenset[bytes]:
    """The hash of everybody erased."""
    with state.begin() as connection:
        return frozenset(bytes(row) for row in connection.execute(sa.select(ERASED_PEOPLE.c.lookup)).scalars())


def count_blocked(state: State, events: int) -> None:
    """Remember that so many events of erased customers were turned away."""
    from workspace.state import META

    more = "INSERT INTO meta (name, value) VALUES (:name, :count) ON CONFLICT (name) DO UPDATE SET value = "
    more += f"CAST(CAST({META.name}.value AS INTEGER) + CAST(:count AS INTEGER) AS TEXT)"
    with state.begin() as connection:
        connection.execute(sa.text(more), {"name": _BLOCKED, "count": str(events)})


def live_events_left_out(state: State, up_to: int) -> tuple[int, int]:
    """Events that came by request: (those erased of the ones up to a position, those turned away)."""
    with state.begin() as connection:
        rows = connection.execute(sa.select(ERASURES.c.undrained, ERASURES.c.receipt)).all()
    erased = sum(sum(position <= up_to for position in json.loads(row.undrained)) for row in rows)
    erased += sum(json.loads(row.receipt)["removed"].get("live events", 0) for row in rows)
    return erased, int(state.recall(_BLOCKED) or "0")


def progressed(
    state: State, erasure_id: str, stage: str, receipt: Mapping[str, Any], leaving: Mapping[str, Any], at: str | None
) -> None:
    """Record how far an erasure has come; from SWEPT on its ids are let go."""
    values: dict[str, Any] = {
        "stage": stage,
        "receipt": json.dumps(dict(receipt), ensure_ascii=False),
        "leaving": json.dumps(dict(leaving), ensure_ascii=False),
        "cleaned_at": at,
    }
    if stage in (SWEPT, COMPLETE):
        values |= {"customer_ids": None, "leaving": None}
    with state.begin() as connection:
        connection.execute(sa.update(ERASURES).where(ERASURES.c.erasure_id == erasure_id).values(**values))


def _required(state: State, erasure_id: str) -> Erasure:
    erasure = found(state, erasure_id)
    if erasure is None:
        raise KeyError(erasure_id)
    return erasure


def _read(state: State, condition: Any) -> list[Erasure]:
    with state.begin() as connection:
        rows = connection.execute(sa.select(ERASURES).where(condition).order_by(ERASURES.c.number)).mappings().all()
    return [
        Erasure(
            erasure_id=row["erasure_id"],
            stage=row["stage"],
            customer_ids=tuple(json.loads(row["customer_ids"] or "[]")),
            undrained=tuple(json.loads(row["undrained"])),
            leaving=json.loads(row["leaving"] or "{}"),
            cleaned_at=row["cleaned_at"],
            receipt=json.loads(row["receipt"]),
        )
        for row in rows
    ]
