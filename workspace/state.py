"""Keys, promotions, exports, the live journal and the audit log: state.db (SQLite), or PostgreSQL by its address."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from workspace import erasure_records, export_records
from workspace.database import alone, changes, engine_of, is_elsewhere, unreachable, watching
from workspace.errors import WorkspaceError
from workspace.schema import SCHEMA

_metadata = sa.MetaData()

META = sa.Table(
    "meta", _metadata, sa.Column("name", sa.Text, primary_key=True), sa.Column("value", sa.Text, nullable=False)
)

KEYS = sa.Table(
    "keys",
    _metadata,
    sa.Column("key_hmac", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("owner", sa.Text),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("revoked_at", sa.Text),
)

PROMOTIONS = sa.Table(
    "promotions",
    _metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("bundle", sa.Text, nullable=False),
    sa.Column("registry_version", sa.Text),
    sa.Column("promoted_at", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
)

OUTCOMES = sa.Table(
    "outcomes",
    _metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("customer_id", sa.Text, nullable=False, index=True),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("recorded_by", sa.Text, nullable=False),
    sa.Column("recorded_at", sa.Text, nullable=False),
)

SIGN_INS = sa.Table(
    "sign_ins",
    _metadata,
    sa.Column("token_hmac", sa.Text, primary_key=True),
    sa.Column("key_hmac", sa.Text, nullable=False),
    sa.Column("expires_at", sa.Text, nullable=False),
)

# Nothing that says who or what outlives `event` and `customer_id`, which go once a published version holds the event.
JOURNAL = sa.Table(
    "journal",
    _metadata,
    # SQLite counts by itself in columns of this one type.
    sa.Column("position", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("event_key", sa.LargeBinary, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("customer_id", sa.Text, index=True),
    sa.Column("received_at", sa.Text, nullable=False),
    sa.Column("is_revision", sa.Boolean, nullable=False),
    sa.Column("event", sa.Text),
    sa.UniqueConstraint("event_key", "content"),
    # Positions are never given twice, not even those of the last rows.
    sqlite_autoincrement=True,
)

AUDIT = sa.Table(
    "audit",
    _metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("method", sa.Text, nullable=False),
    sa.Column("route", sa.Text, nullable=False),
    sa.Column("person", sa.LargeBinary),
    sa.Column("people", sa.Integer),
    sa.Column("request_id", sa.Text, nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
)

# A keyed hash of the customer finds the key that the log names them with; null once it is destroyed.
AUDIT_PEOPLE = sa.Table(
    "audit_people",
    _metadata,
    sa.Column("lookup", sa.LargeBinary, primary_key=True),
    sa.Column("key", sa.LargeBinary),
)

AUDIT_HEAD = sa.Table(
    "audit_head",
    _metadata,
    sa.Column("one", sa.Integer, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sa.Column("signature", sa.LargeBinary, nullable=False),
)

METADATAS = (_metadata, export_records.METADATA, erasure_records.METADATA)


def now() -> str:
    """This moment in UTC, ISO 8601 with microseconds."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


class State:
    """One workspace's state. Opening it creates what is missing; another schema is refused, and left as it is.

    Raises WorkspaceError for another schema and for a database that does not answer, SettingsError as engine_of does.
    """

    def __init__(self, folder: Path) -> None:
        self.engine = engine_of(folder)
        self._watching: sqlite3.Connection | None = None
        try:
            found = _schema(self.engine)
            if found not in (None, SCHEMA):
                raise WorkspaceError(_other_schema(folder, found))
            _create(self.engine)
        except sa.exc.OperationalError as error:
            self.close()
            raise unreachable(self.engine, error) from error
        except BaseException:
            self.close()
            raise

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """A connection in a transaction that is committed at the end, or rolled back by an error."""
        with self.engine.begin() as connection:
            yield connection

    def recall(self, name: str) -> str | None:
        """What was last remembered under a name."""
        with self.begin() as connection:
            return connection.execute(sa.select(META.c.value).where(META.c.name == name)).scalar_one_or_none()

    def remember(self, name: str, value: str) -> None:
        """Keep one short text under a name, such as what a stage last ran on."""
        with self.begin() as connection:
            connection.execute(_REMEMBER, {"name": name, "value": value})

    def changes(self) -> int | None:
        """A number that is another one after each commit, by whichever process; None where only a query would tell."""
        if self._watching is None:
            self._watching = watching(self.engine)
        return None if self._watching is None else changes(self._watching)

    def close(self) -> None:
        """Let go of the database."""
        if self._watching is not None:
            self._watching.close()
            self._watching = None
        self.engine.dispose()


_REMEMBER = sa.text(
    "INSERT INTO meta (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)
_REMEMBER_FIRST = sa.text("INSERT INTO meta (name, value) VALUES (:name, :value) ON CONFLICT (name) DO NOTHING")


def stored_schema(folder: Path) -> int | None:
    """The schema of a workspace, whichever it is; None where nothing was begun."""
    if not is_elsewhere(folder) and not (folder / "state.db").is_file():
        return None
    engine = engine_of(folder)
    try:
        return _schema(engine)
    except sa.exc.OperationalError as error:
        raise unreachable(engine, error) from error
    finally:
        engine.dispose()


def move_forward(folder: Path) -> None:
    """Give an older state the tables and columns that it lacks, and today's schema, in one transaction."""
    engine = engine_of(folder)
    try:
        with engine.begin() as connection:
            alone(connection, "tables")
            _add_columns(connection)
            _create_all(connection)
            connection.execute(_REMEMBER, {"name": "schema", "value": str(SCHEMA)})
    finally:
        engine.dispose()


def _add_columns(connection: sa.Connection) -> None:
    inspected = sa.inspect(connection)
    there = set(inspected.get_table_names())
    for metadata in METADATAS:
        for table in metadata.sorted_tables:
            if table.name not in there:
                continue
            present = {column["name"] for column in inspected.get_columns(table.name)}
            for column in table.columns:
                if column.name not in present:
                    kind = column.type.compile(connection.dialect)
                    connection.exec_driver_sql(f'ALTER TABLE "{table.name}" ADD COLUMN "{column.name}" {kind}')


def _schema(engine: sa.Engine) -> int | None:
    with engine.begin() as connection:
        if not sa.inspect(connection).has_table(META.name):
            return None
        found = connection.execute(sa.select(META.c.value).where(META.c.name == "schema")).scalar_one_or_none()
    return None if found is None else int(found)


def _create(engine: sa.Engine) -> None:
    """Create what is missing; several processes may come to it at once."""
    with engine.begin() as connection:
        there = set(sa.inspect(connection).get_table_names())
    if all(table.name in there for metadata in METADATAS for table in metadata.sorted_tables):
        return
    with engine.begin() as connection:
        alone(connection, "tables")
        _create_all(connection)


def _create_all(connection: sa.Connection) -> None:
    for metadata in METADATAS:
        metadata.create_all(connection)
    connection.execute(_REMEMBER_FIRST, {"name": "schema", "value": str(SCHEMA)})


def _other_schema(folder: Path, found: int) -> str:
    if found > SCHEMA:
        return (
            f"The workspace {folder} has schema {found}; this Rapport knows up to {SCHEMA}. "
            "Use the newer Rapport that wrote it, or another --workspace."
        )
    return f"The workspace {folder} has the older schema {found}; this Rapport needs {SCHEMA}. Run `rapport migrate`."
