"""Spark through Ibis: the second engine, for a company that outgrows one machine. Imported only when it is asked for.

A session has a JVM and a folder of its own in the workspace's `tmp/`, and both are gone when it ends. Results are
Parquet files that Spark's workers write there and Arrow reads: neither pandas nor the driver's memory is in between.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import tempfile
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import ibis
import ibis.expr.operations as ops
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.formats.pyarrow import PyArrowSchema
from py4j.protocol import Py4JError
from pyspark import SparkConf, SparkContext
from pyspark.errors import PySparkException
from pyspark.java_gateway import launch_gateway
from pyspark.sql import DataFrame, Observation, SparkSession
from pyspark.sql.functions import count, lit

from workspace import spark_sql
from workspace.errors import EngineError, SettingsError
from workspace.settings import Engine, Limits

with warnings.catch_warnings():
    # It speaks of conversions to and from pandas 3, of which none is used here.
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    from ibis.backends.pyspark import Backend
    from ibis.backends.pyspark.datatypes import PySparkSchema

_INSTALL_JAVA = (
    "Install Java 17 (Debian, Ubuntu: apt-get install openjdk-17-jre-headless; macOS: brew install openjdk@17)"
)
_LOOPBACK = ("127.0.0.1", "localhost")
_MASTER_SECONDS, _WORKER_SECONDS = 5, 60
_UNITS = {"KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}
# Errors alone, into the session's own log.
_LOGGING = """rootLogger.level = error
rootLogger.appenderRef.stderr.ref = stderr
appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = %d %p %c{1}: %m%n%ex
"""


class SparkBackend(Backend):  # type: ignore[misc]  # Ibis is not checked
    """Ibis on one Spark session: DuckDB's meaning (workspace/spark_sql.py), Parquet in, Parquet out."""

    compiler = spark_sql.compiler
    folder: Path

    def parquet_table(self, name: str, files: Sequence[str], schema: pa.Schema) -> ibis.Table:
        """Parquet files, or none, as a table of exactly these columns and types."""
        expected = ibis.Schema.from_pyarrow(schema)
        reader = self._session.read.schema(PySparkSchema.from_ibis(expected))
        reader.parquet(*map(_literally, files or [self._file(schema.empty_table())])).createOrReplaceTempView(name)
        return ops.DatabaseTable(name=name, schema=expected, source=self).to_expr()

    def arrow_table(self, name: str, rows: pa.Table) -> ibis.Table:
        """An Arrow table in memory, by way of a file that Spark's workers can read."""
        return self.parquet_table(name, [self._file(rows)], rows.schema)

    def to_pyarrow(self, expr: ibis.Expr, /, **kwargs: Any) -> Any:
        """The result with the types of the expression; rows in its order.

        Raises EngineError when Spark can't compute it, or its workers don't see the workspace.
        """
        wanted = expr.as_table()
        schema = PyArrowSchema.from_ibis(wanted.schema())
        parts = [part.cast(schema) for part in self._computed(self.compile(wanted, **kwargs))]
        return expr.__pyarrow_result__(pa.concat_tables([schema.empty_table(), *parts]))

    def execute(self, expr: ibis.Expr, /, **kwargs: Any) -> Any:
        """The same for pandas."""
        return expr.__pandas_result__(self.to_pyarrow(expr.as_table(), **kwargs).to_pandas())

    def disconnect(self) -> None:
        """End the session, its JVM and its folder."""
        _end(self._session.sparkContext)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _computed(self, query: str) -> list[pa.Table]:
        """The parts of a result, in its order."""
        folder = self._room() / "result"
        try:
            rows = _written(self._session.sql(query), folder)
        except (PySparkException, Py4JError) as error:
            what = _kind(error)
            raise EngineError(f"Spark stopped with {what}. {self._hint(what)}--debug shows its own words.") from error
        parts = [pq.read_table(part) for part in sorted(folder.glob("part-*.parquet"))]
        arrived = sum(part.num_rows for part in parts)
        if arrived != rows:
            raise EngineError(f"Spark wrote {rows:,} rows; {arrived:,} arrived. {self._where()}")
        shutil.rmtree(folder.parent)
        return parts

    def _file(self, rows: pa.Table) -> str:
        file = self._room() / "rows.parquet"
        pq.write_table(rows, file)
        return str(file)

    def _room(self) -> Path:
        return Path(tempfile.mkdtemp(dir=self.folder))

    def _hint(self, what: str) -> str:
        if "OutOfMemory" in what:
            return 'Raise `[limits] memory`, or [engine.options] "spark.executor.memory", in rapport.toml. '
        return f"{self._where()} " if any(word in what.upper() for word in ("FILE", "PATH")) else ""

    def _where(self) -> str:
        return f"Every worker must be able to read the lake and write to {self.folder.parent}, under the same paths."


def _kind(error: Exception) -> str:
    """What went wrong by its names, never by what it says: that may quote a row."""
    if isinstance(error, PySparkException):
        return error.getCondition() or type(error).__name__
    names = [type(error).__name__]
    with suppress(Exception):  # the JVM may be gone
        cause = getattr(error, "java_exception", None)
        while cause is not None:
            names.append(cause.getClass().getSimpleName())
            cause = cause.getCause()
    return ", ".join(dict.fromkeys(names))


def connect(engine: Engine, limits: Limits, temp_directory: str | None) -> SparkBackend:
    """A Spark session at `engine.master`; its files in a folder of its own in `temp_directory` (default: the system's).

    Raises SettingsError when Java is missing, the master doesn't answer or has no workers, or a session is running in
    this process already.
    """
    base = temp_directory or tempfile.gettempdir()
    if "," in base:
        raise SettingsError(f"Spark takes the comma in {base} for the end of a path. Move the workspace.")
    _check(engine.master)
    folder = Path(tempfile.mkdtemp(prefix="spark-", dir=base))
    try:
        session = _session(_configuration(engine, limits, folder), folder)
        for function in spark_sql.FUNCTIONS:
            session.sql(function)
        _await_workers(session.sparkContext, engine.master)
    except BaseException:
        _end(SparkContext._active_spark_context)
        shutil.rmtree(folder, ignore_errors=True)
        raise
    backend = SparkBackend()
    backend.folder = folder
    backend.do_connect(session)
    return backend


def _check(master: str) -> None:
    home = os.environ.get("JAVA_HOME")
    java = Path(home, "bin", "java") if home else shutil.which("java")
    if java is None or not Path(java).is_file():
        where = f"JAVA_HOME is {home}, which has no bin/java" if home else "no `java` is on the PATH"
        raise SettingsError(f"Spark runs on Java 17 or later; {where}. {_INSTALL_JAVA}, or use --engine duckdb.")
    addresses = master.removeprefix("spark://").split(",") if master.startswith("spark://") else []
    if addresses and not any(_answers(address) for address in addresses):
        raise SettingsError(
            f"No Spark master answers at {master}. Start it, or correct --master or `[engine] master` in rapport.toml."
        )
    if SparkContext._active_spark_context is not None:
        raise SettingsError("A Spark session is running in this process already. Stop it first: session.stop().")


def _answers(address: str) -> bool:
    host, port = urlsplit(f"//{address}").hostname, urlsplit(f"//{address}").port
    with suppress(OSError), socket.create_connection((host or "", port or 7077), _MASTER_SECONDS):
        return True
    return False


def _configuration(engine: Engine, limits: Limits, folder: Path) -> dict[str, str]:
    """What Spark is told; `[engine.options]` has the last word."""
    logging = folder / "log4j2.properties"
    logging.write_text(_LOGGING, encoding="utf-8")
    java = f'-XX:-UsePerfData "-Djava.io.tmpdir={folder}" "-Dlog4j2.configurationFile={logging.as_uri()}"'
    is_near = engine.master.startswith("local") or urlsplit(engine.master).hostname in _LOOPBACK
    near = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    return {
        "spark.master": engine.master,
        "spark.app.name": "rapport",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.memory": f"{_mebibytes(limits.memory)}m",
        "spark.driver.extraJavaOptions": java,
        "spark.local.dir": str(folder),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
        # It would import IPython to say in which cell a query was written.
        "spark.python.sql.dataFrameDebugging.enabled": "false",
        **(near if is_near else {}),
        **engine.options,
    }


def _mebibytes(amount: str) -> int:
    """A size as DuckDB takes it, for a JVM."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]I?B)\s*", amount.upper())
    if found is None:
        raise SettingsError(f'[limits] memory = "{amount}" is no size for Spark. Write it as "4GB" or "800MB".')
    return max(int(float(found[1]) * _UNITS[found[2]] / 2**20), 1)


def _session(configuration: Mapping[str, str], folder: Path) -> SparkSession:
    conf = SparkConf(loadDefaults=False)
    for name, value in configuration.items():
        conf.set(name, value)
    log = folder / "spark.log"
    try:
        with log.open("wb") as said, _environment(SPARK_LAUNCHER_OPTS="-XX:-UsePerfData"):
            gateway = launch_gateway(conf, {"stdout": said, "stderr": said})
        return SparkSession(SparkContext(conf=conf, gateway=gateway))
    except Exception as error:
        raise SettingsError(
            f"Spark did not start: {_why(error, log)}. {_INSTALL_JAVA}, and correct `[engine]` in rapport.toml; "
            "--debug shows Spark's own words."
        ) from error


def _why(error: Exception, log: Path) -> str:
    """The last line that Java or Spark said."""
    java = str(getattr(error, "java_exception", "")).splitlines()
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return (java[:1] or lines[-1:] or [type(error).__name__])[0].rstrip(".")


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    """What a child started meanwhile finds in its environment."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _await_workers(context: SparkContext, master: str) -> None:
    """Spark itself would wait for ever: a master may answer and have nobody to do the work."""
    until = time.monotonic() + _WORKER_SECONDS
    # The driver is listed as the first of them.
    while master.startswith("spark://") and len(context._jsc.sc().statusTracker().getExecutorInfos()) < 2:
        if time.monotonic() > until:
            raise SettingsError(
                f"The Spark master at {master} gave no worker within {_WORKER_SECONDS} seconds. Start workers, free "
                'some, or ask for less: [engine.options] "spark.executor.memory", "spark.cores.max".'
            )
        time.sleep(0.1)


def _end(context: SparkContext | None) -> None:
    """Stop the session and the JVM behind it: the next one has its own memory and its own folder."""
    if context is not None:
        with suppress(Py4JError, OSError):  # a JVM that died has nothing to stop
            context.stop()
    gateway, SparkContext._gateway, SparkContext._jvm = SparkContext._gateway, None, None
    if gateway is not None:
        gateway.shutdown()
        gateway.proc.stdin.close()
        gateway.proc.wait()


def _literally(file: str) -> str:
    """A file's address; Spark takes [ ] { } * ? in a name for a pattern, and a name without "file:" for one of HDFS."""
    return "file:" + re.sub(r"([\[\]{}*?\\])", r"\\\1", file)


def _written(frame: DataFrame, folder: Path) -> int:
    """Write a result and say how many rows the workers say it has: one that can't reach the folder loses its own."""
    seen = Observation()
    frame.observe(seen, count(lit(1)).alias("rows")).write.parquet(f"file:{folder}")
    return int(seen.get["rows"])
