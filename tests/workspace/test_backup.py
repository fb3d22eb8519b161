"""A backup is the workspace as of one moment, while events come in and the writer drains them."""

import stat
import threading
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from deltalake import DeltaTable

from serving.live_events import LiveInteractions
from serving.writer import Writer
from workspace.backup import backup
from workspace.backup_restore import restore
from workspace.errors import WorkspaceError
from workspace.folder import Workspace, open_workspace
from workspace.journal import entries, last_position, record
from workspace.state import now
from workspace.tables import ORDERS

SECRET = bytes(32)


def orders(*ids: str) -> pa.Table:
    rows = [{**dict.fromkeys(ORDERS.schema.names), "order_line_id": one, "source": "shop"} for one in ids]
    return pa.Table.from_pylist(rows, ORDERS.schema)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = open_workspace(tmp_path / "工作 区", create=True)
    (workspace.folder / "rapport.toml").write_text('[company]\ntimezone = "Europe/Paris"\n')
    (workspace.folder / "crm.toml").write_text("[orders]\n")
    (workspace.folder / "secret.key").write_text("ab" * 32)
    (workspace.folder / "logs").mkdir()
    (workspace.folder / "logs" / "service.log").write_text("{}")
    workspace.lake.append("orders", orders("a"))
    for name in ("old", "new"):
        (workspace.published / name).mkdir(parents=True)
        (workspace.published / name / "manifest.json").write_text(name)
    (workspace.published / "CURRENT").write_text("new\n")
    return workspace


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("ending", [".tar.gz", ".tar.zst"])
def test_everything_that_does_not_begin_anew_comes_back(workspace: Workspace, tmp_path: Path, ending: str) -> None:
    workspace.lake.overwrite("orders", orders("b", "c"))
    with closing(workspace.state()) as state:
        state.remember("scored", "something")
    file = tmp_path / f"backup{ending}"
    with workspace.lock("backup"):
        made = backup(workspace, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert made["tables"] == {"orders": {"version": 1, "rows": 2}}
    assert (made["published"], made["left_out"]) == ("new", [])

    folder = tmp_path / "restored" / "here"
    restore(file, folder)
    found = names(folder)
    lake = {name for name in found if name.startswith("lake/")}
    assert found - lake == {
        *("rapport.toml", "crm.toml", "secret.key", "state.db", "published/CURRENT", "published/new/manifest.json"),
    }
    # Two commits, and the one file that the last one speaks of: what "a" was in has stayed behind.
    assert sum(name.endswith(".json") for name in lake) == 2
    assert sum(name.endswith(".parquet") for name in lake) == 1
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "secret.key").stat().st_mode) == 0o600
    opened = open_workspace(folder)
    assert opened.settings.company.timezone == "Europe/Paris"
    assert opened.lake.read("orders", ["order_line_id"])["order_line_id"].to_pylist() == ["b", "c"]
    opened.lake.append("orders", orders("d"))
    assert opened.lake.count("orders") == 3
    with closing(opened.state()) as state:
        assert state.recall("scored") == "something"


def test_a_log_that_begins_with_a_checkpoint_is_taken_with_it(workspace: Workspace, tmp_path: Path) -> None:
    workspace.lake.append("orders", orders("b"))
    DeltaTable(str(workspace.lake.folder / "orders")).create_checkpoint()
    workspace.lake.append("orders", orders("c"))
    for number in range(2):
        (workspace.lake.folder / "orders" / "_delta_log" / f"{number:020}.json").unlink()
    with workspace.lock("backup"):
        made = backup(workspace, tmp_path / "b.tar.gz")
    assert made["tables"]["orders"] == {"version": 2, "rows": 3}
    restore(tmp_path / "b.tar.gz", tmp_path / "restored")
    restored = open_workspace(tmp_path / "restored").lake
    assert sorted(restored.read("orders", ["order_line_id"])["order_line_id"].to_pylist()) == ["a", "b", "c"]


def test_links_to_elsewhere_are_named_not_followed(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "file").write_text("not ours")
    (workspace.raw / "crm").mkdir(parents=True)
    (workspace.raw / "crm" / "link").symlink_to(tmp_path / "elsewhere")
    with workspace.lock("backup"):
        made = backup(workspace, tmp_path / "b.tar.gz")
    assert made["left_out"] == ["raw/crm/link"]


def test_where_a_backup_may_lie(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "there.tar.gz").write_text("earlier")
    for file, said in (
        (tmp_path / "b.zip", "is called"),
        (tmp_path / "there.tar.gz", "already exists"),
        (tmp_path / "nowhere" / "b.tar.gz", "no folder"),
        (workspace.folder / "b.tar.gz", "in the workspace itself"),
        (workspace.raw / ".." / "b.tar.gz", "in the workspace itself|no folder"),
    ):
        with pytest.raises(WorkspaceError, match=said), workspace.lock("backup"):
            backup(workspace, file)
    assert (tmp_path / "there.tar.gz").read_text() == "earlier"


def test_what_goes_away_meanwhile_leaves_no_backup(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = workspace.lake.parts("orders")
    monkeypatch.setattr("workspace.lake.Lake.parts", lambda _self, _name: parts)
    parts.files[-1].unlink()
    with pytest.raises(WorkspaceError, match="changed while it was being backed up"), workspace.lock("backup"):
        backup(workspace, tmp_path / "b.tar.gz")
    assert [path.name for path in tmp_path.iterdir()] == [workspace.folder.name]


def accept(workspace: Workspace, numbers: range) -> None:
    said = [
        {"interaction_id": str(number), "customer_id": "C1", "occurred_at": datetime.now(UTC), "channel": "chat"}
        for number in numbers
    ]
    events = [one.event() for one in LiveInteractions.model_validate(said).interactions]
    with closing(workspace.state()) as state:
        record(state, SECRET, events, now())


def drained(workspace: Workspace) -> Counter[str]:
    return Counter(workspace.lake.read("interactions", ["interaction_id"])["interaction_id"].to_pylist())


def test_no_event_is_lost_or_taken_twice_whatever_moment_it_is(workspace: Workspace, tmp_path: Path) -> None:
    stopping = threading.Event()
    accepted = 0

    def receive() -> None:
        nonlocal accepted
        while not stopping.is_set():
            accept(workspace, range(accepted, accepted + 3))
            accepted += 3

    def drain() -> None:
        writer = Writer(workspace, drain_seconds=0)
        while not stopping.is_set():
            writer.drain()
        writer.state.close()

    threads = [threading.Thread(target=one) for one in (receive, drain)]
    for thread in threads:
        thread.start()
    known = []
    try:
        for number in range(3):
            before = accepted
            with workspace.lock("backup"):
                backup(workspace, tmp_path / f"{number}.tar.gz")
            known.append((before, accepted))
    finally:
        stopping.set()
        for thread in threads:
            thread.join()
    for number, (least, most) in enumerate(known):
        restore(tmp_path / f"{number}.tar.gz", tmp_path / f"restored {number}")
        restored = open_workspace(tmp_path / f"restored {number}")
        with closing(restored.state()) as state:
            assert least <= last_position(state) <= most + 3
            assert restored.lake.journal_position("interactions") <= last_position(state)
            held = len(entries(state, 0, 1_000_000))
        accept(restored, range(1_000_000, 1_000_003))
        writer = Writer(restored, drain_seconds=0)
        writer.drain()
        writer.state.close()
        assert drained(restored) == Counter([*map(str, range(held)), "1000000", "1000001", "1000002"])
        assert pc.max(restored.lake.read("interactions", ["collected_at"])["collected_at"]).is_valid
