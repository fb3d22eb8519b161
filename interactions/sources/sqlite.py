"""SQLite files, opened read-only; every value as text, without loss."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from interactions.sources.batches import BATCH_ROWS, Content, as_text, text_batches
from interactions.sources.layout import distinct
from interactions.sources.mapping import Reading
from workspace.errors import MappingError, SourceError


def read_sqlite(path: Path, reading: Reading, table: str) -> Content:
    """The rows of the database table the mapping names; else of the one called like our table; else of the only one.

    Raises SourceError for a file that is no sound database, MappingError for a table it doesn't have.
    """
    try:
        with closing(_connect(path)) as connection:
            name = _table_name(connection, path, reading.query_table, table)
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({_quoted(name)})")]
    except sqlite3.Error as error:
        raise SourceError(f"{path.name} can't be read as a SQLite database ({error}). Give a sound copy.") from None
    names = distinct(columns)
    found = {"format": "sqlite", "query_table": name}
    return Content(names, lambda: text_batches(names, _rows(path, name, columns)), found)


def _rows(path: Path, name: str, columns: list[str]) -> Iterator[list[str | None]]:
    wanted = ", ".join(_quoted(column) for column in columns)
    try:
        with closing(_connect(path)) as connection:
            cursor = connection.execute(f"SELECT {wanted} FROM {_quoted(name)}")
            while rows := cursor.fetchmany(BATCH_ROWS):
                for row in rows:
                    yield [as_text(value) for value in row]
    except sqlite3.Error as error:
        raise SourceError(f"The table {name} of {path.name} can't be read to its end ({error}).") from None


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)
    # Text that isn't UTF-8 is kept readable rather than refused.
    connection.text_factory = lambda value: value.decode("utf-8", errors="replace")
    return connection


def _table_name(connection: sqlite3.Connection, path: Path, wanted: str | None, table: str) -> str:
    listed = connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name")
    names = [row[0] for row in listed if not row[0].startswith("sqlite_")]
    if wanted is None:
        candidates = [table] if table in names else names
        if len(candidates) == 1:
            return str(candidates[0])
    elif wanted in names:
        return wanted
    what = f"no table `{wanted}`" if wanted is not None else "several tables" if names else "no table"
    raise MappingError(
        f'{path.name} has {what}; it has {", ".join(names) or "none"}. Name one in the mapping: query_table = "...".'
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
