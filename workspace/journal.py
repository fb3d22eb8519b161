"""The live journal in state.db: events as they were accepted, in one order, until a published version holds them.

An event is known by its key and its content: the same one sent twice, to whichever worker, is kept once; another
content under a known key is a later version of it. Both are kept as keyed hashes for good, so that an event is
recognised long after its text has gone.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from workspace.database import alone
from workspace.erasure_records import lookup
from workspace.state import JOURNAL, State

_HASH_BYTES = 16


@dataclass(frozen=True)
class Entry:
    """One accepted event: its `position` in the journal (1, 2, ...), and whether it is a later version of its key."""

    position: int
    received_at: str
    is_revision: bool
    event: Mapping[str, Any]


def record(
    state: State,
    secret: bytes,
    events: Sequence[Mapping[str, Any]],
    received_at: str,
    published: Collection[str] = (),
) -> list[int | None]:
    """Keep the events, all or none, and return their positions; None for one that is kept already, or whose customer
    was erased.

    events: values that JSON has, `interaction_id` (text) and `customer_id` (text or null) among them. published: keys
    of rows that came another way, of which these are later versions. When this returns they are on the disk.
    """
    with state.begin() as connection:
        # Who reads on from a position must not miss a smaller one that is committed later.
        alone(connection, "journal")
        return [
            _recorded(connection, secret, event, received_at, event["interaction_id"] in published) for event in events
        ]


def _recorded(
    connection: sa.Connection, secret: bytes, event: Mapping[str, Any], received_at: str, is_published: bool
) -> int | None:
    text = json.dumps(event, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    values = {
        "person": lookup(secret, event["customer_id"]) if event["customer_id"] is not None else b"",
        "event_key": _hashed(secret, "event", event["interaction_id"]),
        "content": _hashed(secret, "content", text),
        "customer_id": event["customer_id"],
        "received_at": received_at,
        "event": text,
        "is_published": is_published,
    }
    return connection.execute(_INSERT, values).scalar_one_or_none()


# One statement, so that no other worker comes between looking and writing.
_INSERT = sa.text(
    "INSERT INTO journal (event_key, content, customer_id, received_at, event, is_revision) "
    "SELECT :event_key, :content, :customer_id, :received_at, :event, "
    ":is_published OR EXISTS (SELECT 1 FROM journal WHERE event_key = :event_key) "
    "WHERE NOT EXISTS (SELECT 1 FROM erased_people WHERE lookup = :person) "
    "ON CONFLICT (event_key, content) DO NOTHING RETURNING position"
).columns(position=sa.Integer)


def entries(state: State, after: int, most: int) -> list[Entry]:
    """The first `most` events past a position that have not been let go, in their order."""
    columns = (JOURNAL.c.position, JOURNAL.c.received_at, JOURNAL.c.is_revision, JOURNAL.c.event)
    wanted = sa.select(*columns).where(JOURNAL.c.position > after, JOURNAL.c.event.is_not(None))
    with state.begin() as connection:
        rows = connection.execute(wanted.order_by(JOURNAL.c.position).limit(most)).all()
    return [Entry(row.position, row.received_at, bool(row.is_revision), json.loads(row.event)) for row in rows]


_LAST = sa.select(sa.func.max(JOURNAL.c.position))
# Asked with every customer that is shown: made once.
_LAST_OF_CUSTOMER = _LAST.where(JOURNAL.c.customer_id == sa.bindparam("customer_id"))


def last_position(state: State, customer_id: str | None = None) -> int:
    """Position of the last event, of one customer where one is given; 0 where there is none."""
    with state.engine.connect() as connection:
        if customer_id is None:
            return connection.execute(_LAST).scalar() or 0
        return connection.execute(_LAST_OF_CUSTOMER, {"customer_id": customer_id}).scalar() or 0


class JournalEnd:
    """The position of the journal's last event, asked for again only once somebody wrote to the state.

    For one thread at a time.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._changes: int | None = None
        self._position = 0

    def position(self) -> int:
        """Position of the last event; 0 where there is none."""
        # Looked at first: what is written after it is found at the next question.
        changes = self._state.changes()
        if changes is None or changes != self._changes:
            self._position, self._changes = last_position(self._state), changes
        return self._position


def accepted(state: State, up_to: int | None = None) -> int:
    """How many events were ever kept, of those up to a position where one is given."""
    count = sa.select(sa.func.count()).select_from(JOURNAL)
    if up_to is not None:
        count = count.where(JOURNAL.c.position <= up_to)
    with state.begin() as connection:
        return connection.execute(count).scalar_one()


def let_go(state: State, up_to: int) -> None:
    """Forget what the events up to a position said; that they came is still known."""
    held = sa.and_(JOURNAL.c.position <= up_to, JOURNAL.c.event.is_not(None))
    with state.begin() as connection:
        connection.execute(sa.update(JOURNAL).where(held).values(event=None, customer_id=None))


def _hashed(secret: bytes, purpose: str, text: str) -> bytes:
    return hmac.digest(secret, f"{purpose}:{text}".encode(), "sha256")[:_HASH_BYTES]
