"""Versions: the same workspace, the same bytes; nothing half-written; old ones go after their readers' lease."""

import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from serving import publish as publishing
from serving.current import current_version
from serving.publish import publish
from serving.snapshot import Snapshot, load
from workspace.errors import BundleError, LimitError, PublishedError, SettingsError
from workspace.folder import Workspace, open_workspace
from workspace.tables import TABLES

FILES = {
    "manifest.json", "features.sql", "statistics.json", "customers.arrow", "interactions.arrow", "orders.arrow",
    "surveys.arrow", "message_signals.arrow", "customer_features.arrow", "customer_scores.arrow",
    "segment_profiles.arrow", "volume_forecast.arrow", "volume.arrow", "volume_profile.arrow", "volume_slots.arrow",
    "volume_shares.arrow", "persons.arrow", "customer_values.arrow",
    "topics.arrow", "satisfaction_estimate.arrow", "member_lines.arrow",
}  # fmt: skip
CUBES = {f"cube-day-channel{name}.arrow" for name in ("", "-country", "-direction", "-outcome")}


def _known(files: set[str]) -> bool:
    """Every file there must be, some cubes, and nothing else: how many cubes are worth it depends on the rows."""
    return files - {name for name in files if name.startswith("cube-")} == FILES and files >= CUBES


def _bytes(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_publishing_twice_gives_the_same_bytes(own_workspace: Workspace) -> None:
    version = current_version(own_workspace.published)
    first = _bytes(own_workspace.published / version)
    assert publish(own_workspace) == version
    assert _bytes(own_workspace.published / version) == first
    (own_workspace.published / version).rename(own_workspace.published / "aside")
    assert publish(own_workspace) == version
    assert _bytes(own_workspace.published / version) == first
    assert _known(set(first))


@pytest.mark.slow
def test_another_process_publishes_the_same_version(own_workspace: Workspace) -> None:
    # Sets come in another order in each process, unless it is told how to hash.
    program = "import sys; from pathlib import Path; from workspace.folder import open_workspace; "
    program += "from serving.publish import publish; print(publish(open_workspace(Path(sys.argv[1]))))"
    found = set()
    for seed in ("1", "3"):
        command = [sys.executable, "-W", "ignore", "-c", program, str(own_workspace.folder)]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=200, check=True)
        found.add(done.stdout.strip())
    assert found == {current_version(own_workspace.published)}


def test_a_folder_that_moved_publishes_the_same_version(workspace: Workspace, own_workspace: Workspace) -> None:
    assert publish(own_workspace) == current_version(workspace.published)


def test_the_manifest_describes_every_file_and_names_nobody(snapshot: Snapshot, workspace: Workspace) -> None:
    folder = workspace.published / snapshot.version
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert _known({*manifest["files"], "manifest.json"})
    for name, facts in manifest["files"].items():
        content = (folder / name).read_bytes()
        assert facts["sha256"] == hashlib.sha256(content).hexdigest()
        assert facts["bytes"] == len(content)
    assert manifest["company"]["timezone"] == "Asia/Shanghai"
    assert manifest["cutoff"] == "2026-10-31T16:00:00+00:00"
    text = (folder / "manifest.json").read_text(encoding="utf-8")
    columns = [snapshot.tables["customers"][name].drop_null().to_pylist() for name in ("customer_id", "name", "email")]
    assert not any(value in text for column in columns for value in column)


def test_tables_are_sorted_and_complete(snapshot: Snapshot, workspace: Workspace) -> None:
    tables = snapshot.tables
    assert tables["interactions"].num_rows == len(workspace.lake.read("interactions"))
    for name in ("customers", "customer_scores", "customer_features"):
        keys = tables[name]["customer_id"].to_pylist()
        assert keys == sorted(set(keys))
    known = tables["interactions"]["customer_id"].drop_null().to_pylist()
    assert known == sorted(known)
    assert tables["interactions"]["customer_id"].null_count > 0
    segments = dict(
        zip(*(tables["customer_scores"][name].to_pylist() for name in ("customer_id", "segment_id")), strict=True)
    )
    for row in tables["interactions"].select(["customer_id", "segment_id"]).slice(0, 500).to_pylist():
        assert row["segment_id"] == segments.get(row["customer_id"])


def test_who_must_not_be_profiled_is_described_but_not_scored(snapshot: Snapshot) -> None:
    customers = snapshot.tables["customers"]
    refused = customers.filter(pc.fill_null(customers["do_not_profile"], False))["customer_id"].to_pylist()
    assert len(refused) == 1
    for name in ("customer_scores", "customer_features"):
        assert refused[0] not in snapshot.tables[name]["customer_id"].to_pylist()


def test_customers_that_only_contacts_name_are_there(own_workspace: Workspace) -> None:
    rows = own_workspace.lake.read("interactions").slice(0, 1)
    at = rows.schema.get_field_index("customer_id")
    rows = rows.set_column(at, "customer_id", pa.array(["never described"]))
    rows = rows.set_column(rows.schema.get_field_index("interaction_id"), "interaction_id", pa.array(["new"]))
    own_workspace.lake.append("interactions", rows)
    found = load(own_workspace.folder, publish(own_workspace))
    person = found.row("customers", "never described")
    assert person is not None
    assert {value for name, value in person.items() if name != "customer_id"} == {None}


def test_a_change_makes_another_version_and_readers_keep_the_first(own_workspace: Workspace) -> None:
    before = load(own_workspace.folder)
    scores = own_workspace.lake.read("customer_scores")
    changed = scores.set_column(scores.schema.get_field_index("value"), "value", pc.multiply(scores["value"], 0.5))
    own_workspace.lake.overwrite("customer_scores", changed)
    version = publish(own_workspace)
    assert version != before.version
    assert current_version(own_workspace.published) == version
    assert load(own_workspace.folder, before.version).tables["customer_scores"].equals(before.tables["customer_scores"])


def test_old_versions_go_when_no_reader_can_hold_them(own_workspace: Workspace) -> None:
    published = own_workspace.published
    current = current_version(published)
    long_ago = time.time() - own_workspace.settings.keep.lease_seconds - 60
    for number, age in enumerate((0.0, 0.0, long_ago, long_ago - 10, 0.0)):
        folder = published / f"2026-01-0{number + 1}-000000000000"
        folder.mkdir()
        if age:
            os.utime(folder, (age, age))
    left = published / ".writing-killed"
    left.mkdir()
    os.utime(left, (long_ago, long_ago))
    publish(own_workspace)
    there = {path.name for path in published.iterdir()}
    # The three that are young stay though only two more are kept: a reader may hold them.
    young = {f"2026-01-0{number}-000000000000" for number in (1, 2, 5)}
    assert there == {current, "CURRENT", *young}


def test_nothing_scored_is_one_clear_sentence(tmp_path: Path) -> None:
    empty = open_workspace(tmp_path / "empty", create=True)
    with pytest.raises(PublishedError, match="rapport score"):
        publish(empty)
    assert list(empty.published.iterdir()) == []


def test_a_missing_model_leaves_the_current_version_alone(own_workspace: Workspace) -> None:
    before = current_version(own_workspace.published)
    scores = own_workspace.lake.read("customer_scores")
    at = scores.schema.get_field_index("churn_version")
    own_workspace.lake.overwrite(
        "customer_scores", scores.set_column(at, "churn_version", pa.array(["0" * 16] * len(scores)))
    )
    with pytest.raises(BundleError):
        publish(own_workspace)
    assert current_version(own_workspace.published) == before


def test_a_run_that_dies_leaves_nothing_half_written(own_workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    published = own_workspace.published
    before = {path.name for path in published.iterdir()}

    def die(*_given: object) -> dict[str, bytes]:
        raise KeyboardInterrupt

    monkeypatch.setattr(publishing, "_sql", die)
    with pytest.raises(KeyboardInterrupt):
        publish(own_workspace)
    assert {path.name for path in published.iterdir()} == before


def test_a_damaged_version_is_written_again(own_workspace: Workspace) -> None:
    version = current_version(own_workspace.published)
    file = own_workspace.published / version / "customers.arrow"
    good = file.read_bytes()
    file.write_bytes(good[:-1] + b"x")
    assert publish(own_workspace) == version
    assert (own_workspace.published / version / "customers.arrow").read_bytes() == good


def test_schemas_are_those_of_tables(snapshot: Snapshot) -> None:
    for name in ("customer_scores", "customer_features", "segment_profiles", "volume_forecast"):
        assert snapshot.tables[name].schema.equals(TABLES[name].schema)


def test_a_version_that_exceeds_the_limits_leaves_nothing(own_workspace: Workspace) -> None:
    (own_workspace.folder / "rapport.toml").write_text('[limits]\nmemory = "3MB"\n')
    small = open_workspace(own_workspace.folder)
    before = sorted(small.published.rglob("*"))
    with pytest.raises(LimitError, match=r'`\[limits\] memory` = "3MB"'), small.lock("publish"):
        publish(small)
    assert sorted(small.published.rglob("*")) == before
    assert not list(small.temp.iterdir())


def test_a_filter_that_can_not_be_read_is_told_with_its_place(own_workspace: Workspace) -> None:
    file = own_workspace.folder / "rapport.toml"
    written = file.read_text(encoding="utf-8") if file.exists() else "schema = 1\n"
    file.write_text(f'{written}\n[segments.filters.loud]\nwhere = ["shoes > 3"]\n', encoding="utf-8")
    with pytest.raises(SettingsError, match=r"segments\.filters\.loud\.where.*no feature \"shoes\""):
        publish(open_workspace(own_workspace.folder))
