"""SQLAlchemy engines for reading alone: values as the driver gives them, times in UTC, nothing rounded."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.mysql import BIT
from sqlalchemy.types import NullType, TypeDecorator

DIALECTS = {"postgresql": ("postgresql",), "mysql": ("mysql", "mariadb"), "sqlite": ("sqlite",)}
_DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
_DRIVERS |= {"mysql": "mysql+pymysql", "mariadb": "mysql+pymysql"}
# What a session says first: nothing is written, one moment is seen, times come in one zone.
_SESSION = {
    "postgresql": (
        "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
        "SET SESSION TIME ZONE 'UTC'",
        "SET SESSION DateStyle = 'ISO'",
    ),
    "mysql": (
        "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        "SET SESSION TRANSACTION READ ONLY",
        "SET SESSION time_zone = '+00:00'",
    ),
    "sqlite": ("PRAGMA query_only = ON",),
}
_CONNECT_SECONDS = 15
_TIMEOUTS = {"postgresql": "connect_timeout", "mysql": "connect_timeout", "sqlite": "timeout"}


class _Zoned(TypeDecorator[datetime]):
    """MySQL's TIMESTAMP is a moment, told in the session's zone: UTC."""

    impl = NullType
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Any) -> Any:
        return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value

    def process_bind_param(self, value: Any, dialect: Any) -> Any:
        return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) and value.tzinfo else value


def with_driver(url: sa.URL) -> sa.URL:
    """The address with the driver that comes with Rapport, unless it names one."""
    return url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))


def place_of(url: sa.URL) -> str:
    """A database by kind, host and name, without user and password."""
    host = f" at {url.host}{f':{url.port}' if url.port else ''}" if url.host else ""
    return f"{url.database or ''} ({url.get_backend_name()}{host})"


def engine_for(url: sa.URL) -> sa.Engine:
    """An engine whose every session is read-only and sees one moment; errors hide the values of rows.

    Raises sqlalchemy's ArgumentError or ImportError where there is no driver for the address.
    """
    kind = url.get_backend_name()
    timeout = _TIMEOUTS.get(kind)
    arguments = {timeout: _CONNECT_SECONDS} if timeout and timeout not in url.query else {}
    options: dict[str, Any] = {"json_deserializer": _json_text} if kind in ("postgresql", "mysql") else {}
    engine = sa.create_engine(url, connect_args=arguments, poolclass=sa.pool.NullPool, hide_parameters=True, **options)

    @sa.event.listens_for(engine, "connect")
    def begin(connection: Any, _record: Any) -> None:
        if kind == "sqlite":
            # Text that isn't UTF-8 is kept readable rather than refused.
            connection.text_factory = lambda value: value.decode("utf-8", errors="replace")
        cursor = connection.cursor()
        for statement in _SESSION.get(kind, ()):
            cursor.execute(statement)
        cursor.close()
        connection.commit()

    return engine


def reflected(engine: sa.Engine, wanted: str) -> sa.Table:
    """A table or view, `name` or `schema.name`, with its columns as the driver gives their values.

    Raises sqlalchemy's NoSuchTableError where there is none.
    """
    schema, _, name = wanted.rpartition(".")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # types that SQLAlchemy doesn't know are read all the same
        try:
            table = sa.Table(name, sa.MetaData(schema=schema or None), autoload_with=engine, resolve_fks=False)
        except sa.exc.NoSuchTableError:
            if not schema:
                raise
            # A name may have a point in it.
            table = sa.Table(wanted, sa.MetaData(), autoload_with=engine, resolve_fks=False)
    if engine.dialect.name in _SESSION:
        for column in table.columns:
            column.type = _plain(column.type, engine.dialect.name)
    return table


def _plain(kind: Any, dialect: str) -> Any:
    """The type that leaves values as the driver gives them; SQLAlchemy's would round floats and guess at dates."""
    if isinstance(kind, BIT):
        return kind
    return _Zoned() if dialect == "mysql" and isinstance(kind, sa.TIMESTAMP) else NullType()


def _json_text(value: str | bytes | memoryview) -> str:
    """JSON as it is written there: numbers keep their digits."""
    return value if isinstance(value, str) else bytes(value).decode("utf-8")
