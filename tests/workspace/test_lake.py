import json
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import write_deltalake

from workspace import engine
from workspace.lake import Lake
from workspace.tables import CUSTOMER_SCORES, ORDERS, TABLES, Table


def rows_of(table: Table, rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(
        [{column.name: row.get(column.name) for column in table.columns} for row in rows], table.schema
    )


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def orders(*ids: str, source: str = "shop") -> pa.Table:
    return rows_of(ORDERS, [{"order_line_id": name, "source": source} for name in ids])


def ids(lake: Lake) -> list[str]:
    return sorted(lake.read("orders", ["order_line_id"])["order_line_id"].to_pylist())


@pytest.mark.parametrize("name", TABLES)
def test_every_table_is_read_in_its_schema(lake: Lake, name: str) -> None:
    assert lake.read(name).schema == TABLES[name].schema
    lake.append(name, TABLES[name].schema.empty_table())
    assert lake.read(name).schema == TABLES[name].schema
    assert lake.count(name) == 0


def test_append_once_adds_once(lake: Lake) -> None:
    lake.append("orders", orders("a", "b"), once="file 1")
    lake.append("orders", orders("a", "b"), once="file 1")
    lake.append("orders", orders("c"), once="file 2")
    assert ids(lake) == ["a", "b", "c"]
    assert lake.count("orders") == 3


def parquet(folder: Path, name: str, *ids: str) -> Path:
    pq.write_table(orders(*ids), folder / name)
    return folder / name


def test_files_are_appended_in_one_commit_and_once(lake: Lake, tmp_path: Path) -> None:
    lake.append_files("orders", [parquet(tmp_path, "1", "a"), parquet(tmp_path, "2", "b", "c")], once="first")
    assert (lake.version("orders"), lake.count("orders"), ids(lake)) == (0, 3, ["a", "b", "c"])
    lake.append_files("orders", [parquet(tmp_path, "1", "a")], once="first")
    lake.append_files("orders", [], once="nothing")
    lake.append_files("orders", [parquet(tmp_path, "3", "d")], once="second")
    lake.append("orders", orders("e"), once="third")
    assert (lake.version("orders"), lake.count("orders"), ids(lake)) == (2, 5, ["a", "b", "c", "d", "e"])
    assert lake.has_committed("orders", "second")


def test_rows_of_appended_files_are_replaced_by_source_from_a_reader(lake: Lake, tmp_path: Path) -> None:
    lake.append_files("orders", [parquet(tmp_path, "1", "a", "b")], once="first")
    lake.append("orders", orders("x", source="mail"))
    rows = orders("c")
    lake.replace_where(
        "orders", pa.RecordBatchReader.from_batches(rows.schema, rows.to_batches()), {"source": ["shop"]}
    )
    assert ids(lake) == ["c", "x"]


def test_the_log_has_no_statistics_of_appended_files_but_their_rows(lake: Lake, tmp_path: Path) -> None:
    lake.append_files("orders", [parquet(tmp_path, "1", "a")], once="first")
    (log,) = (lake.folder / "orders" / "_delta_log").glob("*.json")
    (added,) = [json.loads(line)["add"] for line in log.read_text().splitlines() if "add" in json.loads(line)]
    assert json.loads(added["stats"]) == {"numRecords": 1}


def test_replace_leaves_other_sources_alone(lake: Lake) -> None:
    lake.append("orders", orders("a", "b"))
    lake.append("orders", orders("c", source="o'shop"))
    lake.replace("orders", orders("d", source="o'shop"), "source", "o'shop")
    assert ids(lake) == ["a", "b", "d"]


def test_replace_cutoff_leaves_other_cutoffs_alone(lake: Lake) -> None:
    first, second = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, 0, 0, 0, 1, tzinfo=UTC)
    for cutoff in (first, second, second):
        scores = rows_of(CUSTOMER_SCORES, [{"customer_id": "1", "cutoff": cutoff}])
        lake.replace_cutoff("customer_scores", scores, cutoff)
    assert sorted(lake.read("customer_scores")["cutoff"].to_pylist()) == [first, second]


def test_the_log_has_no_statistics_of_personal_columns(lake: Lake) -> None:
    row = {"order_line_id": "line-1", "customer_id": "somebody", "source": "shop"}
    lake.append("orders", rows_of(ORDERS, [row]))
    log = "".join(path.read_text() for path in sorted((lake.folder / "orders" / "_delta_log").glob("*.json")))
    statistics = [json.loads(line)["add"]["stats"] for line in log.splitlines() if '"add"' in line]
    assert "line-1" in statistics[0]
    assert "somebody" not in log


def test_data_version_changes_with_the_cleaned_data_only(lake: Lake) -> None:
    before = lake.data_version()
    lake.append("customer_scores", CUSTOMER_SCORES.schema.empty_table())
    assert lake.data_version() == before
    lake.append("orders", orders("a"))
    assert lake.data_version() != before


@pytest.mark.parametrize("how", ["rows", "files"])
def test_a_table_made_before_a_column_was_there_gets_it(lake: Lake, tmp_path: Path, how: str) -> None:
    old = orders("old").drop_columns(["is_revision", "product"])
    write_deltalake(str(lake.folder / "orders"), old)

    def by_engine() -> list[dict[str, Any]]:
        rows = engine.lake_tables(engine.connect(), lake, ("orders",))["orders"].to_pyarrow()
        assert rows.schema.names == ORDERS.schema.names
        return sorted(rows.to_pylist(), key=lambda row: str(row["order_line_id"]))

    assert [row["order_line_id"] for row in by_engine()] == ids(lake) == ["old"]
    new = rows_of(ORDERS, [{"order_line_id": "new", "source": "shop", "is_revision": False, "product": "tea"}])
    if how == "rows":
        lake.append("orders", new)
    else:
        pq.write_table(new, tmp_path / "new.parquet")
        lake.append_files("orders", [tmp_path / "new.parquet"], once="new")
    expected = [("new", "tea", False), ("old", None, None)]
    names = ("order_line_id", "product", "is_revision")
    assert [tuple(row[name] for name in names) for row in by_engine()] == expected
    read = lake.read("orders").sort_by("order_line_id").to_pylist()
    assert [tuple(row[name] for name in names) for row in read] == expected


def test_two_who_compact_and_one_who_replaces_do_not_get_in_each_others_way(lake: Lake) -> None:
    """Left to itself, Delta commits two compactions of the same files, and each row is there twice."""
    for number in range(4):
        lake.append("orders", orders(f"o{number}"))
    failures: list[BaseException] = []

    def repeated(work: Callable[[], object]) -> None:
        try:
            for _ in range(6):
                work()
        except BaseException as error:
            failures.append(error)

    works: list[Callable[[], object]] = [
        lambda: lake.compact("orders"),
        lambda: lake.compact("orders"),
        lambda: lake.append("orders", orders("live", source="live")),
        lambda: lake.replace("orders", orders("one", source="one"), "source", "one"),
    ]
    threads = [threading.Thread(target=repeated, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert Counter(ids(lake)) == Counter(["o0", "o1", "o2", "o3", "one", *["live"] * 6])


def test_the_journal_waits_while_somebody_commits(lake: Lake) -> None:
    lake.append("orders", orders("a"))
    with lake.alone("orders"):
        assert not lake.append_drained("orders", orders("b"), 1)
        lake.compact("orders", wait=False)
    assert lake.append_drained("orders", orders("b"), 1)
    assert (ids(lake), lake.journal_position("orders")) == (["a", "b"], 1)
