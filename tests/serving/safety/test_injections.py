"""SQL, paths, hostile JSON, bodies, headers and texts against a real `rapport serve`: all refused or harmless."""

import gzip
import json
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest

from serving.openapi import document
from serving.policy import POLICY
from workspace.settings import LARGEST_BODY

CORPORA = json.loads(Path(__file__).with_name("corpora.json").read_text(encoding="utf-8"))
NOBODY = "nobody-of-this-name"
BIG = 200_000_000
GROWTH = 50_000_000
# Of one request, on a machine that others use too; what a hostile text costs is measured alone, below.
SECONDS = 5.0
MILLION = 1_000_000
POSTS = [rule.path for rule in POLICY if rule.method == "POST" and rule.door in ("api", "method")]


@pytest.fixture
def client(serving: Any) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=serving.url, timeout=40, trust_env=False, headers=serving.as_role("admin")) as client:
        yield client


def texts_of(described: dict[str, Any], place: str) -> list[str]:
    """Names of the parameters that take any text."""
    found = []
    for parameter in described["parameters"]:
        schema = parameter["schema"].get("items", parameter["schema"])
        if parameter["in"] == place and schema.get("type") == "string" and "enum" not in schema:
            found.append(parameter["name"])
    return found


def some(whole: list[Any], share: float) -> list[Any]:
    """All of a corpus by `make torture`, a third in CI."""
    return whole[:: max(1, round(0.3 / share))]


def shown(answer: httpx.Response) -> Any:
    """What an answer says, apart from who asked what."""
    try:
        said = answer.json()
    except ValueError:
        return answer.text
    if isinstance(said, dict):
        said.pop("request_id", None)
    return said


@pytest.mark.torture
@pytest.mark.timeout(1800)
def test_sql_in_every_filter_and_path_is_a_word_that_nobody_has(
    serving: Any, client: httpx.Client, someone: str, share: float
) -> None:
    before = [shown(client.get(path)) for path in ("/api/v1/statistics/contacts", "/api/v1/churn", "/api/v1/models")]
    tried = 0
    words = some(CORPORA["sql"], share)
    for path, operations in document()["paths"].items():
        described = operations.get("get")
        if described is None:
            continue
        whole = path.replace("{customer_id}", someone).replace("{metric}", "contacts").replace("{segment_id}", "s1")
        for name in texts_of(described, "query"):
            harmless = client.get(whole, params={name: NOBODY})
            for word in words:
                answer = client.get(whole, params={name: word})
                tried += 1
                # One with NUL is no text at all; every other one is answered like a name that isn't there.
                expected = (400,) if "\x00" in word else (harmless.status_code,)
                assert answer.status_code in expected, (whole, name, word, answer.text)
                if harmless.status_code == 200 and "\x00" not in word:
                    assert shown(answer) == shown(harmless), (whole, name, word)
        for name in texts_of(described, "path"):
            for word in words:
                address = path.replace(f"{{{name}}}", quote(word, safe=""))
                answer = client.get(address.replace("{customer_id}", someone))
                tried += 1
                assert answer.status_code in (400, 404), (address, answer.text)
                assert word.strip("'\" ;\x00") not in answer.text or len(word) < 12, (address, answer.text)
    for word in words:
        made = client.post("/api/v1/exports", json={"min_risk": 0.0, "owner": word, "campaign": word})
        assert made.status_code == 201, made.text
        assert made.json()["matching"] == 0, word
        tried += 1
    assert tried > 100 * share
    for page in (
        "/churn?owner=",
        "/churn?segment=",
        "/statistics?metric=contacts&region=",
        "/segments/",
        "/statistics?metric=",
    ):
        for word in words:
            answer = client.get(page + quote(word, safe=""))
            assert answer.status_code in (200, 400, 404), (page, word)
            assert "<script>alert" not in answer.text
    after = [shown(client.get(path)) for path in ("/api/v1/statistics/contacts", "/api/v1/churn", "/api/v1/models")]
    assert after == before
    assert not list(Path("/tmp").glob("rapport-probe*"))  # noqa: S108  (where the words would have written)


def spoken(url: str, request: bytes | Iterator[bytes], seconds: float = 10.0, ends: bool = True) -> bytes:
    """What comes back for bytes that no client would send, until the line ends or `seconds` of silence.

    `ends`: the line is shut from here after them; a server may then think that nobody listens.
    """
    place = urlsplit(url)
    said = b""
    with socket.create_connection((place.hostname, place.port), seconds) as line:
        line.settimeout(seconds)
        try:
            for part in [request] if isinstance(request, bytes) else request:
                line.sendall(part)
            if ends:
                line.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # It hung up before it had all: its answer is on the line.
        try:
            while part := line.recv(65536):
                said += part
        except (TimeoutError, ConnectionError):
            pass
    return said


def statuses(said: bytes) -> list[int]:
    """The status of each answer on a line."""
    lines = said.split(b"HTTP/1.1 ")[1:]
    return [int(line[:3]) for line in lines]


@pytest.mark.torture
@pytest.mark.timeout(600)
def test_no_path_leads_out_of_what_is_served(serving: Any) -> None:
    secret = (serving.workspace.folder / "secret.key").read_bytes()
    key = f"Authorization: Bearer {serving.keys['admin']}"
    below = ("/static/", "/", "/api/v1/exports/", "/api/v1/customers/", "/api/v1/segments/", "/exports/", "/api/v1/")
    answered = 0
    long = ["a" * 70_000, "../" * 20_000, "%2e" * 20_000, "%" * 1000]
    for root in below:
        for word in [*CORPORA["paths"], *long]:
            request = f"GET {root}{word} HTTP/1.1\r\nHost: x\r\n{key}\r\nConnection: close\r\n\r\n"
            said = spoken(serving.url, request.encode(), 1.0, ends=False)
            assert secret not in said, (root, word[:50])
            assert b"root:" not in said, (root, word[:50])
            assert b"SQLite format" not in said, (root, word[:50])
            assert b"\r\nSet-Cookie: a=b" not in said, (root, word[:50])
            found = statuses(said)
            answered += len(found)
            # No answer at all is a line cut off; 200 are pages that a path of dots leads to within what is served.
            assert all(status in (200, 302, 400, 401, 404, 405, 414, 431) for status in found), (
                root,
                word[:50],
                said[:200],
            )
            if found == [200]:
                assert word.startswith((".", "%2e", "style.css")) or root == "/", (root, word, said[:300])
    assert answered > len(below) * len(CORPORA["paths"]) / 2


@pytest.mark.torture
@pytest.mark.timeout(600)
def test_hostile_json_is_refused_or_harmless(client: httpx.Client, someone: str, share: float) -> None:
    deep = ["[" * 100_000, '{"a":' * 100_000, "[" * 500 + "]" * 500, '{"texts": ' + "[" * 900_000 + "}"]
    wide = [
        '{"' + "k" * MILLION + '": 1}',
        json.dumps({f"k{number}": 1 for number in range(50_000)}),
        "[" + "1," * 400_000 + "1]",
    ]
    wide += [
        '{"histories": [' + "{}," * 300_000 + "{}]}",
        '{"min_risk": ' + "9" * 5_000 + "}",
        '{"min_risk": 0.' + "1" * 900_000 + "}",
    ]
    for path in POSTS:
        address = path.replace("{customer_id}", someone)
        for text in some([*CORPORA["json"], *deep, *wide], share):
            began = time.monotonic()
            content = text.encode("utf-8", "surrogatepass")
            answer = client.post(address, content=content, headers={"content-type": "application/json"})
            assert answer.status_code < 500, (path, text[:80], answer.text)
            assert time.monotonic() - began < SECONDS, (path, text[:80])
            if answer.status_code >= 400:
                assert answer.headers["content-type"] == "application/problem+json", (path, text[:80])
                assert len(answer.content) < 10_000, (path, text[:80])
    for kind in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "",
    ):
        refused = client.post(
            "/api/v1/score", content=b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", headers={"content-type": kind}
        )
        assert refused.status_code == 415, kind


def grown(before: dict[int, int], now: dict[int, int]) -> int:
    """By how many bytes; what was started meanwhile, such as the page's charts' script, is another matter."""
    return sum(now.get(number, 0) - held for number, held in before.items())


def settled(serving: Any) -> Any:
    """The memory of each process once what starts behind a service that answers already, such as the writer, is up."""
    before = serving.memory()
    for _ in range(30):
        time.sleep(1.0)
        now = serving.memory()
        if set(now) == set(before) and abs(grown(before, now)) < 1_000_000:
            break
        before = now
    return before


def chunked(parts: int, size: int = 1_000_000) -> Iterator[bytes]:
    for _ in range(parts):
        yield f"{size:x}\r\n".encode() + b" " * size + b"\r\n"
    yield b"0\r\n\r\n"


@pytest.mark.torture
@pytest.mark.timeout(600)
def test_bodies_of_200_megabytes_are_refused_before_they_are_held(
    serving: Any, client: httpx.Client, share: float
) -> None:
    key = [f"Authorization: Bearer {serving.keys['admin']}", "Content-Type: application/json"]
    client.get("/api/v1/churn")
    before, most = settled(serving), 0

    def head(path: str, *lines: str) -> bytes:
        return "\r\n".join([f"POST {path} HTTP/1.1", "Host: x", *key, *lines, "", ""]).encode()

    def body(first: bytes, rest: Callable[[], Iterator[bytes]]) -> Iterator[bytes]:
        nonlocal most
        yield first
        for number, part in enumerate(rest()):
            if number % 20 == 0:
                most = max(most, grown(before, serving.memory()))
            yield part

    def spaces() -> Iterator[bytes]:
        return (b" " * 1_000_000 for _ in range(BIG // 1_000_000))

    for path in some(["/api/v1/score", "/api/v1/interactions", "/score_churn", "/sign-in"], share):
        for lines, rest in (
            (("Transfer-Encoding: chunked",), lambda: chunked(BIG // 1_000_000)),
            ((f"Content-Length: {BIG}",), spaces),
            (("Content-Length: 10",), spaces),
            ((f"Content-Length: {10**30}",), spaces),
            (("Content-Length: " + "0" * 30 + str(BIG),), spaces),
        ):
            said = spoken(serving.url, body(head(path, *lines), rest))
            found = statuses(said)
            # Who goes on sending may be cut off before the refusal is read.
            assert set(found) <= {400, 401, 403, 413, 422}, (path, lines, said[:300])
    most = max(most, grown(before, serving.memory()))
    assert most < GROWTH, f"{most / 1e6:.0f} MB"
    declared = spoken(serving.url, head("/api/v1/score", f"Content-Length: {BIG}") + b"{}", 3.0, ends=False)
    assert statuses(declared) == [413]
    assert client.get("/readyz").status_code == 200


@pytest.mark.torture
@pytest.mark.timeout(600)
def test_zip_bombs_are_bytes_that_are_no_json(serving: Any, client: httpx.Client, share: float) -> None:
    bomb = gzip.compress(b" " * BIG, 9)
    assert len(bomb) < LARGEST_BODY
    client.get("/api/v1/churn")
    before = serving.memory()
    for path in POSTS:
        for coding in some(["gzip", "deflate", "br", "zstd", "gzip, gzip", "identity", "x-gzip"], share):
            headers = {"content-type": "application/json", "content-encoding": coding}
            answer = client.post(path.replace("{customer_id}", "C000001"), content=bomb, headers=headers)
            assert 400 <= answer.status_code < 500, (path, coding, answer.text)
    assert grown(before, serving.memory()) < GROWTH


@pytest.mark.torture
@pytest.mark.timeout(600)
def test_a_second_request_within_the_first_is_nobodys(serving: Any, client: httpx.Client) -> None:
    hidden = b"GET /api/v1/churn HTTP/1.1\r\nHost: x\r\n\r\n"
    length = f"Content-Length: {len(hidden)}"
    heads = [[length if line == "LENGTH" else line for line in lines] for lines in CORPORA["headers"]]
    heads += [["A: " + "a" * 200_000], [f"H{number}: x" for number in range(5_000)]]
    answered = 0
    for lines in heads:
        for start in (b"POST /sign-in", b"GET /livez", b"POST /api/v1/score"):
            written = "\r\n".join(lines).encode("latin-1")
            request = start + b" HTTP/1.1\r\nHost: x\r\n" + written + b"\r\n\r\n0\r\n\r\n" + hidden
            said = spoken(serving.url, request, 0.2, ends=False)
            # Nobody who has no key sees anybody, whichever part was taken for a request.
            assert b"customers" not in said, (lines[0][:60], start, said[:300])
            assert all(status < 500 for status in statuses(said)), (lines[0][:60], start, said[:300])
            answered += bool(statuses(said))
    assert answered > len(heads)
    assert client.get("/readyz").status_code == 200


def hostile_texts(letters: int) -> dict[str, str]:
    """Texts that make expressions go back and forth, word lists be looked up in vain, and sizes add up."""
    units: list[str] = CORPORA["units"]
    return {unit: (unit * (letters // len(unit) + 1))[:letters] for unit in units}


@pytest.mark.torture
@pytest.mark.timeout(900)
def test_hostile_texts_of_a_megabyte_are_refused_at_once(client: httpx.Client, share: float) -> None:
    contact = {"occurred_at": "2026-10-01T00:00:00Z", "channel": "email"}
    # What is loaded with the first text.
    client.post("/api/v1/sentiment", json={"texts": ["好 good 😀"]})
    client.post("/api/v1/score", json={"histories": [{"interactions": [{**contact, "content": "好 good 😀"}]}]})
    slow: dict[tuple[str, str], float] = {}
    for unit, text in some(list(hostile_texts(MILLION // 3).items()), share):
        for path, body in (
            ("/api/v1/sentiment", {"texts": [text]}),
            ("/api/v1/score", {"histories": [{"interactions": [{**contact, "content": text}]}]}),
            ("/api/v1/interactions", {**contact, "content": text}),
        ):
            content = json.dumps(body, ensure_ascii=False).encode()
            took = []
            # The least of several: others use this machine.
            for _ in range(3):
                began = time.perf_counter()
                answer = client.post(path, content=content, headers={"content-type": "application/json"})
                took.append(time.perf_counter() - began)
                assert answer.status_code in (413, 422), (path, unit, answer.text[:200])
                if took[-1] < 0.05:
                    break
            if min(took) >= 0.05:
                slow[path, unit] = min(took)
    assert not slow


@pytest.mark.slow
def test_no_allowed_text_takes_long() -> None:
    from interactions.cleaning.masking import masked
    from interactions.cleaning.text import signals
    from serving.answers.sentiment import MOST_LETTERS

    signals(["好 good 😀"])
    slow = {}
    for reads, letters in ((signals, MOST_LETTERS), (lambda texts: masked(texts[0]), 20_000)):
        for unit, text in hostile_texts(letters).items():
            took = []
            for _ in range(5):
                began = time.process_time()
                reads([text])
                took.append(time.process_time() - began)
            if min(took) >= 0.1:
                slow[unit] = min(took)
    assert not slow
