"""Rows of erased customers are taken out of raw, never come in again, and are counted."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from interactions.cleaning.clean import clean
from interactions.cleaning.erased_rows import engine_for, known, rows_of
from interactions.sources import raw
from interactions.sources.batches import ROW
from interactions.sources.collect import collect
from interactions.sources.erased_rows import take_out
from workspace import erasure_records
from workspace.folder import Workspace, open_workspace
from workspace.secret import secret

FILE = """customer_id,ordered_at,amount,note
anna,2026-01-01 10:00:00,1,x
 anna ,2026-01-02 10:00:00,2,x
ben,2026-01-03 10:00:00,3,of anna
anna,no day at all,4,x
ben,2026-01-04 10:00:00,5,"anna" said,so,twice
annabel,2026-01-05 10:00:00,6,"anna"
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return open_workspace(tmp_path / "ws", create=True)


@pytest.fixture
def given(tmp_path: Path) -> Callable[[str, str], Path]:
    def write(name: str, text: str) -> Path:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return write


def erase(workspace: Workspace, *customers: str) -> None:
    with closing(workspace.state()) as state:
        erasure_records.ask(state, secret(workspace.folder), customers, "admin", "2026-05-01T00:00:00+00:00")


def account(workspace: Workspace) -> dict[str, int]:
    (row,) = clean(workspace).rows
    counts = row.to_dict()
    assert counts["received"] == sum(counts[name] for name in ("known", "duplicate", "excluded", "quarantined", "kept"))
    return {name: counts[name] for name in ("received", "excluded", "quarantined", "kept")}


def test_they_are_found_by_what_the_mapping_reads_and_in_lines_that_broke(
    workspace: Workspace, given: Callable[[str, str], Path]
) -> None:
    collect(workspace, [given("orders.csv", FILE)], "orders")
    (file,) = raw.raw_files(workspace.raw)
    mapping = raw.mapping_or_names(workspace.raw, file.source, "orders")
    with engine_for(workspace) as backend:
        assert rows_of(workspace, backend, file, mapping, known(["nobody"])) == {}
        found = rows_of(workspace, backend, file, mapping, known(["anna"]))
        by_mark = rows_of(workspace, backend, file, mapping, known(["nobody"], ["said,so"]))
    assert found == {1: "anna", 2: "anna", 4: "anna", 5: "anna"}
    assert by_mark == {5: ""}
    take_out(file, found)
    (left,) = raw.raw_files(workspace.raw)
    assert (left.name, left.rows, left.erased, left.columns) == (file.name, 2, 4, file.columns)
    rows = pq.read_table(left.path)
    assert rows[ROW].to_pylist() == [3, 6]
    assert rows["note"].to_pylist() == ["of anna", "anna"]
    assert account(workspace) == {"received": 6, "excluded": 4, "quarantined": 0, "kept": 2}


def test_a_row_keeps_the_number_that_its_place_told(workspace: Workspace, given: Callable[[str, str], Path]) -> None:
    collect(workspace, [given("orders.csv", FILE)], "orders")
    (file,) = raw.raw_files(workspace.raw)
    # As large plain files lie there: without numbers, and without broken lines.
    rows = pq.read_table(file.path)
    plain = rows.select(list(file.columns)).replace_schema_metadata(rows.schema.metadata)
    pq.write_table(plain, file.path)
    take_out(raw.described(workspace.raw, file.path), [1, 4])
    assert pq.read_table(file.path)[ROW].to_pylist() == [2, 3, 5, 6]
    take_out(raw.described(workspace.raw, file.path), [3])
    (left,) = raw.raw_files(workspace.raw)
    assert (left.rows, left.erased) == (3, 3)


def test_collected_again_they_are_left_out_and_counted(workspace: Workspace, given: Callable[[str, str], Path]) -> None:
    erase(workspace, "anna")
    path = given("orders.csv", FILE)
    (received,) = collect(workspace, [path], "orders")
    assert received.new
    assert account(workspace) == {"received": 6, "excluded": 4, "quarantined": 0, "kept": 2}
    (again,) = collect(workspace, [path], "orders")
    assert not again.new
    lake = workspace.lake.read("orders", ["customer_id"])
    assert sorted(lake["customer_id"].to_pylist()) == ["annabel", "ben"]


def test_a_file_of_nobody_else_is_received_empty(workspace: Workspace, given: Callable[[str, str], Path]) -> None:
    erase(workspace, "anna")
    collect(workspace, [given("orders.csv", "".join(FILE.splitlines(keepends=True)[:3]))], "orders")
    assert account(workspace) == {"received": 2, "excluded": 2, "quarantined": 0, "kept": 0}


def test_another_mapping_that_sees_whose_rows_they_are_takes_them_out(
    workspace: Workspace, given: Callable[[str, str], Path]
) -> None:
    erase(workspace, "x-anna")
    path = given("orders.csv", FILE)
    collect(workspace, [path], "orders")
    assert account(workspace)["kept"] == 4
    text = (
        '[orders.columns]\ncustomer_id = { column = "customer_id", prefix = "x-" }\n'
        'ordered_at = { column = "ordered_at" }\namount = { column = "amount" }\n'
    )
    collect(workspace, [path], "orders", given("orders.toml", text))
    assert account(workspace)["excluded"] == 3
    assert "x-anna" not in workspace.lake.read("orders", ["customer_id"])["customer_id"].to_pylist()
