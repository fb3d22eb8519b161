"""Where a workspace's state lies: state.db in its folder, or a PostgreSQL database by an address in the environment."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from workspace.errors import SettingsError, WorkspaceError
from workspace.settings import load

_DRIVER = "postgresql+psycopg"
_CONNECT_SECONDS = 10
# Numbers of our own among the locks of a PostgreSQL database.
_LOCKS = {"tables": 7_270_001, "journal": 7_270_002, "keys": 7_270_003}


def engine_of(folder: Path) -> sa.Engine:
    """The engine of a workspace's state.

    Raises SettingsError when `[state] url_env` names a variable that isn't set, or that holds another kind of address.
    """
    name = load(folder).state.url_env
    if name is None:
        return sqlite_engine(folder / "state.db")
    return _postgresql(address(name))


def is_elsewhere(folder: Path) -> bool:
    """Whether the workspace's state lies in a database outside the folder."""
    return load(folder).state.url_env is not None


def address(name: str) -> sa.URL:
    """The address that an environment variable holds, with the driver that comes with Rapport."""
    written = os.environ.get(name)
    if not written:
        raise SettingsError(
            f"[state] url_env names the environment variable {name}, which is not set. Set it to the database's "
            "address: postgresql://user:password@host/database."
        )
    try:
        url = sa.make_url(written)
    except sa.exc.ArgumentError:
        url = None
    if url is None or url.get_backend_name() not in ("postgresql", "postgres"):
        # The address itself is a secret.
        raise SettingsError(
            f"The environment variable {name} holds no address of a PostgreSQL database. Expected "
            "postgresql://user:password@host/database."
        )
    return url.set(drivername=_DRIVER)


def alone(connection: sa.Connection, what: str) -> None:
    """Begin, or wait for, a transaction that has `what` (tables, journal, keys) to itself until it ends.

    SQLite has one writer at a time anyway; who is called first is it. In PostgreSQL a lock of ours is taken, so that
    positions of the journal are committed in their order, and that nobody comes between looking and writing.
    """
    if connection.dialect.name == "sqlite":
        if not _raw(connection).in_transaction:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        return
    connection.execute(sa.text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCKS[what]})


def at_one_moment(connection: sa.Connection) -> None:
    """Have all that the transaction reads be as of its beginning; called before anything else in it."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN")
    else:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def unreachable(engine: sa.Engine, error: sa.exc.OperationalError) -> WorkspaceError:
    """What to say where the database does not answer; neither user nor password."""
    if engine.dialect.name == "sqlite":
        return WorkspaceError(
            f"{engine.url.database} can't be opened ({type(error.orig).__name__}). Is the folder writable?"
        )
    return WorkspaceError(
        f"The database of the workspace's state, {address_of(engine)}, does not answer "
        f"({type(error.orig).__name__}). Start it, or correct the address."
    )


def _raw(connection: sa.Connection) -> sqlite3.Connection:
    raw: Any = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    return raw


def address_of(engine: sa.Engine) -> str:
    """A database by name and place, without user and password."""
    url = engine.url
    return f"{url.database or ''} at {url.host or 'this machine'}{f':{url.port}' if url.port else ''}"


def sqlite_engine(file: Path) -> sa.Engine:
    """An engine of a state.db, which is written ahead and to the disk."""
    engine = sa.create_engine(f"sqlite:///{file}")
    sa.event.listen(engine, "connect", _write_ahead)
    return engine


def watching(engine: sa.Engine) -> sqlite3.Connection | None:
    """A connection to a state.db that never writes: `changes` of it tells when others did. None for PostgreSQL."""
    if engine.dialect.name != "sqlite":
        return None
    # Asked by one thread at a time, whichever that is; SQLite itself takes care of its own.
    return sqlite3.connect(str(engine.url.database), check_same_thread=False)


def changes(watching: sqlite3.Connection) -> int:
    """A number that is another one after every commit by another connection; a few microseconds."""
    found: int = watching.execute("PRAGMA data_version").fetchone()[0]
    return found


def _postgresql(url: sa.URL) -> sa.Engine:
    # A connection that the server closed is noticed before it is used.
    return sa.create_engine(
        url, pool_pre_ping=True, pool_recycle=1800, connect_args={"connect_timeout": _CONNECT_SECONDS}
    )


def _write_ahead(connection: object, _record: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA busy_timeout=5000")
    cursor.close()
