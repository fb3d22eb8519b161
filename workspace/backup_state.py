"""State that lies in PostgreSQL, in a backup: as a state.db like any other, and back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from workspace.database import address_of, alone, at_one_moment, engine_of, is_elsewhere, sqlite_engine
from workspace.errors import WorkspaceError
from workspace.state import METADATAS

_AT_ONCE = 5_000


def copy_out(folder: Path, file: Path) -> None:
    """Write the state of a workspace as of one moment into a new state.db of mode 0600."""
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    source, target = engine_of(folder), sqlite_engine(file)
    try:
        with source.begin() as read, target.begin() as write:
            at_one_moment(read)
            _create(write)
            _copy(read, write)
        with target.connect() as connection:
            # Else it would come with a companion file beside it.
            connection.exec_driver_sql("PRAGMA journal_mode=DELETE")
    finally:
        source.dispose()
        target.dispose()


@contextmanager
def copied_in(folder: Path) -> Iterator[None]:
    """Put the state.db of a restored folder into the database that its rapport.toml names, if the block succeeds.

    Raises WorkspaceError when that database has tables of a workspace already.
    """
    if not is_elsewhere(folder) or not (folder / "state.db").is_file():
        yield
        return
    source, target = sqlite_engine(folder / "state.db"), engine_of(folder)
    try:
        with source.begin() as read, target.begin() as write:
            alone(write, "tables")
            if set(sa.inspect(write).get_table_names()) & {table.name for table in _tables()}:
                raise WorkspaceError(
                    f"The database {address_of(target)} is not empty; nothing was restored. Give the workspace "
                    "a new one."
                )
            _create(write)
            _copy(read, write)
            _count_on(write)
            source.dispose()
            for path in folder.glob("state.db*"):
                path.unlink()
            yield
    finally:
        source.dispose()
        target.dispose()


def _tables() -> list[sa.Table]:
    return [table for metadata in METADATAS for table in metadata.sorted_tables]


def _create(connection: sa.Connection) -> None:
    for metadata in METADATAS:
        metadata.create_all(connection)


def _copy(read: sa.Connection, write: sa.Connection) -> None:
    """Every row of every table that is there, with the columns that are."""
    inspected = sa.inspect(read)
    there = set(inspected.get_table_names())
    for table in _tables():
        if table.name not in there:
            continue
        present = {column["name"] for column in inspected.get_columns(table.name)}
        wanted = sa.select(*(column for column in table.columns if column.name in present))
        rows = read.execution_options(stream_results=True).execute(wanted).mappings()
        while some := rows.fetchmany(_AT_ONCE):
            write.execute(sa.insert(table), [dict(row) for row in some])


def _count_on(connection: sa.Connection) -> None:
    """Numbers that the database gives go on after those that came in."""
    for table in _tables():
        column = table.autoincrement_column
        if column is None:
            continue
        last = connection.execute(sa.select(sa.func.max(column))).scalar()
        sequence = connection.execute(
            sa.text("SELECT pg_get_serial_sequence(:table, :column)"), {"table": table.name, "column": column.name}
        ).scalar()
        if last is not None and sequence is not None:
            connection.execute(sa.text("SELECT setval(:sequence, :last)"), {"sequence": sequence, "last": last})
