"""A local server that speaks as Salesforce, Zoho CRM, Dynamics 365 and others do, with faults to switch on."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from interactions.sources.collect import Received
from interactions.sources.crm import collect_crm
from interactions.sources.crm.waiting import Waiting
from workspace.folder import Workspace, open_workspace
from workspace.source import Source

SECRETS = {"client": "the-client-id", "secret": "s3cr3t-0f-the-client", "refresh": "r3fresh-token-value"}
Record = dict[str, Any]


@dataclass
class Fault:
    """What goes wrong with the records' request number `at` (1 is the first), and the `times - 1` after it."""

    kind: str
    at: int = 1
    times: int = 1
    value: str = ""


@dataclass
class Service:
    """The server's records, faults and what it was asked. Records are kept by object, module or entity set."""

    records: dict[str, list[Record]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    page: int = 2
    unknown: set[str] = field(default_factory=set)
    unknown_from: int = 1
    repeated_page: int = 0
    circle: bool = False
    asked: list[tuple[str, dict[str, str], dict[str, str]]] = field(default_factory=list)
    issued: int = 0
    valid: set[str] = field(default_factory=set)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def data_requests(self) -> list[tuple[str, dict[str, str], dict[str, str]]]:
        return [one for one in self.asked if "token" not in one[0]]

    def forget(self) -> None:
        self.asked.clear()

    def expire(self) -> None:
        self.valid.clear()


@dataclass
class Answer:
    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    cut: bool = False


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    service: Service

    def log_message(self, *_: Any) -> None:
        pass

    def do_POST(self) -> None:
        form = {k: v[0] for k, v in parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()).items()}
        self.service.asked.append((self.path, form, dict(self.headers)))
        self._answer(self._token(form))

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        params = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.service.asked.append((parts.path, params, dict(self.headers)))
        number = len(self.service.data_requests)
        answer = self._fault(number)
        if answer is None and self.headers.get("Authorization", "").rpartition(" ")[2] not in self.service.valid:
            answer = Answer(401, [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}])
        self._answer(answer or self._records(parts.path, params, number))

    def _token(self, form: dict[str, str]) -> Answer:
        refresh = form.get("grant_type") == "refresh_token"
        right = form.get("client_id") == SECRETS["client"] and form.get("client_secret") == SECRETS["secret"]
        if not right or (refresh and form.get("refresh_token") != SECRETS["refresh"]):
            zoho = self.path.startswith("/oauth/")
            return Answer(200 if zoho else 400, {"error": "invalid_client", "error_description": str(form)})
        self.service.issued += 1
        token = f"acc3ss-token-number-{self.service.issued}"
        self.service.valid.add(token)
        return Answer(200, {"access_token": token, "token_type": "Bearer", "expires_in": 3600})

    def _fault(self, number: int) -> Answer | None:
        for fault in self.service.faults:
            if fault.at <= number < fault.at + fault.times:
                return self._faulty(fault)
        return None

    def _faulty(self, fault: Fault) -> Answer | None:
        if fault.kind == "slow":
            time.sleep(float(fault.value))
            return None
        if fault.kind == "expired":
            self.service.expire()
            return None
        if fault.kind == "hang up":
            self.connection.close()
            raise ConnectionAbortedError
        return {
            "429": Answer(429, {"code": "TOO_MANY_REQUESTS"}, {"Retry-After": fault.value}),
            "503": Answer(503, {}, {"Retry-After": fault.value}),
            "500": Answer(500, {"error": "internal", "message": SECRETS["secret"]}),
            "403": Answer(403, [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "mary@example.com"}]),
            "redirect": Answer(302, None, {"Location": fault.value}),
            "html": Answer(200, raw=b"<html>mary@example.com</html>", headers={"Content-Type": "text/html"}),
            "truncated": Answer(200, raw=b'{"records": [{"Id": "1", "Na'),
            "cut": Answer(200, raw=b'{"records": [{"Id": "1"', cut=True),
            "large": Answer(200, raw=b'["' + b"x" * (2 * 2**20) + b'"]'),
            "no data": Answer(200, {"done": True}),
            "numbers": Answer(200, {"records": [1, 2], "data": [1, 2], "value": [1, 2], "done": True}),
        }[fault.kind]

    def _records(self, path: str, params: dict[str, str], number: int) -> Answer:
        if path.startswith("/services/data/"):
            return salesforce(self.service, path, params, number)
        if path.startswith("/crm/"):
            return zoho(self.service, path, params, self.headers.get("If-Modified-Since"), number)
        if path.startswith("/api/data/"):
            return dynamics(self.service, path, params, number)
        return plain(self.service, path, params)

    def _answer(self, answer: Answer) -> None:
        body = (
            answer.raw if answer.raw is not None else b"" if answer.body is None else json.dumps(answer.body).encode()
        )
        with suppress(ConnectionError):
            self.send_response(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            if answer.status not in (204, 304):
                self.send_header("Content-Length", str(len(body) + (100 if answer.cut else 0)))
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = answer.cut


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def changed_since(records: list[Record], cursor: str, since: str) -> list[Record]:
    found = [one for one in records if moment(one[cursor]) >= moment(since)]
    return sorted(found, key=lambda one: moment(one[cursor]))


def of_page(service: Service, records: list[Record], start: int, size: int) -> tuple[list[Record], int | None]:
    """The records of a page and where the next begins; page number `repeated_page` shows the one before it."""
    shown = start - size if service.repeated_page and start == (service.repeated_page - 1) * size else start
    after = start if service.circle and start else start + size
    return records[shown : shown + size], after if after < len(records) else None


def picked(record: Record, names: list[str], service: Service, number: int) -> Record:
    """The fields asked for, nested ones below their parents; fields the service no longer knows are left out."""
    out: Record = {}
    for name in names:
        if name in service.unknown and number >= service.unknown_from:
            continue
        outer, _, inner = name.partition(".")
        value = record.get(outer)
        if inner:
            out[outer] = None if value is None else {**(out.get(outer) or {}), inner: value.get(inner)}
        else:
            out[name] = value
    return out


def salesforce(service: Service, path: str, params: dict[str, str], number: int) -> Answer:
    query, start = params.get("q"), 0
    if query is None:
        locator = path.rpartition("/")[2]
        query, start = service.records["queries"][0]["q"], int(locator.rpartition("-")[2])
    else:
        service.records["queries"] = [{"q": query}]
    found = re.fullmatch(r"SELECT (.+) FROM (\w+) WHERE (.+) ORDER BY SystemModstamp, Id", query)
    assert found is not None, query
    names, entity, where = found[1].split(", "), found[2], found[3]
    assert not [name for name in names if name.startswith("first_")]
    for name in names:
        if name in service.unknown and number >= service.unknown_from and start == 0:
            text = f"\nSELECT {name}\n       ^\nERROR at Row:1:Column:8\nNo such column '{name}' on entity '{entity}'."
            return Answer(400, [{"message": text, "errorCode": "INVALID_FIELD"}])
    since = re.search(r"SystemModstamp >= (\S+)", where)
    assert since is not None
    records = [one for one in service.records.get(entity, []) if _holds(one, where)]
    records = changed_since(records, "SystemModstamp", since[1])
    page, after = of_page(service, records, start, service.page)
    shown = [{"attributes": {"type": entity}, **picked(one, names, service, number)} for one in page]
    answer = {"totalSize": len(records), "done": after is None, "records": shown}
    if after is not None:
        answer["nextRecordsUrl"] = f"{path.partition('/query')[0]}/query/01gD0000002HU6KIAW-{after}"
    return Answer(200, answer)


def _holds(record: Record, where: str) -> bool:
    for name, text in re.findall(r"(\w+) = ('[^']*'|true)", where):
        if record.get(name) != (True if text == "true" else text.strip("'")):
            return False
    return True


def zoho(service: Service, path: str, params: dict[str, str], since: str | None, number: int) -> Answer:
    if path.endswith("/Emails"):
        return zoho_emails(service, path, params)
    assert params["sort_by"] == "Modified_Time"
    assert int(params["per_page"]) <= 200
    records = service.records.get(path.rpartition("/")[2], [])
    if not records:
        return Answer(204)
    assert since is not None
    records = changed_since(records, "Modified_Time", since)
    if not records:
        return Answer(304)
    start = int(params["page_token"].removeprefix("token-")) if "page_token" in params else 0
    page, after = of_page(service, records, start, service.page)
    names = ["id", *params["fields"].split(",")]
    assert len(names) <= 50
    info = {
        "per_page": service.page,
        "count": len(page),
        "more_records": after is not None,
        "next_page_token": None if after is None else f"token-{after}",
    }
    return Answer(200, {"data": [picked(one, names, service, number) for one in page], "info": info})


def zoho_emails(service: Service, path: str, params: dict[str, str]) -> Answer:
    emails = [one for one in service.records["Emails"] if one["linked_record"]["id"] == path.split("/")[-2]]
    if not emails:
        return Answer(204)
    page, after = of_page(service, emails, int(params.get("index", 0)), service.page)
    info = {"count": len(page), "next_index": None if after is None else str(after), "more_records": after is not None}
    return Answer(200, {"Emails": page, "info": info})


def dynamics(service: Service, path: str, params: dict[str, str], number: int) -> Answer:
    names = params["$select"].split(",")
    assert not [name for name in names if "." in name]
    for name in names:
        if name in service.unknown and number >= service.unknown_from and "$skiptoken" not in params:
            text = f"Could not find a property named '{name}' on type 'Microsoft.Dynamics.CRM.contact'."
            return Answer(400, {"error": {"code": "0x80060888", "message": text}})
    since = re.fullmatch(r"modifiedon ge (\S+)", params["$filter"])
    assert since is not None
    records = changed_since(service.records.get(path.rpartition("/")[2], []), "modifiedon", since[1])
    start = int(params.get("$skiptoken", "0"))
    page, after = of_page(service, records, start, service.page)
    expanded = re.findall(r"(\w+)\(\$select=", params.get("$expand", ""))
    answer: Record = {
        "@odata.context": "...",
        "value": [picked(one, [*names, *expanded], service, number) for one in page],
    }
    if after is not None:
        query = "&".join(
            f"{name}={value.replace(' ', '%20')}" for name, value in params.items() if name != "$skiptoken"
        )
        answer["@odata.nextLink"] = f"{service.url}{path}?{query}&$skiptoken={after}"
    return Answer(200, answer)


def plain(service: Service, path: str, params: dict[str, str]) -> Answer:
    """Any other service: /link, /next, /cursor, /offset and /page are ways of paging, /all has none."""
    records = service.records.get("rows", [])
    if "since" in params:
        records = [one for one in records if one["changed"] >= params["since"]]
    way = path.strip("/").split("/")[-1]
    start = {"offset": int(params.get("offset", 0)), "page": int(params.get("page", 0)) * service.page}.get(
        way, int(params.get("at", 0))
    )
    if way == "all":
        return Answer(200, records)
    page, after = of_page(service, records, start, service.page)
    if way == "link":
        link = {} if after is None else {"Link": f'<{service.url}{path}?at={after}>; rel="next"'}
        return Answer(200, page, link)
    extra = {} if after is None else {"next": f"{path}?at={after}", "cursor": str(after)}
    return Answer(200, {"items": page, "total": len(records), **extra})


@pytest.fixture
def service() -> Iterator[Service]:
    here = Service()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"service": here}))
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    here.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield here
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return open_workspace(tmp_path / "company", create=True)


@dataclass
class Collected:
    received: list[Received]
    waited: list[float]

    @property
    def new(self) -> dict[str, int]:
        return {one.source: one.rows for one in self.received if one.new}


Collect = Callable[..., Collected]


@pytest.fixture
def collect(service: Service, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Collect:
    """Collect from the local server as a source named `crm`; waits are noted, not waited."""
    for vendor in ("SALESFORCE", "ZOHO", "DYNAMICS"):
        for name, variable in (("client", "CLIENT_ID"), ("secret", "CLIENT_SECRET"), ("refresh", "REFRESH_TOKEN")):
            monkeypatch.setenv(f"{vendor}_{variable}", SECRETS[name])
    monkeypatch.setenv("REST_TOKEN", "f1xed-token-of-the-environment")
    service.valid.add("f1xed-token-of-the-environment")
    urls = {
        "salesforce": {"base_url": service.url},
        "zoho": {"base_url": service.url, "accounts_url": service.url},
        "dynamics": {"base_url": service.url, "login_url": service.url, "tenant": "0000-1111"},
        "rest": {"base_url": service.url, "token_env": "REST_TOKEN"},
    }

    def run(
        type_: str, *resources: str, table: str | None = None, mapping: str | None = None, **options: Any
    ) -> Collected:
        waited: list[float] = []
        given = {"allow_private_hosts": ["127.0.0.1"], **urls[type_], **options}
        if resources:
            given["resources"] = list(resources)
        source = Source.model_validate({"type": type_, "options": given, "table": table, "mapping": mapping})
        waiting = Waiting(float(options.get("max_wait_seconds", 600)), sleep=waited.append)
        received = collect_crm(workspace, "crm", source, waiting=waiting)
        return Collected(received, waited)

    return run


@pytest.fixture
def make_fault(service: Service) -> Callable[..., None]:
    """Switch on a fault of the records' request number `at` and the `times - 1` after it."""

    def make(kind: str, at: int = 1, times: int = 1, value: str = "") -> None:
        service.faults.append(Fault(kind, at, times, value))

    return make
