"""State in PostgreSQL: what holds in SQLite holds there, with several processes at work; a real server, or skipped."""

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from serving.access import Access, add_key, list_keys, revoke_key, sign_in_token
from workspace import audit_log, export_records
from workspace.audit_log import Entry
from workspace.backup import backup
from workspace.backup_restore import restore
from workspace.errors import SettingsError, WorkspaceError
from workspace.folder import open_workspace
from workspace.journal import accepted, entries, last_position, let_go, record
from workspace.state import META, OUTCOMES, PROMOTIONS, State, now

SECRET = bytes(32)
AT = "2026-10-01T08:00:00.000000+00:00"


@pytest.fixture
def processes() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        yield pool


def event(key: str, **said: Any) -> dict[str, Any]:
    return {"interaction_id": key, "customer_id": "C1", **said}


def send(folder: Path, seed: int) -> list[str]:
    """In a process of its own: 40 requests of events, some of which others send too; what was acknowledged."""
    chance = random.Random(seed)
    kept = []
    with closing(State(folder)) as state:
        for number in range(40):
            names = [f"{seed}-{number}", f"shared-{chance.randrange(30)}"]
            positions = record(state, SECRET, [event(name) for name in names], AT)
            kept += [name for name, position in zip(names, positions, strict=True) if position is not None]
    return kept


def read_on(folder: Path, seconds: float) -> list[int]:
    """The positions that a reader sees who goes on from the last one, as the writer does."""
    seen: list[int] = []
    until = time.monotonic() + seconds
    with closing(State(folder)) as state:
        while time.monotonic() < until:
            found = entries(state, seen[-1] if seen else 0, 5)
            seen += [one.position for one in found]
    return seen


@pytest.mark.slow
def test_workers_at_once_keep_each_event_once_and_no_reader_misses_one(
    elsewhere: Path, state: State, processes: ProcessPoolExecutor
) -> None:
    reading = processes.submit(read_on, elsewhere, 8.0)
    kept = [name for done in [processes.submit(send, elsewhere, seed) for seed in range(3)] for name in done.result()]
    assert max(Counter(kept).values()) == 1
    found = entries(state, 0, 1000)
    assert sorted(one.event["interaction_id"] for one in found) == sorted(kept)
    assert reading.result() == [one.position for one in found]
    assert (accepted(state), last_position(state, "C1")) == (len(kept), found[-1].position)
    let_go(state, found[4].position)
    assert len(entries(state, 0, 1000)) == len(kept) - 5


def test_a_later_version_is_known_as_one(state: State) -> None:
    assert record(state, SECRET, [event("a", n=1), event("a", n=1), {**event("b"), "customer_id": None}], AT)[1] is None
    record(state, SECRET, [event("a", n="二")], AT)
    record(state, SECRET, [event("c")], AT, published=["c"])
    assert [one.is_revision for one in entries(state, 0, 10)] == [False, False, True, True]
    assert entries(state, 0, 10)[2].event["n"] == "二"


def log(folder: Path, seed: int) -> None:
    with closing(State(folder)) as state:
        for number in range(15):
            entry = Entry(AT, f"w{seed}", "GET", "/c/{customer_id}", f"{seed}-{number}", 200, f"C{number % 4}")
            audit_log.append(state, SECRET, [entry])


@pytest.mark.slow
def test_writers_at_once_make_one_chain_that_is_whole_at_every_moment(
    elsewhere: Path, state: State, processes: ProcessPoolExecutor
) -> None:
    writing = [processes.submit(log, elsewhere, seed) for seed in range(4)]
    while not all(one.done() for one in writing):
        verdict = audit_log.verify(state, SECRET)
        assert verdict.valid, verdict
    assert [one.exception() for one in writing] == [None] * 4
    assert audit_log.verify(state, SECRET).entries == 60
    assert len(audit_log.about(state, SECRET, "C1")) == 16
    with state.begin() as connection:
        audit_log.forget(connection, SECRET, ["C1", "never seen"])
    assert audit_log.about(state, SECRET, "C1") == []
    assert audit_log.verify(state, SECRET).valid
    with state.begin() as connection:
        connection.exec_driver_sql("UPDATE audit SET who = 'nobody' WHERE number = 9")
    assert audit_log.verify(state, SECRET).broken_at == 9


def test_keys_sessions_and_records(elsewhere: Path, state: State) -> None:
    workspace = open_workspace(elsewhere)
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda _: _key_or_none(workspace), range(4)))
    (key,) = [one for one in made if one is not None]
    access = Access(elsewhere, seconds=0)
    caller = access.by_key(key)
    assert caller is not None
    assert caller.name == "Ann"
    token = sign_in_token(workspace)
    assert access.session_for_token(token) is not None
    assert access.session_for_token(token) is None
    revoke_key(workspace, "Ann")
    assert access.by_key(key) is None
    access.close()
    assert [row["name"] for row in list_keys(workspace)] == ["Ann"]
    with state.begin() as connection:
        row = {"model": "churn", "bundle": "b", "registry_version": None, "promoted_at": AT, "why": "first"}
        connection.execute(sa.insert(PROMOTIONS).values(**row))
        export_records.record(connection, an_export(), ["C1", "C2"], ["C3"])
    assert export_records.exported(state, "e_1") == (["C1", "C2"], ["C3"])
    assert export_records.exports_with(state, ["C2"]) == [("e_1", "csv")]
    assert export_records.forget(state, ["C2"]) == 1
    state.remember("scored", "a")
    state.remember("scored", "b")
    assert state.recall("scored") == "b"
    assert not (elsewhere / "state.db").exists()


def _key_or_none(workspace: Any) -> str | None:
    try:
        return add_key(workspace, "Ann", "admin")
    except SettingsError:
        return None


def an_export() -> dict[str, Any]:
    texts = dict.fromkeys(("created_at", "created_by", "role", "version", "cutoff", "purpose", "campaign"), "x")
    counts = dict.fromkeys(("matching", "left_out_without_consent", "sent", "held_out", "file_bytes"), 1)
    return {
        **texts, **counts, "export_id": "e_1", "only_owner": None, "filters": {"segment": "s1"}, "holdout": 0.1,
        "format": "csv", "file_sha256": "ab",
    }  # fmt: skip


def test_many_who_open_an_empty_database_at_once_find_it_whole(elsewhere: Path) -> None:
    failures: list[BaseException] = []

    def opened() -> None:
        try:
            State(elsewhere).close()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=opened) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_another_schema_is_refused(elsewhere: Path, state: State) -> None:
    with state.begin() as connection:
        connection.execute(sa.update(META).where(META.c.name == "schema").values(value="99"))
    with pytest.raises(WorkspaceError, match="has schema 99"):
        open_workspace(elsewhere)


def test_a_backup_holds_the_state_and_restores_it_into_an_empty_database(
    elsewhere: Path, state: State, tmp_path: Path, state_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(state, SECRET, [event("a"), event("b")], AT)
    audit_log.append(state, SECRET, [Entry(now(), "Ann", "GET", "/", "r", 200, "C1")])
    with state.begin() as connection:
        row = {"customer_id": "C1", "outcome": "kept", "recorded_by": "Ann", "recorded_at": AT}
        connection.execute(sa.insert(OUTCOMES).values(**row))
    workspace = open_workspace(elsewhere)
    file = tmp_path.parent / f"{tmp_path.name}.tar.gz"
    with workspace.lock("backup"):
        backup(workspace, file)
    target = tmp_path.parent / f"{tmp_path.name}-restored"
    with pytest.raises(WorkspaceError, match="is not empty"):
        restore(file, target)
    assert not target.exists()
    engine = sa.create_engine(state_server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE again_{os.getpid()}")
    engine.dispose()
    url = sa.make_url(state_server).set(drivername="postgresql", database=f"again_{os.getpid()}")
    monkeypatch.setenv("RAPPORT_TEST_STATE", url.render_as_string(hide_password=False))
    restore(file, target)
    assert not (target / "state.db").exists()
    with closing(open_workspace(target).state()) as restored:
        assert restored.engine.dialect.name == "postgresql"
        assert [one.event["interaction_id"] for one in entries(restored, 0, 9)] == ["a", "b"]
        assert audit_log.verify(restored, SECRET).entries == 1
        # Numbers go on after those that came back.
        assert record(restored, SECRET, [event("c")], AT) == [last_position(state) + 1]
        with restored.begin() as connection:
            number = sa.insert(OUTCOMES).values(**row).returning(OUTCOMES.c.number)
            assert connection.execute(number).scalar_one() == 2


def test_what_is_wrong_with_an_address_is_said_without_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rapport.toml").write_text('[state]\nurl_env = "NO_SUCH_VARIABLE"\n')
    monkeypatch.delenv("NO_SUCH_VARIABLE", raising=False)
    with pytest.raises(SettingsError, match="NO_SUCH_VARIABLE, which is not set"):
        open_workspace(tmp_path)
    for wrong in ("mysql://ann:s3cret@host/db", "no address s3cret", "postgresql://ann:s3cret@127.0.0.1:1/db"):
        monkeypatch.setenv("NO_SUCH_VARIABLE", wrong)
        with pytest.raises((SettingsError, WorkspaceError)) as told:
            open_workspace(tmp_path)
        assert "s3cret" not in str(told.value)
    (tmp_path / "rapport.toml").write_text('[state]\nurl_env = "postgresql://ann:s3cret@host/db"\n')
    with pytest.raises(SettingsError, match=r"state\.url_env") as told:
        open_workspace(tmp_path)
    assert "s3cret" not in str(told.value)
