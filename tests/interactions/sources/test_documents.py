"""MongoDB, against a stand-in that speaks its wire protocol: no MongoDB server can be installed where the tests run.

The stand-in answers what a real client asks to find documents (OP_MSG: hello, find with filter, sort and batchSize,
getMore, listCollections), from documents held in memory. What it can't show is a real server's own behaviour.
"""

import socketserver
import struct
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import bson
import pyarrow.parquet as pq
import pytest
from bson import Binary, CodecOptions, Decimal128, Int64, ObjectId

from interactions.cleaning.clean import clean
from interactions.sources import documents, raw
from interactions.sources.collect import Received
from interactions.sources.documents import collect_documents, preview_documents
from workspace.errors import RapportError, SettingsError, SourceError
from workspace.folder import Workspace, open_workspace
from workspace.source import Source

OP_REPLY, OP_QUERY, OP_MSG = 1, 2004, 2013
IN_UTC: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True)
MAPPING = """
[interactions.columns]
interaction_id = "_id"
customer_id = "customer.id"
occurred_at = "at"
channel = "how"
content = "note"
"""


class StandIn(socketserver.ThreadingTCPServer):
    """A MongoDB server by its answers; `refuse` names commands that fail, with the code they fail by."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.collections: dict[str, list[dict[str, Any]]] = {}
        self.refuse: dict[str, int] = {}
        self.cursors: dict[int, list[dict[str, Any]]] = {}
        self.seen: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        return f"mongodb://127.0.0.1:{self.server_address[1]}/shop"

    def answer(self, command: dict[str, Any]) -> dict[str, Any]:
        name = next(iter(command))
        if name in self.refuse:
            return {"ok": 0, "errmsg": "no: s3cr3t document", "code": self.refuse[name], "codeName": "Refused"}
        if name.lower() in ("hello", "ismaster"):
            return {
                "ok": 1, "helloOk": True, "isWritablePrimary": True, "ismaster": True, "maxBsonObjectSize": 16 << 20,
                "maxMessageSizeBytes": 48_000_000, "maxWriteBatchSize": 100_000, "minWireVersion": 0,
                "maxWireVersion": 21, "readOnly": False, "localTime": datetime.now(UTC),
            }  # fmt: skip
        self.seen.append(command)
        if name == "find":
            return self.page(command, self.found(command), command.get("limit"))
        if name == "getMore":
            return self.page(command, self.cursors.pop(command["getMore"]), None)
        if name == "listCollections":
            names = [{"name": each, "type": "collection"} for each in self.collections]
            return {"ok": 1, "cursor": {"id": Int64(0), "ns": "shop.$cmd.listCollections", "firstBatch": names}}
        return {"ok": 1}

    def found(self, command: dict[str, Any]) -> list[dict[str, Any]]:
        rows = [one for one in self.collections.get(command["find"], []) if matches(one, command.get("filter", {}))]
        for key, direction in reversed(list(command.get("sort", {}).items())):
            assert direction == 1
            rows.sort(key=lambda one: sortable(at(one, key)))
        return rows

    def page(self, command: dict[str, Any], rows: list[dict[str, Any]], limit: int | None) -> dict[str, Any]:
        rows = rows[:limit] if limit else rows
        size = command.get("batchSize", 101)
        name, rest = next(iter(command)), rows[size:]
        cursor = len(self.seen) + 1000 if rest else 0
        if rest:
            self.cursors[cursor] = rest
        batch = "firstBatch" if name == "find" else "nextBatch"
        where = f"shop.{command['find' if name == 'find' else 'collection']}"
        return {"ok": 1, "cursor": {"id": Int64(cursor), "ns": where, batch: rows[:size]}}


class Conversation(socketserver.BaseRequestHandler):
    """One client's questions, each answered by the server."""

    server: StandIn

    def handle(self) -> None:
        while header := self.read(16):
            length, request, _, operation = struct.unpack("<iiii", header)
            body = self.read(length - 16)
            if operation == OP_QUERY:
                after_name = body.index(b"\0", 4) + 1
                reply = bson.encode(self.server.answer(bson.decode(body[after_name + 8 :])))
                self.send(OP_REPLY, request, struct.pack("<iqii", 8, 0, 0, 1) + reply)
            elif operation == OP_MSG:
                assert body[4] == 0
                size = struct.unpack_from("<i", body, 5)[0]
                reply = bson.encode(self.server.answer(bson.decode(body[5 : 5 + size], IN_UTC)))
                self.send(OP_MSG, request, struct.pack("<I", 0) + b"\0" + reply)

    def read(self, size: int) -> bytes:
        found = b""
        while len(found) < size:
            part = self.request.recv(size - len(found))
            if not part:
                return b""
            found += part
        return found

    def send(self, operation: int, request: int, body: bytes) -> None:
        self.request.sendall(struct.pack("<iiii", 16 + len(body), 1, request, operation) + body)


def at(document: dict[str, Any], path: str) -> Any:
    value: Any = document
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def sortable(value: Any) -> tuple[int, Any]:
    """Nothing before numbers before text before ids before times, as MongoDB orders them."""
    kinds: tuple[tuple[int, Any], ...] = ((1, (int, float)), (2, str), (3, ObjectId), (4, datetime))
    return next(((place, value) for place, kind in kinds if isinstance(value, kind)), (0, 0))


def matches(document: dict[str, Any], wanted: dict[str, Any]) -> bool:
    for key, condition in wanted.items():
        if key == "$or":
            if not any(matches(document, one) for one in condition):
                return False
        elif isinstance(condition, dict):
            ((operator, bound),) = condition.items()
            assert operator == "$gte"
            value, limit = sortable(at(document, key)), sortable(bound)
            if value[0] != limit[0] or value[1] < limit[1]:
                return False
        elif at(document, key) != condition:
            return False
    return True


@pytest.fixture
def mongodb(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    with StandIn() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        monkeypatch.setenv("SHOP_URL", server.url)
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    opened = open_workspace(tmp_path / "workspace", create=True)
    (opened.folder / "calls.toml").write_text(MAPPING, encoding="utf-8")
    return opened


def a_source(**changed: Any) -> Source:
    given = {"type": "mongodb", "url_env": "SHOP_URL", "table": "interactions", "query_table": "calls"}
    return Source.model_validate({**given, "mapping": "calls.toml", **changed})


def a_call(number: int, day: int = 10, **changed: Any) -> dict[str, Any]:
    time = datetime(2024, 1, day, 10, number % 60, tzinfo=UTC)
    who = {"id": f"c{number % 7}", "address": {"city": "上海"}}
    call = {"_id": ObjectId(f"{number:024x}"), "customer": who, "at": time, "how": "phone", "note": f"hello {number}"}
    return {**call, **changed}


def collected(workspace: Workspace, source: Source) -> Received:
    (received,) = collect_documents(workspace, "shop", source)
    return received


def rows_in_raw(workspace: Workspace) -> list[list[dict[str, str | None]]]:
    files = raw.raw_files(workspace.raw, "shop")
    return [pq.read_table(file.path, columns=list(file.columns)).to_pylist() for file in files]


CURSORS: dict[str, dict[str, Any]] = {
    "whole": {},
    "time": {"cursor": "at", "cursor_lag": "2d"},
    "nested": {"cursor": "meta.changed", "cursor_lag": 5},
}


@pytest.mark.parametrize("cursor", CURSORS)
def test_second_time_nothing_then_new_changed_and_late_alone(
    cursor: str, workspace: Workspace, mongodb: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "FETCH_DOCUMENTS", 8)
    mongodb.collections["calls"] = calls = [a_call(number, meta={"changed": number}) for number in range(1, 31)]
    source = a_source(**CURSORS[cursor])
    first = collected(workspace, source)
    assert (first.new, first.rows) == (True, 30)
    assert not collected(workspace, source).new
    clean(workspace)

    calls += [a_call(number, day=11, meta={"changed": number}) for number in (31, 32)]
    calls.append(a_call(40, day=9, meta={"changed": 26}))
    calls[28]["note"] = "changed"
    second = collected(workspace, source)
    assert {str(row["_id"])[-2:] for row in rows_in_raw(workspace)[1]} == {"1d", "1f", "20", "28"}
    assert second.rows == 4
    asked = [command["filter"] for command in mongodb.seen if "find" in command]
    assert [bool(one) for one in asked] == [False, cursor != "whole", cursor != "whole"]
    assert not collected(workspace, source).new
    clean(workspace)
    kept = workspace.lake.read("interactions").to_pylist()
    assert len(kept) == 34
    assert {row["content"] for row in kept if row["interaction_id"].endswith("1d")} == {"hello 29", "changed"}
    assert any("getMore" in command for command in mongodb.seen)


def test_every_type_comes_as_exact_text(workspace: Workspace, mongodb: StandIn) -> None:
    more = {
        "amount": Decimal128("1234567.100"), "big": Int64(2**62), "bytes": b"\xff\x00",
        "uid": Binary.from_uuid(UUID(int=7)), "tags": ["a", {"b": Decimal128("1.10")}], "flag": True, "empty": "",
        "nothing": None, "bare": {}, "code": bson.Code("f()"),
    }  # fmt: skip
    mongodb.collections["calls"] = [a_call(1, **more), a_call(2)]
    collected(workspace, a_source())
    ((first, second),) = rows_in_raw(workspace)
    assert first == {
        "_id": "000000000000000000000001", "customer.id": "c1", "customer.address.city": "上海", "how": "phone",
        "at": "2024-01-10 10:01:00+00:00", "note": "hello 1", "amount": "1234567.100", "big": str(2**62),
        "bytes": "ff00", "uid": "00000000-0000-0000-0000-000000000007", "tags": '["a", {"b": "1.10"}]', "flag": "true",
        "empty": "", "nothing": None, "bare": "{}", "code": "f()",
    }  # fmt: skip
    assert second["amount"] is None


def test_by_id_only_new_documents_are_asked_for(workspace: Workspace, mongodb: StandIn) -> None:
    mongodb.collections["calls"] = calls = [a_call(number) for number in range(1, 6)]
    collected(workspace, a_source(cursor="_id"))
    calls.append(a_call(6))
    assert collected(workspace, a_source(cursor="_id")).rows == 1
    asked = [command for command in mongodb.seen if "find" in command][-1]["filter"]
    assert {"_id": {"$gte": ObjectId(f"{5:024x}")}} in asked["$or"]


def test_a_field_that_vanishes_is_null(workspace: Workspace, mongodb: StandIn) -> None:
    mongodb.collections["calls"] = calls = [a_call(1)]
    collected(workspace, a_source(cursor="at"))
    without = a_call(2, day=11)
    del without["note"]
    calls.append(without)
    assert collected(workspace, a_source(cursor="at")).rows == 1
    assert rows_in_raw(workspace)[1][0]["note"] is None


def test_preview_writes_nothing(workspace: Workspace, mongodb: StandIn) -> None:
    mongodb.collections["calls"] = [a_call(number) for number in range(1, 4)]
    shown = preview_documents(workspace, "shop", a_source())
    assert shown.looked_at == 3
    assert shown.before[0]["customer.id"] == "c1"
    assert not workspace.raw.exists()


def refused(workspace: Workspace, source: Source, kind: type[RapportError]) -> str:
    with pytest.raises(kind) as caught:
        collect_documents(workspace, "shop", source)
    assert "s3cr3t" not in f"{caught.value} {caught.value.__cause__}"
    assert not workspace.raw.exists()
    return str(caught.value)


def test_errors_say_what_to_do_and_no_password(
    workspace: Workspace, mongodb: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    mongodb.collections["calls"] = [a_call(1)]
    assert "does not exist; the database has calls" in refused(workspace, a_source(query_table="x"), SourceError)
    mongodb.refuse = {"find": 13}
    assert "role read" in refused(workspace, a_source(), SourceError)
    mongodb.refuse = {"saslStart": 18, "listCollections": 18}
    monkeypatch.setenv("SHOP_URL", mongodb.url.replace("//", "//u:s3cr3t@"))
    assert "refused the user or password" in refused(workspace, a_source(), SourceError)
    monkeypatch.setenv("SHOP_URL", "mongodb://u:s3cr3t@127.0.0.1:1/shop?serverSelectionTimeoutMS=200")
    assert "can't be reached" in refused(workspace, a_source(), SourceError)
    for wrong in ("http://u:s3cr3t@h/shop", "mongodb://u:s3cr3t@h:x/shop", "mongodb://u:s3cr3t@127.0.0.1"):
        monkeypatch.setenv("SHOP_URL", wrong)
        assert "SHOP_URL" in refused(workspace, a_source(), SettingsError)
    monkeypatch.delenv("SHOP_URL")
    assert "not set" in refused(workspace, a_source(), SettingsError)
