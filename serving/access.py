"""Access keys: 256 random bits each, shown once, kept as a keyed hash only; and who comes with a key or a session."""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from serving.callers import Caller
from serving.pseudonyms import Pseudonyms
from serving.roles import ROLES
from serving.sessions import open_session, seal_session
from workspace.database import alone
from workspace.errors import SettingsError
from workspace.secret import secret
from workspace.state import KEYS, SIGN_INS, State, now

if TYPE_CHECKING:
    from workspace.folder import Workspace

PREFIX = "rapport_"
SIGN_IN_HOURS = 24


def add_key(workspace: Workspace, name: str, role: str, owner: str | None = None) -> str:
    """Make a key and return it, for the only time. A name whose key was revoked may be used again.

    Raises SettingsError for an unknown role, a sales key without an owner, an owner for another role, or a name in use.
    """
    if role not in ROLES:
        raise SettingsError(f"A role is one of {', '.join(ROLES)}.")
    if not name.strip():
        raise SettingsError("A key needs the name of its holder.")
    if owner and role != "sales":
        raise SettingsError("Only a sales key has an owner: leave --owner out, or take --role sales.")
    keyed = secret(workspace.folder)
    Caller(name, role, owner, Pseudonyms(keyed))
    key = PREFIX + secrets.token_urlsafe(32)
    row = {"key_hmac": _hash(keyed, "key", key), "name": name, "role": role, "owner": owner, "created_at": now()}
    state = workspace.state()
    try:
        with state.begin() as connection:
            alone(connection, "keys")
            connection.execute(sa.delete(KEYS).where(KEYS.c.name == name, KEYS.c.revoked_at.is_not(None)))
            if connection.execute(sa.select(KEYS.c.name).where(KEYS.c.name == name)).first() is not None:
                raise SettingsError(f"There is a key named {name} already. Revoke it first, or choose another name.")
            connection.execute(KEYS.insert().values(**row))
    finally:
        state.close()
    return key


def list_keys(workspace: Workspace) -> list[dict[str, Any]]:
    """Name, role, owner, created_at and revoked_at of every key, by name."""
    columns = (KEYS.c.name, KEYS.c.role, KEYS.c.owner, KEYS.c.created_at, KEYS.c.revoked_at)
    state = workspace.state()
    try:
        with state.begin() as connection:
            return [dict(row._mapping) for row in connection.execute(sa.select(*columns).order_by(KEYS.c.name))]
    finally:
        state.close()


def revoke_key(workspace: Workspace, name: str) -> None:
    """Take a key back; services refuse it, and every session opened with it, within seconds.

    Raises SettingsError when no key of that name is in use.
    """
    state = workspace.state()
    try:
        with state.begin() as connection:
            in_use = sa.and_(KEYS.c.name == name, KEYS.c.revoked_at.is_(None))
            if connection.execute(sa.update(KEYS).where(in_use).values(revoked_at=now())).rowcount == 0:
                raise SettingsError(f"No key named {name} is in use. `rapport keys list` shows them.")
    finally:
        state.close()


def sign_in_token(workspace: Workspace, name: str | None = None) -> str:
    """A token for one sign-in to the dashboard within a day, as the holder of a key: the newest admin by default.

    Raises SettingsError when there is no such key.
    """
    keyed = secret(workspace.folder)
    holder = KEYS.c.role == "admin" if name is None else KEYS.c.name == name
    newest = sa.select(KEYS.c.key_hmac).where(holder, KEYS.c.revoked_at.is_(None)).order_by(KEYS.c.created_at.desc())
    token = secrets.token_urlsafe(32)
    expires = (datetime.now(UTC) + timedelta(hours=SIGN_IN_HOURS)).isoformat()
    state = workspace.state()
    try:
        with state.begin() as connection:
            key_hmac = connection.execute(newest).scalar()
            if key_hmac is None:
                raise SettingsError("No such key is in use. Make one with `rapport keys add`.")
            connection.execute(sa.delete(SIGN_INS).where(SIGN_INS.c.expires_at < now()))
            row = {"token_hmac": _hash(keyed, "token", token), "key_hmac": key_hmac, "expires_at": expires}
            connection.execute(SIGN_INS.insert().values(**row))
    finally:
        state.close()
    return token


def _hash(keyed: bytes, purpose: str, text: str) -> str:
    return hmac.digest(keyed, f"{purpose}:{text}".encode(), "sha256").hex()


class Access:
    """Finds the caller behind a key or a session. Keys are read again when they are older than `seconds`."""

    def __init__(self, folder: Path, seconds: float = 2.0) -> None:
        self._secret = secret(folder)
        self._state = State(folder)
        self._pseudonyms = Pseudonyms(self._secret)
        self._seconds = seconds
        self._lock = threading.Lock()
        self._callers: dict[str, Caller] = {}
        self._hashes: dict[bytes, str] = {}
        self._read_at = float("-inf")

    @property
    def secret(self) -> bytes:
        """The workspace's secret, for what else is kept as a keyed hash."""
        return self._secret

    @property
    def state(self) -> State:
        """The workspace's state, for what else a request keeps or reads there."""
        return self._state

    def by_key(self, key: str) -> Caller | None:
        """The holder of a key; None for a key that was never given or is revoked."""
        known = self._known()
        # Every request asks: a keyed hash of a tenth of the time finds the one that is kept. Keys themselves are not.
        quick = blake2b(key.encode(), key=self._secret[:64]).digest()
        kept = self._hashes.get(quick)
        if kept is None:
            kept = _hash(self._secret, "key", key)
            if kept in known:
                self._hashes[quick] = kept
        return known.get(kept)

    def by_session(self, cookie: str) -> Caller | None:
        """The holder of the key a session was opened with; None when it is forged, over, or the key is revoked."""
        key_hmac = open_session(self._secret, cookie, time.time())
        return None if key_hmac is None else self._known().get(key_hmac)

    def session_for_key(self, key: str) -> str | None:
        """A session cookie for the holder of a key; None for a wrong key."""
        key_hmac = _hash(self._secret, "key", key)
        return seal_session(self._secret, key_hmac, time.time()) if key_hmac in self._known() else None

    def session_for_token(self, token: str) -> str | None:
        """A session cookie for a sign-in token, which is used up; None for one that is wrong, over or used."""
        taken = SIGN_INS.c.token_hmac == _hash(self._secret, "token", token)
        with self._state.begin() as connection:
            row = connection.execute(sa.select(SIGN_INS.c.key_hmac, SIGN_INS.c.expires_at).where(taken)).first()
            # Two workers may both have read it: the one that removes it signs in.
            if row is None or connection.execute(sa.delete(SIGN_INS).where(taken)).rowcount != 1:
                return None
        if row.expires_at < datetime.now(UTC).isoformat() or row.key_hmac not in self._known():
            return None
        return seal_session(self._secret, row.key_hmac, time.time())

    def close(self) -> None:
        """Let go of state.db."""
        self._state.close()

    def _known(self) -> dict[str, Caller]:
        if time.monotonic() - self._read_at > self._seconds:
            with self._lock:
                if time.monotonic() - self._read_at > self._seconds:
                    self._callers = self._read()
                    self._read_at = time.monotonic()
        return self._callers

    def _read(self) -> dict[str, Caller]:
        columns = (KEYS.c.key_hmac, KEYS.c.name, KEYS.c.role, KEYS.c.owner)
        with self._state.begin() as connection:
            rows = connection.execute(sa.select(*columns).where(KEYS.c.revoked_at.is_(None))).all()
        return {row.key_hmac: Caller(row.name, row.role, row.owner, self._pseudonyms) for row in rows}
