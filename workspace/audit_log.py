"""The audit log in state.db: who read or changed whose data, each entry chained to the one before, the last one signed.

An entry names a person by a hash under a key of that person's own. Destroying the key leaves the chain as it is, and
an entry that names nobody any more.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa

from workspace.database import at_one_moment
from workspace.errors import WorkspaceError
from workspace.state import AUDIT, AUDIT_HEAD, AUDIT_PEOPLE, State

_BEGIN = bytes(32)
_AT_ONCE = 512
_ONLY = 1
_Row = TypeVar("_Row")


@dataclass(frozen=True)
class Entry:
    """One access: `who` (a key's name), how (`method`, `route` template), whom, when (UTC), and how it ended.

    customer_id: the one person it was about, else None; people: how many where it was a list, None where unknown.
    """

    at: str
    who: str
    method: str
    route: str
    request_id: str
    status: int
    customer_id: str | None = None
    people: int | None = None


@dataclass(frozen=True)
class Verdict:
    """What a check of the whole log found: `broken_at` is the first entry that is not as it was written."""

    entries: int
    head: str
    broken_at: int | None = None
    problem: str | None = None

    @property
    def valid(self) -> bool:
        return self.problem is None


def append(state: State, secret: bytes, entries: Sequence[Entry]) -> None:
    """Add entries at the end of the chain, all or none; several processes may do so at once.

    Raises WorkspaceError where the end is not the one that was signed: going on would sign what somebody cut.
    """
    if not entries:
        return
    with state.begin() as connection:
        number, before = _locked_head(connection, secret)
        keys = _keys(connection, secret, {entry.customer_id for entry in entries if entry.customer_id is not None})
        rows = []
        for entry in entries:
            number += 1
            row = _row(number, entry, keys)
            before = row["hash"] = _hash(before, row)
            rows.append(row)
        _insert(connection, rows)
        connection.execute(sa.update(AUDIT_HEAD).values(_head(secret, number, before)))


def forget(connection: sa.Connection, secret: bytes, customer_ids: Iterable[str]) -> None:
    """Destroy the keys of customers: no entry, past or to come, names them. In the transaction of who erases them."""
    for customer_id in customer_ids:
        lookup = _lookup(secret, customer_id)
        gone = sa.update(AUDIT_PEOPLE).where(AUDIT_PEOPLE.c.lookup == lookup).values(key=None)
        # Marked, not removed: an access that is still on its way to the log must not make a new key.
        if connection.execute(gone).rowcount == 0:
            connection.execute(sa.insert(AUDIT_PEOPLE).values(lookup=lookup, key=None))


def about(state: State, secret: bytes, customer_id: str) -> list[dict[str, Any]]:
    """The entries that name a customer, oldest first; none once the customer's key is destroyed."""
    with state.begin() as connection:
        lookup = AUDIT_PEOPLE.c.lookup == _lookup(secret, customer_id)
        key = connection.execute(sa.select(AUDIT_PEOPLE.c.key).where(lookup)).scalar_one_or_none()
        if key is None:
            return []
        wanted = sa.select(AUDIT).where(AUDIT.c.person == _person(key, customer_id)).order_by(AUDIT.c.number)
        return [{**row, "person": row["person"].hex(), "hash": row["hash"].hex()} for row in _dicts(connection, wanted)]


def verify(state: State, secret: bytes) -> Verdict:
    """Check every entry against its hash and the one before, and the last against the signed head."""
    with state.begin() as connection:
        # Entries written meanwhile are not seen beside an older head.
        at_one_moment(connection)
        head = connection.execute(sa.select(AUDIT_HEAD)).mappings().all()
        return _judged(_one_by_one(connection), [dict(row) for row in head], secret)


def _one_by_one(connection: sa.Connection) -> Iterator[Any]:
    """The entries, no sooner read than needed: one that can't be read hides none before it."""
    streaming = connection.execution_options(stream_results=True, max_row_buffer=1)
    found = streaming.execute(sa.select(AUDIT).order_by(AUDIT.c.number))
    try:
        yield from found.mappings()
    finally:
        found.close()


def _judged(rows: Iterable[Any], head: Sequence[Mapping[str, Any]], secret: bytes) -> Verdict:
    number, before = 0, _BEGIN
    try:
        for row in rows:
            problem = _problem_of(row, number + 1, before)
            if problem is not None:
                return Verdict(number, before.hex(), number + 1, problem)
            number, before = row["number"], row["hash"]
    except sa.exc.OperationalError:
        # Bytes that are no text where there was a text: SQLite's driver refuses to read them.
        return Verdict(number, before.hex(), number + 1, f"Entry {number + 1} can't be read.")
    return _judged_end(number, before, head, secret)


def _problem_of(row: Any, expected: int, before: bytes) -> str | None:
    if row["number"] != expected:
        return f"Entry {expected} is missing."
    try:
        computed = _hash(before, row)
    except (AttributeError, TypeError, ValueError):
        computed = b""
    if row["hash"] != computed:
        return f"Entry {expected} is not as it was written, or does not follow the one before."
    return None


def _judged_end(number: int, before: bytes, head: Sequence[Mapping[str, Any]], secret: bytes) -> Verdict:
    """Whether the chain ends where the signed head says."""
    if not head and number == 0:
        return Verdict(0, before.hex())
    if len(head) != 1 or not _signed(head[0], secret):
        return Verdict(number, before.hex(), number, "The signature of the last entry is missing or not ours.")
    signed = head[0]["number"]
    if signed > number:
        return Verdict(number, before.hex(), number + 1, f"Entries {number + 1} to {signed} were cut off the end.")
    if signed < number:
        return Verdict(number, before.hex(), signed + 1, f"Entry {signed + 1} was added past the signed end.")
    if head[0]["hash"] != before:
        return Verdict(number, before.hex(), number, "The last entry is not the one that was signed.")
    return Verdict(number, before.hex())


def _locked_head(connection: sa.Connection, secret: bytes) -> tuple[int, bytes]:
    """Number and hash of the last entry.

    Its first statement writes, so that this transaction has the log to itself before it reads where the chain ends.
    """
    first = _head(secret, 0, _BEGIN)
    connection.execute(_FIRST, {"one": _ONLY, **first})
    locked = sa.update(AUDIT_HEAD).values(number=AUDIT_HEAD.c.number).returning(AUDIT_HEAD)
    found = connection.execute(locked).mappings().one_or_none()
    row = dict(found) if found is not None else None
    if row is None or not _signed(row, secret):
        raise WorkspaceError(
            "The audit log in state.db has lost its signed end, or secret.key is another one. Restore both from the "
            "same backup; `rapport audit verify` says what is left."
        )
    return row["number"], row["hash"]


# Only where nothing was ever written: a head that somebody removed is not made anew behind the entries.
_FIRST = sa.text(
    "INSERT INTO audit_head (one, number, hash, signature) SELECT :one, :number, :hash, :signature "
    "WHERE NOT EXISTS (SELECT 1 FROM audit) ON CONFLICT (one) DO NOTHING"
)


def _insert(connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows, hundreds in a statement: the driver lets go of Python at each, which a busy worker takes long to give
    back."""
    names = [column.name for column in AUDIT.columns]
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    row = f"({', '.join([mark] * len(names))})"
    for some in _in_few_lengths(rows):
        statement = f"INSERT INTO audit ({', '.join(names)}) VALUES {', '.join([row] * len(some))}"
        connection.exec_driver_sql(statement, tuple(one[name] for one in some for name in names))


def _in_few_lengths(rows: Sequence[_Row]) -> Iterator[Sequence[_Row]]:
    """The rows in pieces as long as a power of two, _AT_ONCE at most.

    SQLite's driver keeps the last 128 statements as compiled: one for each number of rows that there may be took 50 MB.
    """
    begin = 0
    while begin < len(rows):
        left = min(len(rows) - begin, _AT_ONCE)
        length = 1 << (left.bit_length() - 1)
        yield rows[begin : begin + length]
        begin += length


def _keys(connection: sa.Connection, secret: bytes, customer_ids: set[str]) -> dict[str, bytes | None]:
    """The key of each customer, made where there is none; None for who is erased."""
    lookups = {_lookup(secret, customer_id): customer_id for customer_id in customer_ids}
    wanted = list(lookups)
    found: dict[bytes, bytes | None] = {}
    for some in _in_few_lengths(wanted):
        asked = sa.select(AUDIT_PEOPLE).where(AUDIT_PEOPLE.c.lookup.in_(some))
        found.update((row.lookup, row.key) for row in connection.execute(asked))
    made = {lookup: secrets.token_bytes(32) for lookup in wanted if lookup not in found}
    if made:
        connection.execute(sa.insert(AUDIT_PEOPLE), [{"lookup": lookup, "key": key} for lookup, key in made.items()])
    return {customer_id: {**found, **made}[lookup] for lookup, customer_id in lookups.items()}


def _row(number: int, entry: Entry, keys: dict[str, bytes | None]) -> dict[str, Any]:
    key = keys[entry.customer_id] if entry.customer_id is not None else None
    return {
        "number": number,
        "at": entry.at,
        "who": entry.who,
        "method": entry.method,
        "route": entry.route,
        "person": _person(key, entry.customer_id) if key is not None and entry.customer_id is not None else None,
        "people": entry.people,
        "request_id": entry.request_id,
        "status": entry.status,
    }


def _hash(before: bytes, row: Any) -> bytes:
    person = row["person"].hex() if row["person"] is not None else None
    told = [row[name] for name in ("number", "at", "who", "method", "route", "people", "request_id", "status")]
    content = json.dumps([*told, person], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(before + content.encode()).digest()


def _head(secret: bytes, number: int, last: bytes) -> dict[str, Any]:
    return {"number": number, "hash": last, "signature": _signature(secret, number, last)}


def _signature(secret: bytes, number: int, last: bytes) -> bytes:
    return hmac.digest(secret, b"audit-head:%d:" % number + last, "sha256")


def _signed(head: Mapping[str, Any], secret: bytes) -> bool:
    number, last, signature = head["number"], head["hash"], head["signature"]
    if not (isinstance(number, int) and isinstance(last, bytes) and isinstance(signature, bytes)):
        return False
    return hmac.compare_digest(signature, _signature(secret, number, last))


def _lookup(secret: bytes, customer_id: str) -> bytes:
    return hmac.digest(secret, b"audit-person:" + customer_id.encode(), "sha256")


def _person(key: bytes, customer_id: str) -> bytes:
    return hmac.digest(key, customer_id.encode(), "sha256")[:16]


def _dicts(connection: sa.Connection, wanted: sa.Select[Any]) -> Iterator[dict[str, Any]]:
    return (dict(row) for row in connection.execute(wanted).mappings())
