"""Collecting and cleaning a large CSV beside plain pandas and bare DuckDB: `python -m benchmarks.cleaning`.

Makes a CSV of interactions (10 million rows unless `--rows` says otherwise; the same bytes each time) and lets each
contender at it once, in a process of its own, all with the same number of threads:

- rapport: `collect` and `clean` into an empty workspace: raw Parquet, clean Delta table, quarantine, account;
- pandas: read_csv, drop_duplicates, to_datetime, medians for what is missing; nothing is written;
- pandas, written: the same and to_parquet, since the others write as well;
- duckdb: read_csv with stated types (the time by try_strptime, for some are none) copied to one zstd Parquet file;
  nothing is checked or removed.

Prints a table and writes benchmarks/results/cleaning.json, a list of {name, value, unit, peer, ratio}: `value` is
Rapport's, `peer` the other's; a ratio of times above 1 says that Rapport is slower.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb

from benchmarks.own_process import THREADS, in_own_process, measured
from benchmarks.results_table import Row, compared, show, write

CONTENDERS = ("duckdb", "pandas", "pandas, written", "rapport")
TIMES_PANDAS, TIMES_DUCKDB, PEAK_GIB = 5.0, 2.5, 4.0

MAPPING = """
[interactions.columns]
interaction_id = "interaction_id"
customer_id = "customer_id"
occurred_at = "occurred_at"
channel = "channel"
direction = "direction"
duration = { column = "duration", unit = "s" }
wait = { column = "wait", unit = "s" }
outcome = "outcome"
satisfaction = "satisfaction"
agent_id = "agent"
"""
TYPES = {
    "interaction_id": "VARCHAR",
    "customer_id": "VARCHAR",
    "occurred_at": "VARCHAR",
    "channel": "VARCHAR",
    "direction": "VARCHAR",
    "duration": "DOUBLE",
    "wait": "DOUBLE",
    "outcome": "VARCHAR",
    "satisfaction": "DOUBLE",
    "agent": "VARCHAR",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write; 1 when Rapport is slower than promised or needs more memory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--only", choices=CONTENDERS, help="one contender, in this process: how main calls itself")
    parser.add_argument("--folder", type=Path, help="where the CSV is (with --only), or where to put it and keep it")
    options = parser.parse_args(arguments)
    if options.only:
        sys.stdout.write(json.dumps(measured(lambda: RUNS[options.only](options.folder))))
        return 0
    with tempfile.TemporaryDirectory(prefix="cleaning-") as temporary:
        folder = options.folder or Path(temporary)
        write_csv(folder / "contacts.csv", options.rows)
        found = {
            name: in_own_process("benchmarks.cleaning", ["--only", name, "--folder", str(folder)])
            for name in CONTENDERS
        }
    rows = _rows(found, options.rows)
    show(rows, f"Collecting and cleaning {options.rows:,} rows, {THREADS} threads", digits=2)
    write("cleaning", rows)
    return 0 if _holds(found) else 1


def write_csv(path: Path, rows: int) -> None:
    """The contacts, deterministic: 0.5 % of rows repeated word for word, blanks in every column but the key, times that
    are none, negative durations, channels in two languages."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(config={"threads": THREADS})
    connection.execute(
        f"""COPY (
            SELECT
                printf('I%09d', n) AS interaction_id,
                CASE WHEN hash(n, 1) % 100 = 0 THEN NULL ELSE 'C' || (100000 + hash(n, 2) % 500000)::VARCHAR END
                    AS customer_id,
                CASE WHEN hash(n, 3) % 1000 = 0 THEN [NULL, '31/02/2024', 'soon', '2024-02-30 10:00:00'][1 + n % 4]
                    ELSE strftime(
                        TIMESTAMP '2023-01-01' + to_seconds((hash(n, 4) % 63072000)::BIGINT), '%Y-%m-%d %H:%M:%S')
                    END AS occurred_at,
                ['phone', 'email', 'chat', '电话', '微信', 'Web', 'SMS', NULL][1 + (hash(n, 5) % 8)::INT] AS channel,
                ['in', 'out', 'inbound', NULL][1 + (hash(n, 6) % 4)::INT] AS direction,
                CASE WHEN hash(n, 7) % 50 = 0 THEN NULL WHEN hash(n, 7) % 1000 = 1 THEN '-5'
                    ELSE (hash(n, 8) % 1800)::VARCHAR END AS duration,
                CASE WHEN hash(n, 9) % 20 = 0 THEN 'N/A' ELSE (hash(n, 10) % 600)::VARCHAR END AS wait,
                ['answered', 'answered', 'abandoned', NULL][1 + (hash(n, 11) % 4)::INT] AS outcome,
                [NULL, NULL, '1', '2', '3', '4', '5', '5'][1 + (hash(n, 12) % 8)::INT] AS satisfaction,
                printf('A%03d', hash(n, 13) % 400) AS agent
            FROM (
                SELECT CASE WHEN i > 1000 AND hash(i, 0) % 200 = 0 THEN i - 1000 ELSE i END AS n
                FROM range({rows}) t(i)
            )
        ) TO '{path}' (FORMAT csv, HEADER)"""
    )
    connection.close()


def with_rapport(folder: Path) -> int:
    """Collected and cleaned into an empty workspace; the rows kept."""
    from interactions.cleaning.clean import clean
    from interactions.sources.collect import collect
    from workspace.folder import open_workspace

    (folder / "contacts.toml").write_text(MAPPING, encoding="utf-8")
    workspace = open_workspace(folder / "workspace", create=True)
    begun = time.perf_counter()
    collect(workspace, [folder / "contacts.csv"], "interactions", folder / "contacts.toml")
    sys.stderr.write(f"collect {time.perf_counter() - begun:.1f} s\n")
    (account,) = clean(workspace).rows
    sys.stderr.write(f"collect and clean {time.perf_counter() - begun:.1f} s: {account.to_dict()}\n")
    return account.kept


def with_pandas(folder: Path, written: bool) -> int:
    """The plain way: what a notebook's first cell does."""
    import pandas as pd

    rows = pd.read_csv(folder / "contacts.csv")
    rows = rows.drop_duplicates()
    rows["occurred_at"] = pd.to_datetime(rows["occurred_at"], errors="coerce")
    for column in ("duration", "wait", "satisfaction"):
        rows[column] = rows[column].fillna(rows[column].median())
    if written:
        rows.to_parquet(folder / "pandas.parquet", compression="zstd")
    return len(rows)


def with_duckdb(folder: Path) -> int:
    """The file read with types and written as Parquet, nothing else."""
    connection = duckdb.connect(config={"threads": THREADS})
    connection.execute(
        f"""COPY (SELECT * REPLACE (try_strptime(occurred_at, '%Y-%m-%d %H:%M:%S') AS occurred_at)
            FROM read_csv('{folder}/contacts.csv', auto_detect = false, header = true, delim = ',', quote = '"',
                nullstr = ['', 'N/A'], columns = {TYPES}))
            TO '{folder}/duckdb.parquet' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"""
    )
    found = connection.execute(f"SELECT count(*) FROM '{folder}/duckdb.parquet'").fetchone()
    return int(found[0]) if found else 0


RUNS: dict[str, Callable[[Path], int]] = {
    "rapport": with_rapport,
    "pandas": lambda folder: with_pandas(folder, written=False),
    "pandas, written": lambda folder: with_pandas(folder, written=True),
    "duckdb": with_duckdb,
}


def _rows(found: dict[str, Row], rows: int) -> list[Row]:
    ours = found["rapport"]
    listed = [
        compared(f"{rows:,} rows, beside {peer}", ours[measure], unit, found[peer][measure])
        for peer in CONTENDERS[:-1]
        for measure, unit in (("wall", "s"), ("cpu", "s of CPU"), ("peak", "GiB at the peak"))
    ]
    return [*listed, compared(f"{rows:,} rows, kept", ours["rows"], "rows", None)]


def _holds(found: dict[str, Row]) -> bool:
    ours = found["rapport"]
    return bool(
        ours["wall"] * TIMES_PANDAS <= found["pandas"]["wall"]
        and ours["wall"] <= TIMES_DUCKDB * found["duckdb"]["wall"]
        and ours["peak"] < PEAK_GIB
    )


if __name__ == "__main__":
    sys.exit(main())
