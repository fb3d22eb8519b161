"""Limits that are really exceeded: what is said, and that nothing of it stays on the disk."""

import errno
import os
from pathlib import Path

import pyarrow as pa
import pytest

from workspace.engine import connect, locked_down
from workspace.errors import LimitError, NotEnoughHistoryError
from workspace.limits import full_disk, within
from workspace.settings import Limits

# 3 million rows of 100 bytes: more than the memory below, whatever way they are kept.
WIDE = "SELECT md5(i::VARCHAR) AS a, md5((i + 1)::VARCHAR) AS b, md5((i + 2)::VARCHAR) AS c FROM range(3000000) t(i)"


def run(limits: Limits, folder: Path | None, query: str) -> None:
    backend = connect(limits, None if folder is None else str(folder))
    try:
        # What a query needs grows with the cores.
        backend.raw_sql("SET threads = 2")
        with within(limits, folder):
            backend.raw_sql(query).fetchall()
    finally:
        backend.disconnect()


def test_memory(tmp_path: Path) -> None:
    limits = Limits(memory="40MB")
    with pytest.raises(LimitError, match=r'more memory than `\[limits\] memory` = "40MB".*RAPPORT_LIMITS__MEMORY'):
        run(limits, tmp_path, f"SELECT list(a ORDER BY b) FROM ({WIDE})")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("allowed", ["0B", "20MB"])
def test_disk_for_temporary_files(tmp_path: Path, allowed: str) -> None:
    limits = Limits(memory="100MB", temp_disk=allowed)
    with pytest.raises(LimitError, match=rf'`\[limits\] temp_disk` = "{allowed}".*RAPPORT_LIMITS__TEMP_DISK'):
        run(limits, tmp_path, f"CREATE TABLE wide AS {WIDE}")
    assert not list(tmp_path.iterdir())


def test_the_same_work_within_its_limits(tmp_path: Path) -> None:
    run(Limits(memory="100MB", temp_disk="2GB"), tmp_path, f"CREATE TABLE wide AS {WIDE}")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("folder", [None, "given"])
def test_nothing_is_moved_to_the_folder_we_stand_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str | None
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    with pytest.raises(LimitError, match=r"`\[limits\] (memory|temp_disk)`"):
        run(Limits(memory="100MB", temp_disk="50MB"), folder and tmp_path / folder, f"CREATE TABLE wide AS {WIDE}")
    with pytest.raises(LimitError, match="answer_memory"), within(Limits(answer_memory="40MB"), memory="answer_memory"):
        locked_down("40MB").execute(f"SELECT list(a ORDER BY b) FROM ({WIDE})").fetchall()
    assert not list(here.iterdir())


def test_a_connection_goes_on_after_a_query_that_was_too_large() -> None:
    connection = locked_down("40MB")
    with pytest.raises(LimitError), within(Limits()):
        connection.execute(f"SELECT list(a ORDER BY b) FROM ({WIDE})").fetchall()
    assert connection.execute("SELECT count(*) FROM range(1000)").fetchall() == [(1000,)]


@pytest.fixture
def full() -> Path:
    """A device that is always full."""
    device = Path("/dev/full")
    if not device.exists():
        pytest.skip("this system has no /dev/full")
    return device


def test_a_full_disk(full: Path, tmp_path: Path) -> None:
    with pytest.raises(LimitError, match=f"The disk of {tmp_path} is full"), within(Limits(), tmp_path):
        full.write_bytes(b"x")
    with pytest.raises(LimitError, match="The disk is full"), within(Limits()), pa.OSFile(str(full), "wb") as file:
        file.write(b"x" * 1_000_000)
    with pytest.raises(LimitError, match="The disk is full"), within(Limits()):
        connect().con.sql("SELECT i FROM range(1000000) t(i)").write_csv(str(full))


def test_a_full_disk_behind_another_error() -> None:
    cause = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with pytest.raises(LimitError, match="is full"), within(Limits()):
        raise RuntimeError("not written") from cause
    assert full_disk(OSError(errno.EDQUOT, "over quota")) is not None
    assert full_disk(OSError(errno.EACCES, "not allowed")) is None


def test_memory_of_the_machine() -> None:
    with pytest.raises(LimitError, match="This machine has no memory left"), within(Limits()):
        pa.py_buffer(bytearray(1 << 62))


def test_other_errors_pass_as_they_are() -> None:
    with pytest.raises(NotEnoughHistoryError, match="too short"), within(Limits()):
        raise NotEnoughHistoryError("too short")
    with pytest.raises(ValueError, match="mine"), within(Limits()):
        raise ValueError("mine")
    with pytest.raises(Exception, match="syntax error"), within(Limits()):
        connect().raw_sql("SELEC 1")
