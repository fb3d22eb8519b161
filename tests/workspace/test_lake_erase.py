import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake

from workspace import lake_erase
from workspace.errors import WorkspaceError
from workspace.lake import Lake
from workspace.lake_erase import among
from workspace.tables import TABLES


def orders(*customers: str | None, key: str = "line") -> pa.Table:
    rows = [
        {"order_line_id": f"{key}-{number}-of-{one}", "order_id": f"{one}'s", "customer_id": one, "source": "shop"}
        for number, one in enumerate(customers)
    ]
    schema = TABLES["orders"].schema
    return pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in rows], schema)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path / "lake")
    lake.append_drained("orders", orders("anna", "ben", None), 17)
    lake.append("orders", orders("ben", key="second"), once="file 2")
    lake.append("orders", orders("anna", key="third"))
    return lake


def customers(lake: Lake) -> list[str | None]:
    return sorted(lake.read("orders", ["customer_id"])["customer_id"].to_pylist(), key=lambda one: one or "")


def bytes_of(lake: Lake) -> bytes:
    return b"".join(path.read_bytes() for path in lake.folder.rglob("*") if path.is_file())


def test_rows_go_in_one_commit_and_everything_else_stays(lake: Lake) -> None:
    before = lake.version("orders")
    others = [row for row in lake.read("orders").to_pylist() if row["customer_id"] != "anna"]
    gone = lake_erase.rewrite(lake, "orders", among(("customer_id",), ["anna", "nobody"]))
    assert sorted(one for rows in gone for one in rows["customer_id"].to_pylist()) == ["anna", "anna"]
    assert lake.version("orders") == before + 1
    key = str
    assert sorted(lake.read("orders").to_pylist(), key=key) == sorted(others, key=key)
    assert lake.count("orders") == 3
    # What commits recorded is recorded still.
    assert lake.journal_position("orders") == 17
    assert lake.has_committed("orders", "file 2")
    assert lake_erase.rewrite(lake, "orders", among(("customer_id",), ["anna"])) == []
    assert lake.version("orders") == before + 1
    lake.append("orders", orders("cleo", key="later"))
    assert customers(lake) == [None, "ben", "ben", "cleo"]
    assert DeltaTable(str(lake.folder / "orders")).to_pyarrow_table().num_rows == 4


def test_bytes_go_with_the_sweep_log_and_older_versions_too(lake: Lake) -> None:
    lake.compact("orders")
    lake.append("orders", orders("anna", key="fourth"))
    lake_erase.rewrite(lake, "orders", among(("customer_id",), ["anna"]))
    before = lake_erase.checkpointed(lake, "orders")
    leaving = lake_erase.unreferenced(lake, "orders")
    assert before is not None
    assert b"of-anna" in bytes_of(lake)
    lake.append("orders", orders("dora", key="meanwhile"))
    lake_erase.sweep(lake, "orders", leaving, before)
    held = bytes_of(lake)
    assert b"of-anna" not in held
    assert b"anna's" not in held
    for path in lake.folder.rglob("*.parquet"):
        assert not any("anna" in str(column.to_pylist()) for column in pq.read_table(path).columns)
    assert customers(lake)[-1] == "dora"
    assert lake.journal_position("orders") == 17
    lake.append("orders", orders("emil", key="after"))
    assert lake.count("orders") == 5


def test_who_appends_meanwhile_is_not_lost(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    link, others = os.link, iter([orders("anna", "finn", key="raced")])

    def raced(*given: Any) -> None:
        for rows in others:
            # Somebody who knows nothing of our locks, such as Spark.
            write_deltalake(str(lake.folder / "orders"), rows, mode="append")
        link(*given)

    monkeypatch.setattr(os, "link", raced)
    lake_erase.rewrite(lake, "orders", among(("customer_id",), ["anna"]))
    found = customers(lake)
    assert "anna" not in found
    assert "finn" in found
    assert len(found) == 4

    def never(*_: Any) -> None:
        raise FileExistsError

    monkeypatch.setattr(os, "link", never)
    files = set(lake.folder.rglob("*"))
    with pytest.raises(WorkspaceError, match="Try again"):
        lake_erase.rewrite(lake, "orders", among(("customer_id",), ["ben"]))
    assert set(lake.folder.rglob("*")) == files


def test_a_table_that_is_not_there_is_left_alone(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    assert lake_erase.rewrite(lake, "orders", among(("customer_id",), ["anna"])) == []
    assert lake_erase.checkpointed(lake, "orders") is None
    assert lake_erase.unreferenced(lake, "orders") == []


def test_the_last_rows_may_go(lake: Lake) -> None:
    lake_erase.rewrite(lake, "orders", among(("customer_id",), ["anna", "ben"]))
    assert customers(lake) == [None]
    lake.overwrite("orders", orders("anna"))
    lake_erase.rewrite(lake, "orders", among(("customer_id",), ["anna"]))
    assert lake.read("orders").num_rows == 0
    lake.append("orders", orders("gert"))
    assert customers(lake) == ["gert"]
