"""The one connection to an engine: DuckDB through Ibis for batch work, bare and locked down for a service worker, or
Spark (workspace/spark.py) where the settings say so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import duckdb
import pyarrow as pa

from workspace.errors import SettingsError
from workspace.settings import Engine, Limits, Settings
from workspace.sizes import bytes_of
from workspace.tables import TABLES

if TYPE_CHECKING:
    import ibis
    from ibis.backends.duckdb import Backend

    from workspace.lake import Lake
    from workspace.spark import SparkBackend

# Nothing is fetched at run time.
_CLOSED: dict[str, Any] = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}


def connect(limits: Limits | None = None, temp_directory: str | None = None) -> Backend:
    """An embedded DuckDB through Ibis, within the limits of memory and disk; without a folder it moves nothing to disk.

    What needs more ends in an error of DuckDB's own, which `workspace.limits.within` tells people about.
    """
    import ibis  # costs a second: only for batch work, never in a service worker

    limits = limits or Limits()
    # Left to itself it would write to .tmp in whatever folder we stand in.
    options: dict[str, Any] = {"memory_limit": limits.memory, "temp_directory": temp_directory or ""}
    backend = ibis.duckdb.connect(**_CLOSED, **options)
    # Given while connecting, DuckDB 2.0 shows this limit but does not keep it.
    backend.raw_sql(f"SET max_temp_directory_size = '{bytes_of(limits.temp_disk)}B'")
    # A day is never the day of the machine's own zone.
    backend.raw_sql("SET TimeZone = 'UTC'")
    return backend


def connect_spark(engine: Engine, limits: Limits | None = None, temp_directory: str | None = None) -> SparkBackend:
    """A Spark session at `engine.master`, through Ibis, its files within `temp_directory`.

    Raises SettingsError when pyspark or Java is missing, or the master can't be used.
    """
    try:
        from workspace import spark
    except ModuleNotFoundError as error:
        if error.name not in ("pyspark", "py4j"):
            raise
        raise SettingsError(
            "The engine spark needs pyspark, which is not installed. Run `make spark` (or pip install "
            "--require-hashes -r requirements-spark.lock), or use --engine duckdb."
        ) from None
    return spark.connect(engine, limits or Limits(), temp_directory)


def connect_by(settings: Settings, temp_directory: str) -> Any:
    """The engine that `[engine]` names, for what runs on either."""
    if settings.engine.name == "spark":
        return connect_spark(settings.engine, settings.limits, temp_directory)
    return connect(settings.limits, temp_directory)


def beside(backend: Backend) -> duckdb.DuckDBPyConnection:
    """Another connection to the same database, for another thread; it shares tables but not temporary ones."""
    connection: duckdb.DuckDBPyConnection = backend.con.cursor()
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def lake_tables(backend: Backend, lake: Lake, names: tuple[str, ...]) -> dict[str, ibis.Table]:
    """Each named lake table as an Ibis table over its Parquet files; an empty one where nothing was written yet."""
    if backend.name == "pyspark":
        return {name: backend.parquet_table(f"lake_{name}", lake.files(name), TABLES[name].schema) for name in names}
    tables = {}
    for name in names:
        files = lake.files(name)
        schema = TABLES[name].schema
        if files:
            tables[name] = _read(backend, f"lake_{name}", files, schema)
        else:
            tables[name] = _in_memory(backend, f"lake_{name}", schema.empty_table())
    return tables


def _read(backend: Backend, name: str, files: list[str], schema: pa.Schema) -> ibis.Table:
    """The files' rows; columns that an older Rapport did not write are null."""
    import ibis
    import pyarrow.parquet as pq

    written = [set(pq.read_schema(file).names) for file in files]
    rows = backend.read_parquet(files, table_name=name, union_by_name=any(one != written[0] for one in written))
    lacking = [field for field in schema if not any(field.name in one for one in written)]
    rows = rows.mutate(**{field.name: ibis.null(ibis.dtype(field.type)) for field in lacking})
    found: ibis.Table = rows.select(schema.names)
    return found


def arrow_tables(backend: Backend, tables: Mapping[str, pa.Table]) -> dict[str, ibis.Table]:
    """Arrow tables in memory as Ibis tables of the same names."""
    return {name: _in_memory(backend, name, table) for name, table in tables.items()}


def _in_memory(backend: Backend, name: str, rows: pa.Table) -> ibis.Table:
    if backend.name == "pyspark":
        return backend.arrow_table(name, rows)
    backend.con.register(name, rows)
    return backend.table(name)


@contextmanager
def held(backend: Backend) -> Iterator[Callable[[pa.Table], ibis.Table]]:
    """What makes an Ibis table of an Arrow table in memory; at the end of the block the engine lets go of them all.

    Left to itself, Ibis leaves them with DuckDB for as long as the connection lives.
    """
    import ibis

    names: list[str] = []

    def hold(rows: pa.Table) -> ibis.Table:
        if backend.name == "pyspark":
            return _in_memory(backend, ibis.util.gen_name("held"), rows)
        table: ibis.Table = ibis.memtable(rows)
        names.append(table.op().name)
        return table

    try:
        yield hold
    finally:
        for name in names:
            backend.con.unregister(name)


def locked_down(memory: str = "1GB", threads: int = 1) -> duckdb.DuckDBPyConnection:
    """A bare DuckDB that reads only what is registered with it: no files, no extensions, no change of settings.

    It stays within `memory` or fails: nothing of what it works on is moved to disk. What one query needed goes back to
    the system some seconds later.
    """
    options: dict[str, Any] = {"memory_limit": memory, "threads": threads, "temp_directory": ""}
    options["allocator_background_threads"] = True
    connection = duckdb.connect(":memory:", config={**_CLOSED, **options})
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET python_enable_replacements = false")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def limit_reached(error: BaseException) -> Literal["memory", "temp_disk"] | None:
    """Which of its two limits DuckDB ran into; None for every other error."""
    if not isinstance(error, duckdb.OutOfMemoryException):
        return None
    return "temp_disk" if "max_temp_directory_size" in str(error) else "memory"
