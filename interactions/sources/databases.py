"""Databases: a table or view of PostgreSQL, MySQL, MariaDB, SQLite or whatever SQLAlchemy reaches, through dlt.

One query in one read-only transaction, ordered by the cursor and the primary key, fetched piece by piece. Without a
cursor the whole table is read each time; what the last time had is left out.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from interactions.sources.database_errors import explained
from interactions.sources.mapping import TableMapping, load
from workspace.errors import RapportError, SettingsError, SourceError
from workspace.folder import Workspace
from workspace.progress import Progress, silent
from workspace.source import Source

if TYPE_CHECKING:
    import sqlalchemy as sa

    from interactions.cleaning.preview import Preview
    from interactions.sources.collect import Received

FETCH_ROWS = 20_000
PREVIEW_ROWS = 1_000


@dataclass(frozen=True)
class Database:
    """A database that answers, the table to read there, and how errors speak of it: never with its password."""

    engine: sa.Engine
    table: sa.Table
    place: str

    def explain(self, error: BaseException) -> RapportError | None:
        return explained(error, self.place)


def collect_database(workspace: Workspace, name: str, source: Source, progress: Progress = silent) -> list[Received]:
    """Receive the rows of a database source that are new or changed since the last time.

    Not locked here: the caller holds the workspace. Raises SettingsError for a setting that can't be right, SourceError
    for a database that can't be read, MappingError for a mapping that doesn't fit.
    """
    from interactions.sources.extraction import extract

    assert source.table is not None
    mapping = source_mapping(workspace, source)
    with opened(workspace, name, source, mapping) as database:
        resource = _resource(database, name, source)
        origin = f"{database.engine.url.set(password=None, username=None)} {database.table.fullname}"
        received = extract(
            workspace,
            name,
            source.table,
            resource,
            mapping,
            explain=database.explain,
            origin=f"{origin} {source.cursor}",
            progress=progress,
        )
    return [received]


def preview_database(workspace: Workspace, name: str, source: Source) -> Preview:
    """What collecting would make of the first rows; writes nothing."""
    import sqlalchemy as sa

    from interactions.sources.row_preview import preview_dicts

    mapping = source_mapping(workspace, source)
    with opened(workspace, name, source, mapping) as database:
        query = _ordered(database.table.select(), database.table, source.cursor).limit(PREVIEW_ROWS)
        try:
            with database.engine.connect() as connection:
                rows = [dict(row._mapping) for row in connection.execute(query)]
        except sa.exc.SQLAlchemyError as error:
            raise database.explain(error) or SourceError(f"{database.place} can't be read.") from None
    return preview_dicts(workspace, name, source, mapping, rows)


def source_mapping(workspace: Workspace, source: Source) -> TableMapping | None:
    """The mapping file a source names, looked for from the workspace folder."""
    assert source.table is not None
    return load(workspace.folder / source.mapping, source.table) if source.mapping else None


def address(name: str, source: Source) -> str:
    """The URL in the environment variable that the source names.

    Raises SettingsError when it isn't set.
    """
    assert source.url_env is not None
    found = os.environ.get(source.url_env, "").strip()
    if not found:
        raise SettingsError(
            f"[sources.{name}] takes its address from the environment variable {source.url_env}, which is not set. "
            "Set it, such as postgresql://user:password@host/database."
        )
    return found


@contextmanager
def opened(workspace: Workspace, name: str, source: Source, mapping: TableMapping | None) -> Iterator[Database]:
    """The database of a source, for reading alone, with the table to read.

    Raises SettingsError for an address no driver understands, SourceError when the database doesn't answer or lacks the
    table or the cursor's column.
    """
    import sqlalchemy as sa

    from interactions.sources.database_engine import engine_for, place_of, reflected

    url = _url(workspace, name, source)
    place = f"[sources.{name}]: the database {place_of(url)}"
    wanted = source.query_table or (mapping.query_table if mapping else None) or source.table
    assert wanted is not None
    try:
        engine = engine_for(url)
    except (sa.exc.ArgumentError, ImportError) as error:
        raise explained(error, place) or SettingsError(f"{place} has no driver.") from None
    try:
        try:
            table = reflected(engine, wanted)
        except Exception as error:
            known = explained(error, place)
            if known is None:
                raise
            raise known from None
        _check(table, wanted, source.cursor, place)
        yield Database(engine, table, place)
    finally:
        engine.dispose()


def _url(workspace: Workspace, name: str, source: Source) -> sa.URL:
    import sqlalchemy as sa

    from interactions.sources.database_engine import DIALECTS, with_driver

    try:
        url = with_driver(sa.make_url(address(name, source)))
    except (sa.exc.ArgumentError, ValueError):
        raise SettingsError(
            f"[sources.{name}]: {source.url_env} holds no address of a database, such as "
            "postgresql://user:password@host/database. Correct it; in a password, @ is written %40 and / is %2F."
        ) from None
    found = url.get_backend_name()
    wanted = DIALECTS.get(source.type, (found,))
    if found not in wanted:
        raise SettingsError(
            f"[sources.{name}] has type `{source.type}`, but the address in {source.url_env} is one of `{found}`. "
            "Correct the one or the other."
        )
    return _sqlite_file(workspace, name, url) if found == "sqlite" else url


def _sqlite_file(workspace: Workspace, name: str, url: sa.URL) -> sa.URL:
    """The file must be there: SQLite would begin a new one. A path is looked for from the workspace folder."""
    path = workspace.folder / Path(url.database or "")
    if not path.is_file():
        raise SourceError(f"[sources.{name}]: there is no SQLite file {path}. Correct the address.")
    return url.set(database=str(path))


def _check(table: sa.Table, wanted: str, cursor: str | None, place: str) -> None:
    if not len(table.c):
        raise SourceError(f"{place}: the table {wanted} has no columns that this user may read.")
    if cursor is not None and cursor not in table.c:
        raise SourceError(
            f"{place}: the table {wanted} has no column `{cursor}` to be the cursor; it has "
            f"{', '.join(table.c.keys()[:40])}. Correct `cursor`."
        )


def _resource(database: Database, name: str, source: Source) -> Any:
    """dlt's reading of the table."""
    from interactions.sources.extraction_engine import contained

    with contained():
        import dlt
        from dlt.sources.sql_database import sql_table

        from interactions.sources.cursors import incremental

        resource = sql_table(
            credentials=database.engine,
            table=database.table.name,
            metadata=database.table.metadata,
            chunk_size=FETCH_ROWS,
            backend="sqlalchemy",
            reflection_level="minimal",
            query_adapter_callback=lambda query, table: _ordered(query, table, source.cursor),
        )
        # What the columns are is not dlt's business: it gets them as text.
        resource._set_hints(dlt.mark.make_hints(columns={}), create_table_variant=False)
        if source.cursor is not None:
            resource.apply_hints(incremental=incremental(source.cursor, source.lag, f"[sources.{name}]"))
    return resource


def _ordered(query: Any, table: sa.Table, cursor: str | None) -> Any:
    """The same rows in the same order each time, as far as the table allows."""
    first = [table.c[cursor]] if cursor is not None else []
    keys = [column for column in table.primary_key if column.name != cursor]
    return query.order_by(None).order_by(*first, *keys)
