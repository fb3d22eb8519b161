"""A version is read through once on a machine; whatever was written to, copied or damaged since is found."""

import hashlib
import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from serving import verified
from serving.current import current_version
from serving.holder import Holder
from serving.publish import publish
from serving.verified import check, is_damaged, recheck
from workspace.errors import PublishedError
from workspace.folder import Workspace


@pytest.fixture
def version(tmp_path: Path) -> tuple[Path, Path, dict[str, dict[str, Any]]]:
    """A workspace, a version's folder and what its manifest says of two files."""
    folder = tmp_path / "published" / "2026-01-01-abc"
    folder.mkdir(parents=True)
    files = {}
    for name, content in (("a.arrow", b"a" * 10_000), ("b.sql", b"select 1")):
        (folder / name).write_bytes(content)
        files[name] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    return tmp_path, folder, files


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that were read through."""
    names: list[str] = []
    whole = verified._read_through

    def counted(folder: Path, name: str, *others: Any) -> bool:
        names.append(name)
        return whole(folder, name, *others)

    monkeypatch.setattr(verified, "_read_through", counted)
    return names


def test_files_are_read_once_and_again_when_asked_for(version: Any, read: list[str]) -> None:
    check(*version)
    assert sorted(read) == ["a.arrow", "b.sql"]
    check(*version)
    assert len(read) == 2
    check(*version, thoroughly=True)
    assert len(read) == 4


@pytest.mark.parametrize("times_kept", [False, True], ids=["written", "times set back"])
def test_a_file_that_was_written_to_is_read_and_refused(version: Any, times_kept: bool) -> None:
    workspace, folder, files = version
    check(workspace, folder, files)
    file = folder / "a.arrow"
    before = file.stat()
    with file.open("r+b") as handle:
        handle.write(b"b")
    if times_kept:
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(PublishedError, match=r"a\.arrow is not the file"):
        check(workspace, folder, files)


def test_a_copied_workspace_is_read_even_with_its_record(version: Any, read: list[str], tmp_path: Path) -> None:
    workspace, folder, files = version
    check(workspace, folder, files)
    shutil.copytree(workspace, tmp_path.parent / f"{tmp_path.name}-copy")
    copy = tmp_path.parent / f"{tmp_path.name}-copy"
    check(copy, copy / "published" / folder.name, files)
    assert len(read) == 4


def test_a_missing_file_is_told(version: Any) -> None:
    workspace, folder, files = version
    check(workspace, folder, files)
    (folder / "b.sql").unlink()
    with pytest.raises(PublishedError, match=r"b\.sql is missing"):
        check(workspace, folder, files)


def test_what_a_disk_damaged_is_marked_and_not_served_from_then_on(version: Any) -> None:
    workspace, folder, files = version
    check(workspace, folder, files)
    # As if the bytes had changed under the file: no time of it tells.
    wrong = {**files, "a.arrow": {**files["a.arrow"], "sha256": "0" * 64}}
    recheck(workspace, folder, files, lambda _seconds: False)
    assert not is_damaged(workspace, folder.name)
    recheck(workspace, folder, wrong, lambda _seconds: False)
    assert is_damaged(workspace, folder.name)
    with pytest.raises(PublishedError, match="publish"):
        check(workspace, folder, wrong)
    check(workspace, folder, files)
    assert not is_damaged(workspace, folder.name)


def test_a_holder_stops_answering_from_a_damaged_version_until_it_is_published_again(
    own_workspace: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    name = current_version(own_workspace.published)
    holder = Holder(own_workspace.folder)
    assert holder.current().version == name
    file = own_workspace.published / name / "customers.arrow"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    (own_workspace.run / f"damaged-{name}").write_text("customers.arrow is not the file its manifest describes.")
    holder.refresh()
    assert not holder.ready
    with pytest.raises(PublishedError, match="Nothing readable"):
        holder.current()
    assert [record.getMessage() for record in caplog.records].count("version refused") == 1
    assert publish(own_workspace) == name
    until = time.monotonic() + 5
    while not holder.ready and time.monotonic() < until:
        holder.refresh()
    assert holder.current().version == name
