"""Words that nobody else says, put into every input: none is in logs, metrics, MLflow, temporary files, refusals."""

import gzip
import json
import os
import socket
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from interactions.demo.company import simulate
from serving.openapi import document
from serving.policy import POLICY
from workspace.folder import open_workspace

FEWEST = 200
HEADERS = (
    "User-Agent", "Referer", "Accept", "Accept-Language", "Accept-Encoding", "Cookie", "Content-Type",
    "Content-Encoding", "If-None-Match", "If-Modified-Since", "Range", "Origin", "Host", "X-Request-Id",
    "X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "Via", "From", "Traceparent", "Tracestate", "Baggage",
    "X-Amzn-Trace-Id", "Bentoml-Name", "Expect", "Sec-Fetch-Site", "Upgrade", "Proxy-Authorization",
)  # fmt: skip
# A line each, as no client would send it.
RAW = (
    "GET /api/v1/churn HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n",
    "GET /api/v1/churn HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: {}\r\n\r\n",
    "{} /api/v1/churn HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /api/v1/churn {}\r\nHost: x\r\n\r\n",
    "GET {} HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET http://{}/api/v1/churn HTTP/1.1\r\nHost: x\r\n\r\n",
    "POST /api/v1/score HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{}\r\n",
    "GET /livez HTTP/1.1\r\nHost: x\r\n{}\r\n\r\n",
    "GET /livez HTTP/1.1\r\nHost: x\r\nbad header {}: 1\r\n\r\n",
    "GET /\x01{} HTTP/1.1\r\nHost: x\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{}",
    "{}\r\n\r\n",
)


class Canaries:
    """Words given out one by one, each with the place it was put in."""

    def __init__(self, nest: str) -> None:
        self.nest = nest
        self.places: dict[str, str] = {}

    def word(self, place: str) -> str:
        said = f"zq{self.nest}{len(self.places):03d}kanari"
        self.places[said] = place
        return said

    def found_in(self, content: bytes) -> dict[str, str]:
        text = content.lower()
        if b"kanari" not in text and b"k\0a\0n\0a\0r\0i" not in text:
            return {}
        found = {word: place for word, place in self.places.items() if word.encode() in text}
        return found or {"some": "in another writing"}

    def found_under(self, *folders: Path) -> dict[str, str]:
        """The canaries in any file, its name included; gzip is looked into."""
        found: dict[str, str] = {}
        # os.walk, unlike Path.rglob, bears folders that go while it looks.
        files = (Path(where) / name for folder in folders for where, _, names in os.walk(folder) for name in names)
        for file in files:
            seen = self.found_in(_content(file)) | self.found_in(file.name.encode())
            found |= {word: f"{place}, seen in {file}" for word, place in seen.items()}
        return found


def _content(file: Path) -> bytes:
    try:
        written = file.read_bytes()
    except OSError:
        return b""
    try:
        return gzip.decompress(written) if written[:2] == b"\x1f\x8b" else written
    except (OSError, EOFError):
        return written


@contextmanager
def watched(canaries: Canaries, *folders: Path) -> Iterator[dict[str, str]]:
    """What of the canaries comes by in folders of temporary files, however short a while it is there."""
    seen: dict[str, str] = {}
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(0.02):
            seen.update(canaries.found_under(*folders))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()
        seen.update(canaries.found_under(*folders))


def audit_and_metrics(client: httpx.Client, serving: Any) -> bytes:
    """Everything of the metrics and of the audit log."""
    metrics = client.get("/metrics", headers=serving.as_role("admin")).content
    with sqlite3.connect(serving.workspace.folder / "state.db") as state:
        entries = json.dumps(state.execute("SELECT * FROM audit").fetchall(), default=str)
    return metrics + entries.encode()


def addresses(canaries: Canaries, someone: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """method, address and what is sent: a canary in each parameter, path, field and form there is."""
    for path, operations in document()["paths"].items():
        for method, described in operations.items():
            named = path.replace("{customer_id}", someone).replace("{metric}", "contacts")
            for parameter in described["parameters"]:
                word = canaries.word(f"{parameter['name']} of {method} {path}")
                if parameter["in"] == "path":
                    yield method, path.replace(f"{{{parameter['name']}}}", word), {}
                elif parameter["in"] == "query":
                    yield method, f"{named}?{parameter['name']}={word}", {}
                else:
                    yield method, named, {"headers": {parameter["name"]: word}}
            yield method, f"{named}?{canaries.word(f'a parameter of {path}')}=1", {}
            if "requestBody" in described:
                yield from ((method, named, sent) for sent in bodies(canaries, path))
    for rule in POLICY:
        if rule.door == "page":
            word = canaries.word(f"page {rule.path}")
            address = (
                rule.path.replace("{customer_id}", word).replace("{segment_id}", word).replace("{export_id}", word)
            )
            sent = {"content": f"segment={word}&min_risk={word}"} if rule.method == "POST" else {}
            yield rule.method, f"{address.replace('{path:path}', word)}?metric={word}&owner={word}&lang={word}", sent
    word = canaries.word("a path that isn't there")
    yield "GET", f"/{word}/{word}", {}
    yield "GET", f"/sign-in?token={canaries.word('token')}", {}
    yield "POST", "/sign-in", {"content": f"key={canaries.word('sign-in form')}"}
    yield "POST", "/sign-in", {"content": canaries.word("a form that is none")}
    for method in ("score_churn", "assign_segment", "forecast_volume"):
        yield "POST", f"/{method}", {"json": {canaries.word("field"): canaries.word(f"value of {method}")}}
        yield "POST", f"/{method}", {"json": {"histories": [{"customer_id": canaries.word(f"history of {method}")}]}}
        yield "POST", f"/{method}", {"content": canaries.word(f"content of {method}").encode() + b"\xff{"}
    for name in HEADERS:
        yield "GET", "/api/v1/churn", {"headers": {name: canaries.word(f"header {name}")}}
        yield "POST", "/api/v1/score", {"headers": {name: canaries.word(f"header {name} of a post")}, "content": b"{}"}
    yield "GET", "/api/v1/churn", {"headers": {canaries.word("a header's name"): "1"}}
    for scheme in ("Bearer ", "Basic ", ""):
        yield "GET", "/api/v1/churn", {"headers": {"Authorization": scheme + canaries.word(f"key after {scheme}")}}
    for name in ("rapport_session", "rapport_language", canaries.word("a cookie's name")):
        yield "GET", "/", {"headers": {"Authorization": "", "Cookie": f"{name}={canaries.word('cookie')}.1.2"}}


def bodies(canaries: Canaries, path: str) -> Iterator[dict[str, Any]]:
    """Right, wrong and broken bodies."""
    word = canaries.word
    contact = {"occurred_at": "2026-10-01T00:00:00Z", "channel": "phone", "kind": word(f"kind {path}")}
    contact |= {"content": f"I want {word(f'content {path}')} back", "outcome": word(f"outcome {path}")}
    live = {
        **contact,
        "customer_id": word("live customer"),
        "interaction_id": word("live key"),
        "agent_id": word("agent"),
    }
    history = {"customer_id": word(f"customer {path}"), "interactions": [contact]}
    right: dict[str, Any] = {
        "/api/v1/score": {"histories": [history]},
        "/api/v1/sentiment": {"texts": [f"the {word('text')} was bad"]},
        "/api/v1/customers/{customer_id}/outcomes": {"outcome": "stays", "note": word("note")},
        "/api/v1/exports": {"min_risk": 0.5, "campaign": word("campaign"), "owner": word("owner")},
        "/api/v1/interactions": [{**live, "response_content": word("response")}],
    }[path]
    yield {"json": right}
    yield {"json": {word(f"field of {path}"): 1}}
    yield {"json": {**(right if isinstance(right, dict) else right[0]), "channel": word(f"channel {path}")}}
    yield {"json": [word(f"list {path}")]}
    yield {
        "json": {name: word(f"{name} {path}") for name in ("histories", "texts", "outcome", "segment", "interactions")}
    }
    yield {"content": b'{"a": "' + word(f"torn {path}").encode(), "headers": {"Content-Type": "application/json"}}
    yield {"content": b"\xff\xfe" + word(f"bytes {path}").encode(), "headers": {"Content-Type": "application/json"}}
    yield {"content": word(f"text {path}"), "headers": {"Content-Type": "text/plain"}}
    yield {"content": b'{"x": "' + word(f"long {path}").encode() * 200_000 + b'"}'}


def raw_lines(url: str, canaries: Canaries) -> bytes:
    """Answers to what is hardly HTTP."""
    place = urlsplit(url)
    said = b""
    for line in RAW:
        with socket.create_connection((place.hostname, place.port), 5) as line_out:
            line_out.settimeout(0.3)
            line_out.sendall(line.format(canaries.word(f"raw {line[:20]}")).encode("latin-1"))
            try:
                while part := line_out.recv(65536):
                    said += part
            except TimeoutError:
                pass
    return said


@pytest.mark.torture
@pytest.mark.timeout(600)
def test_nothing_that_is_sent_to_the_service_is_kept_or_repeated_where_it_should_not(
    serving: Any, someone: str, share: float
) -> None:
    canaries = Canaries("h")
    folder = serving.workspace.folder
    repeated: dict[str, str] = {}
    answers: dict[int, int] = {}
    with (
        httpx.Client(base_url=serving.url, timeout=40, trust_env=False) as client,
        watched(canaries, serving.temporary, *(folder / name for name in ("run", "tmp"))) as seen,
    ):
        event = {"occurred_at": "2026-10-01T00:00:00Z", "channel": "chat", "customer_id": canaries.word("an event")}
        assert client.post("/api/v1/interactions", json=event, headers=serving.as_role("admin")).status_code == 202
        # In CI a third of them.
        for method, address, sent in list(addresses(canaries, someone))[:: max(1, round(0.3 / share))]:
            headers = {**serving.as_role("admin"), **sent.pop("headers", {})}
            client.cookies.clear()
            answer = client.request(method.upper(), address, headers=headers, **sent)
            answers[answer.status_code] = answers.get(answer.status_code, 0) + 1
            assert answer.status_code < 500, (method, address, answer.text)
            if answer.status_code >= 400:
                repeated |= canaries.found_in(answer.content + str(answer.headers).encode())
        repeated |= canaries.found_in(raw_lines(serving.url, canaries))
        kept = canaries.found_in(audit_and_metrics(client, serving))
    assert len(canaries.places) >= FEWEST
    assert share < 1 or {200, 202, 400, 401, 404, 413, 415, 422} <= set(answers), answers
    assert {200, 400, 401, 404, 422} <= set(answers), answers
    serving.process.terminate()
    serving.process.wait(60)
    assert list((folder / "logs").iterdir()), "no log was written"
    kept |= canaries.found_under(folder / "logs", folder / "mlruns", folder / "run", serving.temporary)
    kept |= canaries.found_in(serving.output.read_bytes())
    assert (kept, repeated, seen) == ({}, {}, {})
    # The search finds them where they should be: in the journal or the lake, and in an export's record.
    assert canaries.found_under(folder)


TEXTS = {
    "customers": ("customer_id", "name", "email", "phone", "gender", "birth_year", "country", "region", "city", "owner",
                  "income", "joined_at", "left_at", "marketing_consent"),
    "interactions": ("interaction_id", "customer_id", "occurred_at", "channel", "direction", "kind", "content",
                     "duration_ms", "wait_ms", "outcome", "responded_at", "response_content", "resolved_at", "reopened",
                     "satisfaction", "rated_at", "agent_id", "is_automated"),
    "orders": ("order_line_id", "order_id", "customer_id", "ordered_at", "amount", "currency", "product", "quantity",
               "status", "payment_method"),
    "surveys": ("response_id", "customer_id", "answered_at", "topic", "importance", "satisfaction", "comment"),
}  # fmt: skip


def company_files(canaries: Canaries, folder: Path, customers: int, days: int) -> dict[str, Path]:
    """A company's tables as CSV: in each column of each table one value is a canary, another one is broken by one."""
    folder.mkdir()
    company = simulate(customers=customers, days=days, seed=11)
    for table, columns in TEXTS.items():
        rows = company.tables[table].to_pandas()
        dropped = ["source", "source_row", "collected_at", "known_at", "is_revision"]
        rows = rows.drop(columns=[name for name in dropped if name in rows]).astype(object)
        for number, column in enumerate(columns):
            rows.loc[3 + 2 * number, column] = canaries.word(f"{table}.{column}")
            rows.loc[4 + 2 * number, column] = f"=\x07{canaries.word(f'broken {table}.{column}')}\x1b["
        rows.to_csv(folder / f"{table}.csv", index=False)
    return {table: folder / f"{table}.csv" for table in TEXTS}


def broken_files(canaries: Canaries, folder: Path) -> list[list[str]]:
    """Arguments of `collect` for files and mappings that can't be read."""
    word = canaries.word
    header = b"interaction_id,customer_id,occurred_at,channel\n"
    files = {
        "torn.csv.gz": gzip.compress(header + word("torn gzip").encode() * 200)[:-20],
        "bytes.csv": header + b"1,\xff\xfe\x00" + word("bytes").encode() + b",2026-01-01,phone\n",
        "fields.csv": header + b"1,2,3,4,5,6," + word("too many fields").encode() + b"\n",
        "quotes.csv": header + b'1,"' + word("open quote").encode() + b",2026-01-01,phone\n",
        "nothing.csv": word("no table at all").encode(),
        "lines.json": b'{"interaction_id": "' + word("torn JSON").encode(),
        "book.xlsx": b"PK\x03\x04" + word("no workbook").encode(),
        "table.parquet": b"PAR1" + word("no Parquet").encode(),
    }
    mappings = {
        "values": 'channel = { column = "channel", values = { "WORD" = "phone" } }',
        "format": 'occurred_at = { column = "occurred_at", format = "WORD" }',
        "zone": 'occurred_at = { column = "occurred_at", timezone = "WORD" }',
        "column": 'occurred_at = { column = "WORD" }',
        "value": 'channel = { value = "WORD" }',
    }
    (folder / "plain.csv").write_bytes(header + b"1,2,2026-01-01,phone\n")
    asked = []
    for name, content in files.items():
        (folder / name).write_bytes(content)
        asked.append([str(folder / name), "--table", "interactions"])
    for name, text in mappings.items():
        said = f"[interactions.columns]\n{text.replace('WORD', word(f'mapping: {name}'))}\n"
        (folder / f"{name}.toml").write_text(said)
        asked.append([str(folder / "plain.csv"), "--table", "interactions", "--mapping", str(folder / f"{name}.toml")])
    where = f"[interactions]\nwhere = \"channel != '{word('mapping: where')}'\"\n"
    (folder / "where.toml").write_text(where)
    asked.append([str(folder / "plain.csv"), "--table", "interactions", "--mapping", str(folder / "where.toml")])
    return asked


@pytest.mark.torture
@pytest.mark.timeout(1800)
def test_nothing_of_collected_files_is_in_logs_mlflow_or_temporary_files(
    tmp_path: Path, share: float, rapport: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = share >= 1
    canaries = Canaries("f")
    temporary, company = tmp_path / "tmp", tmp_path / "company"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    files = company_files(canaries, tmp_path / "files", *((400, 500) if whole else (60, 60)))
    output = ""

    def run(*arguments: str, fails: bool | None = False) -> None:
        nonlocal output
        code, out, err = rapport(*arguments, "--workspace", company)
        assert fails is None or (code != 0) == fails, (arguments, err)
        output += out + err

    run("init")
    with watched(canaries, temporary, company / "run") as seen:
        for table, file in files.items():
            run("collect", str(file), "--table", table)
        for asked in broken_files(canaries, tmp_path / "files"):
            run("collect", *asked, fails=None)
        run("clean")
        if whole:
            run("run", fails=None)
            run("publish")
        for place, arguments in {
            "segment": ("export", "segment", "{}", "--output", str(tmp_path / "list.csv")),
            "key": ("keys", "revoke", "{}"),
            "role": ("keys", "add", "somebody", "--role", "{}"),
            "quarantine": ("quarantine", "show", "{}"),
            "date": ("features", "--as-of", "{}"),
        }.items():
            run(*(canaries.word(f"command line: {place}") if one == "{}" else one for one in arguments), fails=True)
    state = sqlite3.connect(company / "state.db")
    entries = json.dumps(state.execute("SELECT * FROM audit").fetchall(), default=str).encode()
    state.close()
    # Stages work in the workspace's own tmp/, and leave nothing there.
    kept = canaries.found_under(temporary, *(company / name for name in ("logs", "mlruns", "run", "tmp")))
    # Who asked for a file or typed a word is told which, and the columns found; what is in their rows is not repeated.
    told = {
        word: place
        for word, place in canaries.found_in(output.encode()).items()
        if not place.startswith(("command line", "mapping", "no table at all"))
    }
    assert (kept, seen, canaries.found_in(entries), told) == ({}, {}, {}, {})
    if whole:
        assert (company / "mlruns" / "mlflow.db").exists()
    kept_rows = open_workspace(company).lake.read("quarantine")
    assert canaries.found_in(json.dumps(kept_rows.to_pylist(), default=str).encode()), "nothing was refused"
