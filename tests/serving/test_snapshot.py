"""Snapshots: checked against their hashes, mapped, swapped by one assignment, and the old kept when the new is bad."""

import json
import logging
import shutil
import threading
import time
from pathlib import Path

import pyarrow.compute as pc
import pytest

from serving.current import current_version
from serving.holder import Holder
from serving.publish import publish
from serving.snapshot import Snapshot, load
from workspace.errors import BundleError, PublishedError
from workspace.folder import Workspace, open_workspace


def test_rows_of_every_customer_are_found(snapshot: Snapshot) -> None:
    for name in ("interactions", "orders", "surveys"):
        table = snapshot.tables[name]
        counted = dict(
            zip(*(column.to_pylist() for column in table["customer_id"].value_counts().flatten()), strict=True)
        )
        for key in snapshot.tables["customers"]["customer_id"].to_pylist():
            assert len(snapshot.rows(name, key)) == counted.get(key, 0)
    assert snapshot.row("customers", "nobody") is None


def test_tables_are_mapped_not_copied(workspace: Workspace) -> None:
    import pyarrow as pa

    before = pa.total_allocated_bytes()
    found = load(workspace.folder)
    assert found.tables["interactions"].nbytes > 1_000_000
    assert pa.total_allocated_bytes() - before < 100_000


@pytest.mark.parametrize("name", ["customers.arrow", "features.sql", "statistics.json", "manifest.json"])
def test_a_changed_file_is_refused(own_workspace: Workspace, name: str) -> None:
    file = own_workspace.published / current_version(own_workspace.published) / name
    content = file.read_bytes()
    file.write_bytes(content.replace(b"1", b"7", 1))
    with pytest.raises(PublishedError, match="rapport publish"):
        load(own_workspace.folder)
    file.unlink()
    with pytest.raises(PublishedError, match="rapport publish"):
        load(own_workspace.folder)


def test_a_manifest_that_is_no_json_or_of_another_schema_is_refused(own_workspace: Workspace) -> None:
    file = own_workspace.published / current_version(own_workspace.published) / "manifest.json"
    manifest = json.loads(file.read_text(encoding="utf-8"))
    file.write_text("{")
    with pytest.raises(PublishedError, match="not JSON"):
        load(own_workspace.folder)
    file.write_text(json.dumps({**manifest, "schema": 99}))
    with pytest.raises(PublishedError, match="schema 99"):
        load(own_workspace.folder)


def test_nothing_published_says_what_to_do(tmp_path: Path) -> None:
    empty = open_workspace(tmp_path / "empty", create=True)
    holder = Holder(empty.folder)
    assert not holder.ready
    with pytest.raises(PublishedError, match="rapport publish"):
        holder.current()


def test_a_bundle_of_a_wrong_hash_is_refused_and_the_old_version_kept(
    own_workspace: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    holder = Holder(own_workspace.folder)
    before = holder.current()
    _publish_another(own_workspace)
    bundle = own_workspace.bundles / before.manifest["bundles"]["segments"]
    for file in bundle.iterdir():
        file.write_bytes(file.read_bytes().replace(b"1", b"2", 1))
    with pytest.raises(BundleError):
        load(own_workspace.folder)
    with caplog.at_level(logging.ERROR, "rapport.serving"):
        assert not holder.refresh()
        assert not holder.refresh()
    assert holder.current() is before
    assert [record.message for record in caplog.records] == ["version refused"]


def test_a_running_holder_swaps_within_two_seconds_and_no_reader_sees_a_mix(own_workspace: Workspace) -> None:
    holder = Holder(own_workspace.folder, seconds=0.2)
    holder.start()
    try:
        first = holder.current()
        mixed: list[str] = []
        stop = threading.Event()
        reader = threading.Thread(target=_watch, args=(holder, stop, mixed))
        reader.start()
        version = _publish_another(own_workspace)
        until = time.monotonic() + 2.0
        while holder.current().version != version and time.monotonic() < until:
            time.sleep(0.02)
        assert holder.current().version == version != first.version
        stop.set()
        reader.join()
        assert mixed == []
        # The old one is still whole for whoever holds it.
        assert (
            first.tables["customer_scores"]["value"].to_pylist() == first.tables["customer_scores"]["value"].to_pylist()
        )
    finally:
        holder.stop()


def _watch(holder: Holder, stop: threading.Event, mixed: list[str]) -> None:
    while not stop.is_set():
        snapshot = holder.current()
        cutoff = snapshot.tables["customer_scores"]["cutoff"][0].as_py()
        if cutoff != snapshot.cutoff or snapshot.manifest["cutoff"] != snapshot.cutoff.isoformat():
            mixed.append(snapshot.version)


def _publish_another(workspace: Workspace) -> str:
    """A version with other scores."""
    scores = workspace.lake.read("customer_scores")
    at = scores.schema.get_field_index("value")
    workspace.lake.overwrite("customer_scores", scores.set_column(at, "value", pc.multiply(scores["value"], 0.5)))
    return publish(workspace)


def test_a_version_that_vanishes_while_it_is_loaded_keeps_the_old(own_workspace: Workspace) -> None:
    holder = Holder(own_workspace.folder)
    before = holder.current()
    (own_workspace.published / "CURRENT").write_text("2026-12-01-000000000000\n")
    assert not holder.refresh()
    assert holder.current() is before
    (own_workspace.published / "CURRENT").write_text(f"{before.version}\n")
    shutil.rmtree(own_workspace.published / before.version)
    assert holder.current().row("customers", before.tables["customers"]["customer_id"][0].as_py()) is not None
