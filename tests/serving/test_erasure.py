"""A person is found everywhere before an erasure and nowhere after it; another one is untouched; none comes back."""

import asyncio
import gzip
import io
import json
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from pydantic import ConfigDict, TypeAdapter, with_config

from serving import erasure, erasure_request, exports
from serving.access import Access, add_key
from serving.app import create_app
from serving.callers import Caller
from serving.erasure_shapes import Receipt
from serving.holder import Holder
from serving.live_events import LiveInteractions
from serving.snapshot import Snapshot, load
from serving.writer import Writer
from workspace import audit_log, erasure_records
from workspace.folder import Workspace, open_workspace
from workspace.journal import entries, record
from workspace.secret import secret
from workspace.state import now

SAID = "my zebrafish Quintilian ate the invoice"


def traces(folder: Path, marks: Iterable[str]) -> dict[str, set[str]]:
    """Files of a folder that hold any of the marks, as they lie there or decoded; which marks each holds."""
    found: dict[str, set[str]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            texts = list(_readings(path.name, path.read_bytes()))
            held = {mark for mark in marks if any(mark.encode() in text for text in texts)}
            if held:
                found[path.relative_to(folder).as_posix()] = held
    return found


def _readings(name: str, content: bytes) -> Iterator[bytes]:
    yield content
    if content[:4] == b"PAR1":
        # Whatever lies there, referenced or not; with what its footer says of columns and groups.
        file = pq.ParquetFile(io.BytesIO(content))
        yield _values(file.read())
        yield repr([file.schema_arrow.metadata, *_least_and_greatest(file)]).encode()
    elif content[:6] == b"ARROW1":
        yield _values(pa.ipc.open_file(io.BytesIO(content)).read_all())
    elif content[:2] == b"\x1f\x8b":
        yield from _readings(name.removesuffix(".gz"), gzip.decompress(content))
    elif content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.namelist():
                yield from _readings(member, archive.read(member))
    elif name.endswith((".json", ".jsonl")):
        for text in [content.decode(errors="replace"), *content.decode(errors="replace").splitlines()]:
            try:
                yield json.dumps(json.loads(text), ensure_ascii=False).encode()
            except ValueError:
                continue


def _values(table: pa.Table) -> bytes:
    columns = ([str(value) for value in column.to_pylist()] for column in table.columns)
    return "\n".join(text for column in columns for text in column).encode()


def _least_and_greatest(file: pq.ParquetFile) -> Iterator[str]:
    for group in range(file.metadata.num_row_groups):
        for column in range(file.metadata.num_columns):
            found = file.metadata.row_group(group).column(column).statistics
            if found is not None and found.has_min_max:
                yield f"{found.min} {found.max}"


def event(customer_id: str, at: datetime, content: str = SAID, **more: Any) -> dict[str, Any]:
    given = {"customer_id": customer_id, "occurred_at": at.isoformat(), "channel": "chat", "direction": "inbound"}
    return LiveInteractions.model_validate([{**given, "content": content, **more}]).interactions[0].event()


@pytest.fixture
def somebody(snapshot: Snapshot) -> str:
    """A scored customer with a profile, contacts and orders."""
    return next(
        str(one)
        for one in snapshot.tables["customer_scores"]["customer_id"].to_pylist()
        if all(len(snapshot.rows(name, one)) for name in ("customers", "interactions", "orders", "surveys"))
    )


@pytest.fixture
def another(snapshot: Snapshot, somebody: str) -> str:
    ids = snapshot.tables["customer_scores"]["customer_id"].to_pylist()
    return str(ids[ids.index(somebody) + 1])


def test_hidden_from_every_reader_at_once_without_a_new_version(
    own_workspace: Workspace, somebody: str, another: str
) -> None:
    keys = {role: add_key(own_workspace, role, role) for role in ("admin", "analyst", "marketing")}
    holder, access = Holder(own_workspace.folder), Access(own_workspace.folder)
    secret_ = secret(own_workspace.folder)
    app = create_app(holder, access)
    holder.start()

    def asked(path: str, role: str = "admin", method: str = "GET", **more: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://rapport") as client:
                headers = {"Authorization": f"Bearer {keys[role]}"}
                return await client.request(method, path, headers=headers, **more)

        return asyncio.run(ask())

    try:
        before = asked(f"/api/v1/customers/{another}")
        hers = asked(f"/api/v1/customers/{somebody}")
        assert hers.status_code == 200
        assert asked(f"/api/v1/customers/{somebody}", "marketing", "DELETE").status_code == 403
        made = asked("/api/v1/exports", method="POST", json={"min_risk": 0, "purpose": "service", "holdout": 0})
        assert made.status_code == 201
        contacts = asked("/api/v1/statistics/contacts").json()
        analyst = access.by_key(keys["analyst"])
        assert analyst is not None
        pseudonym = analyst.label(another)
        assert asked(f"/api/v1/customers/{pseudonym}", "analyst").status_code == 200

        told = asked(f"/api/v1/customers/{somebody}", method="DELETE")
        assert told.status_code == 202
        assert told.json()["status"] == "erasing"
        TypeAdapter(with_config(ConfigDict(extra="forbid"))(Receipt)).validate_json(told.content, strict=True)
        assert somebody not in told.text
        until = time.monotonic() + 2
        while asked(f"/api/v1/customers/{somebody}").status_code != 404 and time.monotonic() < until:
            time.sleep(0.02)

        missing = asked("/api/v1/customers/nobody-of-this-name")
        hidden = asked(f"/api/v1/customers/{somebody}")
        assert (hidden.status_code, hidden.json()["detail"]) == (404, missing.json()["detail"])
        for path in ("/api/v1/churn?limit=1000", "/api/v1/topics", "/churn", f"/customers/{somebody}"):
            page = asked(path)
            assert f'"{somebody}"' not in page.text, path
            assert f">{somebody}<" not in page.text, path
        tag = asked(f"/api/v1/customers/{another}").headers["etag"]
        assert tag != before.headers["etag"]
        assert asked(f"/api/v1/customers/{another}").json() == before.json()
        assert asked(f"/api/v1/customers/{pseudonym}", "analyst").status_code == 200
        # Counted until the version that has no more rows of theirs.
        assert asked("/api/v1/statistics/contacts").json() == contacts
        gone = asked(f"/api/v1/exports/{made.json()['export_id']}?download=true")
        assert gone.status_code == 404
        assert asked("/api/v1/exports/" + made.json()["export_id"]).status_code == 200

        # What comes of them is turned away, what comes of others is not.
        at = (load(own_workspace.folder).cutoff + timedelta(days=1)).isoformat()
        body = [{"customer_id": one, "occurred_at": at, "channel": "chat"} for one in (somebody, another)]
        posted = asked("/api/v1/interactions", method="POST", json=body).json()
        assert [one["status"] for one in posted["interactions"]] == ["blocked", "accepted"]
        assert (posted["accepted"], posted["known"], posted["blocked"]) == (1, 0, 1)

        # Asked again it is the same erasure; for who never was there is none.
        assert asked(f"/api/v1/customers/{somebody}", method="DELETE").json()["erasure_id"] == told.json()["erasure_id"]
        assert asked("/api/v1/customers/nobody", method="DELETE").status_code == 404
        assert asked(f"/api/v1/erasures/{told.json()['erasure_id']}").json()["status"] == "erasing"
        assert asked("/api/v1/erasures/x_none").status_code == 404
        assert asked(f"/api/v1/erasures/{told.json()['erasure_id']}", "analyst").status_code == 403
    finally:
        holder.stop()
        app.state.audit.stop()
        access.close()
    log = own_workspace.state()
    about = audit_log.about(log, secret_, somebody)
    assert {("ERASURE", "requested"), ("DELETE", "/api/v1/customers/{customer_id}")} <= {
        (one["method"], one["route"]) for one in about
    }
    log.close()


def test_the_writer_begins_again_without_who_is_erased(own_workspace: Workspace, somebody: str, another: str) -> None:
    keyed, state, holder = secret(own_workspace.folder), own_workspace.state(), Holder(own_workspace.folder)
    holder.refresh()
    at = holder.current().cutoff + timedelta(hours=1)
    record(state, keyed, [event(somebody, at)], now())
    writer = Writer(own_workspace, drain_seconds=3600)
    writer.step()
    writer.step()
    holder.refresh()
    assert SAID in holder.current().rows("interactions", somebody)["content"].to_pylist()
    assert traces(own_workspace.folder / "live", [SAID])
    erasure_records.ask(state, keyed, [somebody], "admin", now())
    assert entries(state, 0, 10) == []
    holder.refresh()
    assert not len(holder.current().rows("interactions", somebody))
    overlay = holder.current().overlay
    assert overlay is not None
    assert not len(overlay.tables["interactions"])
    writer.step()
    holder.refresh()
    assert holder.current().overlay is None
    # With somebody else's events they are laid over again.
    record(state, keyed, [event(another, at), event(somebody, at)], now())
    writer.step()
    holder.refresh()
    assert SAID in holder.current().rows("interactions", another)["content"].to_pylist()
    assert holder.current().row("customers", somebody) is None
    holder.stop()
    state.close()
    writer.state.close()


@pytest.fixture
def company(demo_workspace: Path, tmp_path: Path) -> Workspace:
    """A copy of a demo company; its source systems lie outside of the workspace, as anybody's do."""
    folder = tmp_path / "ws"
    shutil.copytree(demo_workspace, folder, ignore=shutil.ignore_patterns("state.db-*"))
    shutil.move(folder / "company", tmp_path / "company")
    return open_workspace(folder)


@pytest.fixture
def marks(company: Workspace) -> dict[str, str]:
    """What tells a customer who is known everywhere: id, name, e-mail, telephone, and the words of a message."""
    snapshot = load(company.folder)
    customers = snapshot.tables["customers"]
    known = customers.filter(pc.and_(pc.is_valid(customers["email"]), pc.is_valid(customers["phone"])))
    for row in known.to_pylist():
        one = row["customer_id"]
        if all(len(snapshot.rows(name, one)) for name in ("customer_scores", "interactions", "orders", "surveys")):
            return {"id": one, "name": row["name"], "email": row["email"], "phone": row["phone"], "words": SAID}
    raise AssertionError("nobody is known everywhere")


def _left_everywhere(company: Workspace, rapport: Callable[..., Any], marks: Mapping[str, str], folder: Path) -> None:
    """Traces of the person in all the places that real use leaves them in."""
    one, keyed = marks["id"], secret(company.folder)
    # A second id of the same person, a row that is refused, and lines that broke.
    header = "customer_id,name,email,phone,birth_year\n"
    linked = f"TWIN-7,{marks['name']},{marks['email']},{marks['phone']},1980\n"
    refused = f"{one},{marks['name']},{marks['email']},{marks['phone']},3980\n"
    broken = f'{one},{marks["name"]},"{marks["email"]}"x"{marks["phone"]},1,2,3,4,5\n'
    (folder / "more.csv").write_text(header + linked + refused + broken, encoding="utf-8")
    said = f"interaction_id,customer_id,occurred_at,channel,content\nREFUSED-1,{one},2026-01-05 10:00:00,email,{SAID}\n"
    (folder / "said.csv").write_text(said + "Q-2,,2026-01-05 11:00:00,email,nobody asks\n", encoding="utf-8")
    for name, table in (("more", "customers"), ("said", "interactions")):
        done = rapport("collect", folder / f"{name}.csv", "--table", table, "--workspace", company.folder)
        assert done.code == 0, done.err
    assert rapport("clean", "--workspace", company.folder).code == 0
    assert rapport("identity", "link", one, "TWIN-7", "--workspace", company.folder).code == 0
    # A live event that is drained, one that waits; an export of each kind; an outcome; older files of the lake.
    state = company.state()
    snapshot = load(company.folder)
    record(state, keyed, [event(one, snapshot.cutoff + timedelta(hours=1))], now())
    writer = Writer(company, drain_seconds=0)
    writer.step()
    writer.step()
    record(state, keyed, [event(one, snapshot.cutoff + timedelta(hours=2), f"{SAID} again")], now())
    writer.drain_seconds = 3600
    writer.step()
    for written in ("csv", "xlsx", "json"):
        asked = exports.Asked(min_risk=0, purpose="service", format=written, holdout=0)
        exports.make(
            snapshot, Caller("an admin", "admin"), asked, state, keyed, exports.folder_of(company.folder), now()
        )
    company.lake.compact("interactions")
    (company.temp / "left-behind").write_text(json.dumps(dict(marks)), encoding="utf-8")
    entry = audit_log.Entry(now(), "rep", "GET", "/api/v1/customers/{customer_id}", "r1", 200, one)
    audit_log.append(state, keyed, [entry])
    state.close()
    writer.state.close()


@pytest.mark.slow
def test_found_everywhere_before_and_nowhere_after(
    company: Workspace, marks: dict[str, str], rapport: Callable[..., Any], tmp_path: Path
) -> None:
    _left_everywhere(company, rapport, marks, tmp_path)
    sought = [*marks.values(), "TWIN-7", "REFUSED-1"]
    before = traces(company.folder, sought)
    places = {path.split("/")[0] for path in before}
    assert {"raw", "lake", "published", "live", "exports", "state.db", "tmp"} <= places | {
        path.removesuffix("-wal") for path in places
    }
    named = {path.split("/")[1] for path in before if path.startswith("lake/")}
    for table in ("customers", "interactions", "orders", "surveys", "quarantine", "identity_links"):
        assert table in named
    assert {"customer_features", "customer_scores"} <= named
    status = json.loads(rapport("status", "--workspace", company.folder, "--json").out)
    snapshot = load(company.folder)
    others = {
        name: snapshot.tables[name].filter(pc.not_equal(snapshot.tables[name]["customer_id"], marks["id"]))
        for name in ("customers", "customer_scores", "customer_features", "orders", "surveys")
    }
    assert all(len(rows) for rows in others.values())

    done = rapport("erase", marks["id"], "--workspace", company.folder, "--json")
    assert done.code == 0, done.err
    receipt = json.loads(done.out)
    assert receipt["status"] == "complete"
    assert traces(company.folder, sought) == {}
    assert not any(mark in done.out + done.err for mark in sought)
    assert {model["kind"] for model in receipt["models"]} >= {"segments", "churn"}
    assert receipt["removed"]["customers"] >= 2
    assert receipt["removed"]["quarantine"] >= 2
    assert receipt["removed"]["live events"] == 2

    # Everybody else is as before, row by row; what is counted fell by what is gone, and adds up.
    version = load(company.folder)
    for name, rows in others.items():
        now_there = version.tables[name]
        same = now_there.filter(pc.is_in(now_there["customer_id"], value_set=rows["customer_id"].combine_chunks()))
        assert same.select(rows.column_names).equals(rows), name
    after = json.loads(rapport("status", "--workspace", company.folder, "--json").out)
    for was, is_ in zip(status["sources"], after["sources"], strict=True):
        assert is_["received"] == sum(is_[name] for name in ("known", "duplicate", "excluded", "quarantined", "kept"))
        assert is_["received"] == was["received"]
        assert is_["excluded"] - was["excluded"] == (
            was["kept"] + was["quarantined"] - is_["kept"] - is_["quarantined"]
        )
    live = next(row for row in after["sources"] if row["source"] == "live")
    assert (live["received"], live["excluded"], live["kept"]) == (1, 1, 0)
    verified = rapport("audit", "verify", "--workspace", company.folder)
    assert verified.code == 0
    state = company.state()
    assert audit_log.about(state, secret(company.folder), marks["id"]) == []
    state.close()

    _does_not_come_back(company, rapport, marks, tmp_path, after)
    assert traces(company.folder, sought) == {}


def _does_not_come_back(
    company: Workspace, rapport: Callable[..., Any], marks: Mapping[str, str], folder: Path, before: Mapping[str, Any]
) -> None:
    """The same files, files that were changed, and events: nothing of the person is kept, and all of it is counted."""
    for name, table in (("more", "customers"), ("said", "interactions")):
        assert rapport("collect", folder / f"{name}.csv", "--table", table, "--workspace", company.folder).code == 0
        text = (folder / f"{name}.csv").read_text(encoding="utf-8")
        (folder / f"{name}2.csv").write_text(text, encoding="utf-8")
        done = rapport("collect", folder / f"{name}2.csv", "--table", table, "--workspace", company.folder)
        assert done.code == 0, done.err
    assert rapport("clean", "--workspace", company.folder).code == 0
    state = company.state()
    late = event(marks["id"], datetime(2026, 10, 1, tzinfo=UTC))
    assert record(state, secret(company.folder), [late], now()) == [None]
    state.close()
    after = json.loads(rapport("status", "--workspace", company.folder, "--json").out)
    known = {(row["source"], row["table"]) for row in before["sources"]}
    new = [row for row in after["sources"] if (row["source"], row["table"]) not in known]
    assert {(row["table"], row["received"], row["excluded"]) for row in new} == {
        ("customers", 3, 3),
        ("interactions", 2, 1),
    }
    assert [row for row in after["sources"] if row not in new] == list(before["sources"])


_SCRIPT = """
import sys
from pathlib import Path
from workspace.folder import open_workspace
from serving import erasure
ws = open_workspace(Path(sys.argv[1]))
print("ready", flush=True)
erasure.run(ws, lease_seconds=0)
"""


@pytest.mark.slow
def test_killed_anywhere_it_is_brought_to_its_end(
    own_workspace: Workspace, somebody: str, another: str, tmp_path: Path, snapshot: Snapshot
) -> None:
    state, keyed = own_workspace.state(), secret(own_workspace.folder)
    described = snapshot.row("customers", somebody)
    assert described is not None
    sought = [f'"{somebody}"', described["email"] or "no e-mail", described["phone"] or "no telephone"]
    asked = erasure_request.request(state, keyed, own_workspace.folder, [somebody], "admin")
    beside = erasure_request.request(state, keyed, own_workspace.folder, [another], "admin")
    (tmp_path / "run.py").write_text(_SCRIPT, encoding="utf-8")
    for seconds in (0.05, 0.4, 0.9, 1.5, 2.2, None):
        process = subprocess.Popen(
            [sys.executable, tmp_path / "run.py", own_workspace.folder], stdout=subprocess.PIPE, text=True
        )
        with process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.kill()
        assert process.returncode in (0, -signal.SIGKILL)
    for erasure_id, customer in ((asked.erasure_id, somebody), (beside.erasure_id, another)):
        found = erasure_records.found(state, erasure_id)
        assert found is not None
        assert (found.stage, found.customer_ids) == (erasure_records.COMPLETE, ())
        told = erasure_request.receipt(found)["removed"]
        for name in ("customers", "interactions", "orders", "surveys", "customer_scores"):
            # Also where it was killed after some of them had gone.
            assert told.get(name, 0) == len(snapshot.rows(name, customer)), name
    assert traces(own_workspace.folder, sought[1:]) == {}
    assert len(load(own_workspace.folder).rows("interactions", somebody)) == 0
    for name in ("customers", "interactions", "orders", "surveys", "customer_scores"):
        assert somebody not in own_workspace.lake.read(name, ["customer_id"])["customer_id"].to_pylist()
    state.close()


@pytest.mark.slow
def test_old_files_stay_while_a_reader_may_hold_them(own_workspace: Workspace, somebody: str) -> None:
    state, keyed = own_workspace.state(), secret(own_workspace.folder)
    version = load(own_workspace.folder).version
    erasure_request.request(state, keyed, own_workspace.folder, [somebody], "admin")
    reader = subprocess.Popen(
        [sys.executable, "-c", _READER, own_workspace.folder], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    )
    with reader:
        assert reader.stdout is not None
        assert reader.stdin is not None
        assert reader.stdout.readline() == "ready\n"
        eraser = erasure.Eraser(own_workspace, lease_seconds=600)
        assert eraser.step() == 0
        wait = eraser.step()
        assert wait is not None
        assert 500 < wait <= 600
        assert (own_workspace.published / version / "customers.arrow").is_file()
        assert load(own_workspace.folder).version != version
        assert not len(load(own_workspace.folder).rows("orders", somebody))
        reader.stdin.close()
        reader.wait()
    while eraser.step() is not None:
        pass
    assert not (own_workspace.published / version).exists()
    eraser.close()
    state.close()


_READER = """
import sys
from pathlib import Path
from workspace.readers import hold
hold(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.read()
"""
