"""A Spark session: what it reads and hands back, and how it says what is wrong."""

import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workspace import engine
from workspace.errors import EngineError, SettingsError
from workspace.lake import Lake
from workspace.settings import Engine, Limits
from workspace.tables import ORDERS


def needs_spark(test: Any) -> Any:
    return pytest.mark.spark(pytest.mark.slow(test))


AT = datetime(2026, 3, 29, 1, 30, 0, 250_001, UTC)


def orders(count: int) -> pa.Table:
    rows = [
        {
            **dict.fromkeys(ORDERS.column_names),
            "order_line_id": f"{n:06}",
            "ordered_at": AT,
            "amount": Decimal("-0.0001"),
        }
        for n in range(count)
    ]
    return pa.Table.from_pylist(rows, ORDERS.schema)


@needs_spark
@pytest.mark.parametrize("name", ["plain", "W {a,b} 100% é 表 *?#", "day=1"])
def test_a_lake_is_read_whatever_its_folder_is_called(spark: Any, tmp_path: Path, name: str) -> None:
    lake, rows = Lake(tmp_path / name), orders(5)
    lake.append("orders", rows.slice(3))
    lake.append("orders", rows.slice(0, 3))
    found = engine.lake_tables(spark, lake, ("orders", "surveys"))
    assert found["orders"].order_by("order_line_id").to_pyarrow().equals(rows)
    assert found["surveys"].count().to_pyarrow().as_py() == 0
    assert found["surveys"].count().execute() == 0


@needs_spark
def test_columns_that_an_older_rapport_did_not_write_are_missing(spark: Any, tmp_path: Path) -> None:
    rows = orders(3)
    pq.write_table(rows.drop_columns(["amount"]), tmp_path / "older.parquet")
    pq.write_table(rows, tmp_path / "newer.parquet")
    files = [str(tmp_path / name) for name in ("older.parquet", "newer.parquet")]
    found = spark.parquet_table("orders", files, ORDERS.schema).order_by("order_line_id", "amount").to_pyarrow()
    assert found["amount"].to_pylist() == [Decimal("-0.0001"), None] * 3


@needs_spark
def test_a_result_of_many_parts_is_in_order(spark: Any) -> None:
    rows = orders(30_000)
    shuffled = rows.take(pa.array([n * 7919 % 30_000 for n in range(30_000)]))
    given = engine.arrow_tables(spark, {"orders": shuffled})["orders"]
    assert given.order_by("order_line_id").to_pyarrow().equals(rows)


@needs_spark
def test_nothing_is_left_of_a_result(spark: Any) -> None:
    given = engine.arrow_tables(spark, {"orders": orders(3)})["orders"]
    before = set(spark.folder.iterdir())
    given.to_pyarrow()
    assert set(spark.folder.iterdir()) == before


@needs_spark
def test_rows_that_did_not_arrive_are_an_error(spark: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a cluster whose workers have a folder of that name each for itself."""
    from workspace import spark as module

    written = module._written

    def lossy(frame: Any, folder: Path) -> int:
        rows = written(frame, folder)
        for part in folder.glob("part-*.parquet"):
            part.unlink()
        return rows

    monkeypatch.setattr(module, "_written", lossy)
    given = engine.arrow_tables(spark, {"orders": orders(3)})["orders"]
    with pytest.raises(EngineError, match=r"Spark wrote 3 rows; 0 arrived\. Every worker must be able to"):
        given.to_pyarrow()


@needs_spark
def test_an_error_of_spark_tells_nothing_of_a_row(spark: Any) -> None:
    given = engine.arrow_tables(spark, {"orders": pa.table({"word": ["Mr Secret"]})})["orders"]
    with pytest.raises(EngineError, match=r"^Spark stopped with CAST_INVALID_INPUT\. ") as caught:
        given.mutate(number=given.word.cast("int64")).to_pyarrow()
    assert "Secret" not in str(caught.value)


@needs_spark
def test_a_file_that_a_worker_does_not_have(spark: Any, tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.append("orders", orders(3))
    given = engine.lake_tables(spark, lake, ("orders",))["orders"]
    Path(lake.files("orders")[0]).unlink()
    with pytest.raises(
        EngineError, match=r"^Spark stopped with [^.]*FileNotFoundException.*Every worker must be able to read"
    ):
        given.to_pyarrow()


@needs_spark
def test_a_jvm_that_died(spark: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from py4j.protocol import Py4JNetworkError

    from workspace import spark as module

    def gone(frame: Any, folder: Path) -> int:
        raise Py4JNetworkError("Answer from Java side is empty")

    monkeypatch.setattr(module, "_written", gone)
    given = engine.arrow_tables(spark, {"orders": orders(3)})["orders"]
    with pytest.raises(EngineError, match=r"^Spark stopped with Py4JNetworkError\."):
        given.to_pyarrow()


@needs_spark
def test_a_second_session_is_refused(spark: Any, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="is running in this process already"):
        engine.connect_spark(Engine(name="spark"), temp_directory=str(tmp_path))


def test_no_pyspark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.delitem(sys.modules, "workspace.spark", raising=False)
    monkeypatch.delattr("workspace.spark", raising=False)
    with pytest.raises(SettingsError, match=r"needs pyspark, which is not installed\. Run `make spark`"):
        engine.connect_spark(Engine(name="spark"))


def test_no_java(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    spark = pytest.importorskip("workspace.spark", exc_type=ImportError)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SettingsError, match=r"no `java` is on the PATH\. Install Java 17"):
        spark.connect(Engine(name="spark"), Limits(), str(tmp_path))
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(SettingsError, match="which has no bin/java"):
        spark.connect(Engine(name="spark"), Limits(), str(tmp_path))
    assert not list(tmp_path.iterdir())


def test_a_comma_in_the_path(tmp_path: Path) -> None:
    spark = pytest.importorskip("workspace.spark", exc_type=ImportError)
    folder = tmp_path / "a,b"
    folder.mkdir()
    with pytest.raises(SettingsError, match=r"Spark takes the comma in .*a,b for the end of a path"):
        spark.connect(Engine(name="spark"), Limits(), str(folder))
    assert not list(folder.iterdir())


@needs_spark
@pytest.mark.usefixtures("spark_engine")
def test_no_master(tmp_path: Path) -> None:
    with pytest.raises(
        SettingsError, match=r"No Spark master answers at spark://127\.0\.0\.1:1\. Start it, or correct"
    ):
        engine.connect_spark(Engine(name="spark", master="spark://127.0.0.1:1"), temp_directory=str(tmp_path))


@pytest.mark.parametrize(
    ("written", "mebibytes"), [("4GB", 3814), ("4 GiB", 4096), ("800mb", 762), ("1.5TiB", 1_572_864), ("1KB", 1)]
)
def test_memory_as_duckdb_takes_it(written: str, mebibytes: int) -> None:
    spark = pytest.importorskip("workspace.spark", exc_type=ImportError)
    assert spark._mebibytes(written) == mebibytes


@pytest.mark.parametrize(
    ("what", "hint"),
    [
        ("Py4JJavaError, SparkException, OutOfMemoryError", "Raise `[limits] memory`"),
        ("FAILED_READ_FILE.FILE_NOT_EXIST", "Every worker must be able to read the lake"),
        ("ARITHMETIC_OVERFLOW", ""),
    ],
)
def test_what_to_do_next(tmp_path: Path, what: str, hint: str) -> None:
    spark = pytest.importorskip("workspace.spark", exc_type=ImportError)
    backend = spark.SparkBackend()
    backend.folder = tmp_path / "session"
    assert backend._hint(what).startswith(hint)


def test_memory_that_is_no_size() -> None:
    spark = pytest.importorskip("workspace.spark", exc_type=ImportError)
    with pytest.raises(SettingsError, match=r'memory = "80%" is no size for Spark'):
        spark._mebibytes("80%")


@pytest.mark.parametrize("master", ["local", "local[2]", "spark://a:7077,b:7077", "yarn", "k8s://https://a:443"])
def test_masters(master: str) -> None:
    assert Engine(master=master).master == master


@pytest.mark.parametrize("master", ["", "10.0.0.5:7077", "http://10.0.0.5:8080", "spark://"])
def test_no_masters(master: str) -> None:
    with pytest.raises(ValueError, match="master"):
        Engine(master=master)
