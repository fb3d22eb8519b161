"""Run by the kill tests in a process of its own: two rounds of extracting a SQLite table and cleaning, and between them
new, changed and late rows. Says "ready" once everything is imported: kills before that would hit nothing.
"""

import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import dlt.sources.sql_database  # noqa: F401 -- a second of imports, before "ready"

from interactions.cleaning.clean import clean
from interactions.sources.databases import collect_database
from workspace.folder import open_workspace
from workspace.source import Source

SOURCE = Source(
    type="sqlite",
    url_env="KILL_TEST_URL",
    table="interactions",
    query_table="calls",
    cursor="at",
    cursor_lag="2d",
    mapping="calls.toml",
)


def change(database: Path, rows: int) -> None:
    """The second round's rows: doing it twice is the same as once."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE calls SET note = 'changed' WHERE id % 50 = 0 AND at >= '2024-03-03'")
        for number, day in ((rows + 1, "2024-03-05"), (rows + 2, "2024-03-03")):
            connection.execute(
                "INSERT OR REPLACE INTO calls VALUES (?, 'late', ?, 'late')", (number, f"{day} 01:00:00")
            )


def main(folder: Path, database: Path, rows: int) -> None:
    print("ready", flush=True)  # noqa: T201 -- the killer waits for this line
    os.environ["KILL_TEST_URL"] = f"sqlite:///{database}"
    workspace = open_workspace(folder)
    for number in range(2):
        with workspace.lock("kill test"):
            collect_database(workspace, "shop", SOURCE)
            clean(workspace)
        if number == 0:
            change(database, rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
