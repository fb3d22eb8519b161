"""Compacting changes no row, disturbs no reader and says what it freed."""

import os
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workspace.compaction import compact, kept_features, kept_scores
from workspace.folder import Workspace, open_workspace
from workspace.tables import TABLES

NEWEST = datetime(2026, 10, 31, 16, tzinfo=UTC)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return open_workspace(tmp_path)


def orders(*ids: str) -> pa.Table:
    schema = TABLES["orders"].schema
    return pa.Table.from_pylist([{**dict.fromkeys(schema.names), "order_line_id": one} for one in ids], schema)


def scores(cutoff: datetime, customers: int = 2) -> pa.Table:
    schema = TABLES["customer_scores"].schema
    rows = [{**dict.fromkeys(schema.names), "customer_id": f"C{one}", "cutoff": cutoff} for one in range(customers)]
    return pa.Table.from_pylist(rows, schema)


def ids(workspace: Workspace) -> list[str]:
    return sorted(workspace.lake.read("orders", ["order_line_id"])["order_line_id"].to_pylist())


def age(workspace: Workspace, name: str, seconds: float) -> None:
    """As if all that happened to a table until now was so long ago."""
    for path in (workspace.lake.folder / name).rglob("*"):
        os.utime(path, (time.time() - seconds,) * 2)


def test_small_files_become_one_and_the_data_stay_the_same_data(workspace: Workspace) -> None:
    lake = workspace.lake
    for number in range(7):
        lake.append_drained("orders", orders(f"o{number}"), number + 1)
    before, version = ids(workspace), lake.data_version()
    with workspace.lock("compact"):
        found = compact(workspace)["orders"]
        again = compact(workspace)["orders"]
    assert (found.files_before, found.files_after, found.bytes_freed) == (7, 1, 0)
    assert found.bytes_held == again.bytes_held > 0
    assert (again.files_before, again.files_after) == (1, 1)
    assert (ids(workspace), lake.data_version(), lake.journal_position("orders")) == (before, version, 7)
    lake.append("orders", orders("new"))
    assert lake.data_version() != version


def test_a_column_that_is_added_is_no_other_data(workspace: Workspace) -> None:
    lake = workspace.lake
    lake.append("orders", orders("a"))
    for _ in range(30):
        # More commits than are looked at first.
        lake.widen("orders")
        lake.compact("orders")
    first = lake.data_version()
    lake.replace("orders", orders(), "source", "shop")
    assert lake.data_version() != first


def test_files_are_freed_only_once_the_lease_of_their_readers_is_over(workspace: Workspace) -> None:
    lake = workspace.lake
    for number in range(4):
        lake.append("orders", orders(f"o{number}"))
    age(workspace, "orders", 3600)
    reading = lake.files("orders")
    with workspace.lock("compact"):
        held = compact(workspace)["orders"]
        # Written long ago, but a table spoke of them until just now.
        assert (held.bytes_freed, held.bytes_held) == (0, sum(Path(file).stat().st_size for file in reading))
        assert sorted(pq.read_table(reading)["order_line_id"].to_pylist()) == ids(workspace)
        age(workspace, "orders", 601)
        freed = compact(workspace)["orders"]
    assert (freed.bytes_freed, freed.bytes_held) == (held.bytes_held, 0)
    assert not any(Path(file).exists() for file in reading)
    assert ids(workspace) == [f"o{number}" for number in range(4)]


def test_what_a_killed_run_left_in_a_table_goes_too(workspace: Workspace) -> None:
    workspace.lake.append("orders", orders("a"))
    left = workspace.lake.folder / "orders" / "part-00000-left.zstd.parquet"
    left.write_bytes(b"never committed")
    with workspace.lock("compact"):
        assert compact(workspace)["orders"].bytes_freed == 0
        age(workspace, "orders", 601)
        assert compact(workspace)["orders"].bytes_freed == len(b"never committed")
    assert not left.exists()
    assert ids(workspace) == ["a"]


def test_old_scorings_go_as_keep_says(workspace: Workspace) -> None:
    cutoffs = [NEWEST - timedelta(days=days) for days in (0, 1, 2, 399, 400, 401, 800)]
    for cutoff in cutoffs:
        workspace.lake.replace_cutoff("customer_scores", scores(cutoff), cutoff)
    with workspace.lock("compact"):
        found = compact(workspace)["customer_scores"]
    assert found.rows_removed == 4
    left = workspace.lake.read("customer_scores", ["cutoff"])["cutoff"].unique().to_pylist()
    assert sorted(left) == sorted(cutoffs[:5])


def test_which_features_are_kept() -> None:
    days = [datetime(2026, month, day, tzinfo=UTC) for month, day in ((8, 10), (8, 20), (9, 1), (9, 30), (10, 2))]
    assert kept_features(days, ZoneInfo("UTC")) == {days[1], days[3], days[4]}
    assert kept_features([*days, datetime(2026, 10, 3, tzinfo=UTC)], ZoneInfo("UTC")) == {
        *(days[1], days[3], days[4]),
        datetime(2026, 10, 3, tzinfo=UTC),
    }
    # The last of September there is the first of October here.
    evening = datetime(2026, 9, 30, 20, tzinfo=UTC)
    assert kept_features([days[2], evening, days[4], NEWEST], ZoneInfo("Asia/Shanghai")) == {days[2], days[4], NEWEST}
    assert kept_features([], ZoneInfo("UTC")) == set()
    assert kept_scores([], 400) == set()
    assert kept_scores([NEWEST - timedelta(days=5000)], 400) == {NEWEST - timedelta(days=5000)}


def test_the_writer_goes_on_meanwhile(workspace: Workspace) -> None:
    lake = workspace.lake
    failures: list[BaseException] = []

    def write() -> None:
        try:
            for number in range(15):
                while not lake.append_drained("orders", orders(f"o{number:02}"), number + 1):
                    time.sleep(0.001)
                lake.compact("orders", wait=number % 2 == 0)
        except BaseException as error:
            failures.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    with workspace.lock("compact"):
        while writer.is_alive():
            compact(workspace)
    writer.join()
    assert failures == []
    assert ids(workspace) == [f"o{number:02}" for number in range(15)]
    assert lake.journal_position("orders") == 15
