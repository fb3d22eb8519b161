"""Working copies of a lake over one store: a folder for most, S3 servers where speed or a kill matters."""

import contextlib
import multiprocessing
import os
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from workspace import lake_erase
from workspace.errors import StoreError, WorkspaceError
from workspace.lake import Lake
from workspace.lake_store import LakeStore
from workspace.object_store import ObjectStore
from workspace.tables import TABLES


def orders(*ids: str, source: str = "shop") -> pa.Table:
    schema = TABLES["orders"].schema
    rows = [{"order_line_id": name, "source": source, "customer_id": name} for name in ids]
    return pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in rows], schema)


def ids(lake: Lake) -> list[str]:
    return sorted(lake.read("orders", ["order_line_id"])["order_line_id"].to_pylist())


class Machine(ObjectStore):
    """One machine's way to a store, which `fail` can break off: after so many writes, with or without their effect."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.writes_left: int | None = None
        self.answer_lost = False
        self.written: list[str] = []
        self.before_create: Callable[[], None] | None = None

    def _counted(self, name: str, write: Callable[[], Any]) -> Any:
        self.written.append(name)
        if self.writes_left is None:
            return write()
        self.writes_left -= 1
        if self.writes_left >= 0:
            return write()
        if self.answer_lost:
            write()
        raise StoreError("the store is away")

    def put(self, name: str, content: Path | bytes) -> None:
        self._counted(name, lambda: super(Machine, self).put(name, content))

    def create(self, name: str, content: bytes) -> bool:
        if self.before_create is not None and "_delta_log" in name:
            first, self.before_create = self.before_create, None
            first()
        return bool(self._counted(name, lambda: super(Machine, self).create(name, content)))


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "store"


def lake_at(folder: Path, place: Path) -> Lake:
    lake = Lake(folder / "lake", LakeStore(Machine(f"file://{place}"), folder / "lake"))
    lake.level()
    return lake


def store_of(lake: Lake) -> Any:
    assert lake.store is not None
    return lake.store.store


@pytest.fixture
def one(tmp_path: Path, place: Path) -> Lake:
    return lake_at(tmp_path / "one", place)


@pytest.fixture
def two(tmp_path: Path, place: Path) -> Lake:
    return lake_at(tmp_path / "two", place)


def in_store(place: Path) -> list[str]:
    """What any reader of Delta tables finds there."""
    return sorted(DeltaTable(str(place / "orders")).to_pyarrow_table()["order_line_id"].to_pylist())


def test_a_commit_is_in_the_store_when_it_returns(one: Lake, place: Path) -> None:
    one.append("orders", orders("a", "b"))
    one.replace("orders", orders("c", source="b"), "source", "b")
    assert in_store(place) == ids(one) == ["a", "b", "c"]
    # A data file is there before the log names it.
    sent = store_of(one).written
    assert [name.rsplit(".", 1)[1] for name in sent if name.startswith("orders/")] == ["parquet", "json"] * 2


def test_machines_in_turns_see_each_other(one: Lake, two: Lake, place: Path) -> None:
    for number in range(3):
        one.append("orders", orders(f"one {number}"))
        two.append("orders", orders(f"two {number}"))
    expected = sorted(f"{name} {number}" for name in ("one", "two") for number in range(3))
    assert in_store(place) == ids(two) == expected
    assert "two 2" not in ids(one)
    one.level()
    assert ids(one) == expected


def test_a_new_machine_begins_with_what_the_store_has(one: Lake, tmp_path: Path, place: Path) -> None:
    one.append("orders", orders("a"))
    one.append("orders", orders("b"))
    assert ids(lake_at(tmp_path / "new", place)) == ["a", "b"]


def test_who_comes_second_commits_over_the_first(one: Lake, two: Lake, place: Path) -> None:
    one.append("orders", orders("a"))
    store_of(two).before_create = lambda: one.append("orders", orders("from one"))
    two.append("orders", orders("from two"))
    assert in_store(place) == ids(two) == ["a", "from one", "from two"]
    # What was undone has left nothing in the store.
    assert len(list((place / "orders").glob("*.parquet"))) == 3


def test_who_comes_second_to_a_new_table_too(one: Lake, two: Lake, place: Path) -> None:
    store_of(two).before_create = lambda: one.append("orders", orders("from one"))
    two.append("orders", orders("from two"))
    assert in_store(place) == ids(two) == ["from one", "from two"]


def test_the_same_file_from_two_machines_is_there_once(one: Lake, two: Lake, tmp_path: Path, place: Path) -> None:
    """Their data files must not take each other's place either."""
    for name in ("for one", "for two"):
        pq.write_table(orders("a", "b" if name == "for one" else "a longer name"), tmp_path / name)
    store_of(two).before_create = lambda: one.append_files("orders", [tmp_path / "for one"], once="the file")
    two.append_files("orders", [tmp_path / "for two"], once="the file")
    assert in_store(place) == ids(two) == ["a", "b"]


def test_rows_that_only_stream_once_are_not_doubled_or_lost(one: Lake, two: Lake, place: Path) -> None:
    one.append("orders", orders("a"))
    rows = orders("b", source="new")
    reader = pa.RecordBatchReader.from_batches(rows.schema, rows.to_batches())
    store_of(two).before_create = lambda: one.append("orders", orders("from one"))
    with pytest.raises(StoreError, match="Run the command again"):
        two.replace_where("orders", reader, {"source": ["new"]})
    two.replace_where("orders", rows, {"source": ["new"]})
    assert in_store(place) == ids(two) == ["a", "b", "from one"]


@pytest.mark.parametrize("answer_lost", [False, True])
@pytest.mark.parametrize("writes", range(3))
def test_a_commit_broken_off_anywhere_is_sent_later(one: Lake, place: Path, writes: int, answer_lost: bool) -> None:
    """Every write of it in turn, whether it took effect or not; before the end readers see the old rows or the new."""
    one.append("orders", orders("a"))
    store_of(one).writes_left, store_of(one).answer_lost = writes, answer_lost
    if writes < 2:
        with pytest.raises(StoreError):
            one.append("orders", orders("b"), once="b")
    else:
        one.append("orders", orders("b"), once="b")
    is_there = (writes, answer_lost) == (1, True) or writes == 2
    assert in_store(place) == (["a", "b"] if is_there else ["a"])
    store_of(one).writes_left = None
    one.append("orders", orders("b"), once="b")
    assert in_store(place) == ids(one) == ["a", "b"]
    assert len(list((place / "orders").glob("*.parquet"))) == 2


def test_a_broken_off_commit_gives_way_to_another_machine(one: Lake, two: Lake, place: Path) -> None:
    one.append("orders", orders("a"))
    store_of(one).writes_left = 1
    with pytest.raises(StoreError):
        one.append("orders", orders("b"), once="b")
    two.append("orders", orders("from two"))
    store_of(one).writes_left = None
    one.append("orders", orders("b"), once="b")
    assert in_store(place) == ids(one) == ["a", "b", "from two"]
    assert len(list((place / "orders").glob("*.parquet"))) == 3


def test_a_lake_from_before_is_sent_whole(tmp_path: Path, place: Path) -> None:
    before = Lake(tmp_path / "one" / "lake")
    for number in range(5):
        before.append("orders", orders(f"o{number}"))
    before.compact("orders")
    one = lake_at(tmp_path / "one", place)
    assert in_store(place) == [f"o{number}" for number in range(5)]
    two = lake_at(tmp_path / "two", place)
    two.append("orders", orders("o5"))
    one.append("orders", orders("o6"))
    assert in_store(place) == ids(one) == [f"o{number}" for number in range(7)]


def test_a_checkpoint_is_sent_and_read(one: Lake, tmp_path: Path, place: Path) -> None:
    for number in range(4):
        one.append("orders", orders(f"o{number}"))
    lake_erase.checkpointed(one, "orders")
    one.append("orders", orders("o4"))
    log = place / "orders" / "_delta_log"
    assert (log / "_last_checkpoint").is_file()
    for version in range(3):
        (log / f"{version:020}.json").unlink()
    assert in_store(place) == ids(lake_at(tmp_path / "two", place)) == [f"o{number}" for number in range(5)]


def test_another_lake_is_refused(one: Lake, tmp_path: Path, place: Path) -> None:
    one.append("orders", orders("ours"))
    other = Lake(tmp_path / "other" / "lake")
    other.append("orders", orders("theirs"))
    with pytest.raises(StoreError, match="another company's lake"):
        lake_at(tmp_path / "other", place)
    assert (ids(other), in_store(place)) == (["theirs"], ["ours"])


def test_a_restored_lake_goes_forward_to_the_store(one: Lake, tmp_path: Path, place: Path) -> None:
    one.append("orders", orders("a"))
    restored = tmp_path / "restored" / "lake"
    shutil.copytree(one.folder / "orders", restored / "orders")
    one.append("orders", orders("b"))
    assert ids(lake_at(tmp_path / "restored", place)) == ["a", "b"]


def test_erased_rows_leave_the_store(one: Lake, two: Lake, tmp_path: Path, place: Path) -> None:
    one.append("orders", orders("anna", "ben"))
    one.append("orders", orders("carl"))
    two.level()
    lake_erase.rewrite(one, "orders", lake_erase.among(("customer_id",), ["anna"]))
    before = lake_erase.checkpointed(one, "orders")
    assert before is not None
    lake_erase.sweep(one, "orders", lake_erase.unreferenced(one, "orders"), before)
    assert in_store(place) == ["ben", "carl"]
    assert all("anna" not in str(pq.read_table(file).to_pylist()) for file in (place / "orders").glob("*.parquet"))
    assert not any(b"anna" in path.read_bytes() for path in place.rglob("*") if path.suffix == ".json")
    assert not list((place / "orders" / "_delta_log").glob("*00.json"))
    # The other machine goes on over a log whose beginning is gone.
    two.append("orders", orders("dora"))
    assert in_store(place) == ids(two) == ["ben", "carl", "dora"]
    assert two.free("orders", 0.0) > 0
    assert all("anna" not in str(pq.read_table(file).to_pylist()) for file in (two.folder / "orders").glob("*.parquet"))
    assert not any(b"anna" in path.read_bytes() for path in two.folder.rglob("*.json"))


def test_files_that_may_be_another_machines_are_waited_for(one: Lake, place: Path) -> None:
    one.append("orders", orders("anna"))
    pq.write_table(orders("anna"), place / "orders" / "part-under-way.parquet")
    before = lake_erase.checkpointed(one, "orders")
    assert before is not None
    with pytest.raises(WorkspaceError, match="another machine"):
        lake_erase.sweep(one, "orders", lake_erase.unreferenced(one, "orders"), before)
    old = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    os.utime(place / "orders" / "part-under-way.parquet", (old, old))
    lake_erase.sweep(one, "orders", lake_erase.unreferenced(one, "orders"), before)
    assert len(list((place / "orders").glob("*.parquet"))) == 1


def test_what_compacting_replaced_leaves_both(one: Lake, place: Path) -> None:
    for number in range(4):
        one.append("orders", orders(f"o{number}"))
    one.compact("orders")
    assert one.free("orders", 600.0) == 0
    assert len(list((place / "orders").glob("*.parquet"))) == 5
    assert one.free("orders", 0.0) > 0
    assert len(list((place / "orders").glob("*.parquet"))) == len(list((one.folder / "orders").glob("*.parquet"))) == 1
    assert in_store(place) == ids(one) == [f"o{number}" for number in range(4)]


def test_a_journal_is_drained_by_one_of_two(one: Lake, two: Lake, place: Path) -> None:
    """Machines with one state in PostgreSQL have one journal."""
    assert one.append_drained("orders", orders("a"), 1, since=0)
    assert two.append_drained("orders", orders("a"), 1, since=0)
    assert two.append_drained("orders", orders("b"), 2, since=1)
    assert (in_store(place), two.journal_position("orders")) == (["a", "b"], 2)


def test_each_workspace_has_its_own_journal(one: Lake, two: Lake) -> None:
    for lake, digit in ((one, "1"), (two, "2")):
        lake.folder.parent.mkdir(exist_ok=True)
        (lake.folder.parent / "secret.key").write_text(digit * 64)
    assert one.append_drained("orders", orders("a"), 17, since=0)
    two.level()
    assert (one.journal_position("orders"), two.journal_position("orders")) == (17, 0)


def test_a_journal_is_known_again_once_there_is_a_store(tmp_path: Path, place: Path) -> None:
    before = Lake(tmp_path / "one" / "lake")
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "secret.key").write_text("1" * 64)
    before.append_drained("orders", orders("a"), 16)
    before.append_drained("orders", orders("b"), 17)
    assert lake_at(tmp_path / "one", place).journal_position("orders") == 17
    assert Lake(tmp_path / "one" / "lake").journal_position("orders") == 17


def _commits(folder: Path, url: str, name: str, count: int) -> None:
    lake = Lake(folder / "lake", LakeStore(ObjectStore(url), folder / "lake"))
    for number in range(count):
        lake.append("orders", orders(f"{name} {number}"))


def _at_once(tmp_path: Path, url: str, count: int) -> list[str]:
    """Three machines commit as fast as they can; what should be in the store then."""
    context = multiprocessing.get_context("spawn")
    names = ("one", "two", "three")
    machines = [context.Process(target=_commits, args=(tmp_path / name, url, name, count)) for name in names]
    for machine in machines:
        machine.start()
    for machine in machines:
        machine.join()
    assert [machine.exitcode for machine in machines] == [0, 0, 0]
    return sorted(f"{name} {number}" for name in names for number in range(count))


@pytest.mark.slow
def test_machines_at_once_lose_and_double_nothing(tmp_path: Path, place: Path) -> None:
    expected = _at_once(tmp_path, f"file://{place}", 15)
    assert in_store(place) == expected


@pytest.mark.slow
def test_machines_at_once_over_s3(tmp_path: Path, conditional_bucket: Any) -> None:
    expected = _at_once(tmp_path, conditional_bucket.url, 8)
    table = DeltaTable(f"{conditional_bucket.url}/orders", storage_options=conditional_bucket.environment)
    assert sorted(table.to_pyarrow_table()["order_line_id"].to_pylist()) == expected


def _until_killed(folder: Path, url: str, start: int, told: Any) -> None:
    lake = Lake(folder / "lake", LakeStore(ObjectStore(url, single_writer=True), folder / "lake"))
    number = start
    while True:
        lake.append("orders", orders(f"{number:06}"), once=f"{number:06}")
        told.send(number)
        number += 1


@pytest.mark.slow
def test_a_machine_killed_while_it_sends_loses_and_doubles_nothing(tmp_path: Path, bucket: Any) -> None:
    """kill -9 at 12 moments of a real S3 server's client; each time another commit, or the same one, goes on."""
    context = multiprocessing.get_context("spawn")
    acknowledged = -1
    for moment in range(12):
        told, telling = context.Pipe(duplex=False)
        machine = context.Process(target=_until_killed, args=(tmp_path, bucket.url, acknowledged + 1, telling))
        machine.start()
        telling.close()
        with contextlib.suppress(EOFError):
            assert told.poll(60)
            acknowledged = told.recv()
            time.sleep(0.017 * moment)
            machine.kill()
            while True:
                acknowledged = told.recv()
        machine.join()
    store = LakeStore(ObjectStore(bucket.url, single_writer=True), tmp_path / "lake")
    lake = Lake(tmp_path / "lake", store)
    lake.level()
    found = ids(lake)
    assert len(found) == len(set(found))
    assert found == [f"{number:06}" for number in range(len(found))]
    # The last may have been sent and not told of.
    assert acknowledged + 1 <= len(found) <= acknowledged + 2
    new = Lake(tmp_path / "new", LakeStore(ObjectStore(bucket.url, single_writer=True), tmp_path / "new"))
    new.level()
    assert ids(new) == found
