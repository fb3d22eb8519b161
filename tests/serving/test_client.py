"""The client says what the service says: every route, lists in pages, refusals with their reasons."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from serving import client as clients
from serving.client import Client, Problem
from serving.openapi import document
from serving.snapshot import Snapshot


@pytest.fixture
def client(service: Any) -> Iterator[Client]:
    with Client(service.url, service.keys["admin"]) as opened:
        yield opened


def test_lists_come_whole_whatever_the_page(
    client: Client, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = list(client.churn(min_risk=0.05))
    monkeypatch.setattr(clients, "_PAGE", 7)
    assert list(client.churn(min_risk=0.05)) == whole
    wanted = snapshot.listing.select("risk", min_risk=0.05)
    assert [row["customer_id"] for row in whole] == snapshot.listing.scores["customer_id"].take(wanted).to_pylist()
    assert len(whole) > 7
    segment = client.segments()["segments"][0]
    assert len(list(client.segment_customers(segment["segment_id"]))) == segment["customers"]
    assert client.segment(segment["segment_id"])["name_en"] == segment["name_en"]


def test_a_customer_and_what_came_of_calling(client: Client, snapshot: Snapshot) -> None:
    customer_id = next(client.churn())["customer_id"]
    found = client.customer(customer_id)
    assert found["scores"] is not None
    assert found["version"] == snapshot.version
    assert client.what_if(customer_id)["customer_id"] == customer_id
    assert client.record_outcome(customer_id, "stays", note="客户满意")["outcome"] == "stays"


def test_figures_forecast_and_the_rest(client: Client, snapshot: Snapshot) -> None:
    by_channel = client.statistic("contacts", by=["channel"])["rows"]
    phone = client.statistic("contacts", by=["channel"], channel=["phone"])["rows"]
    assert phone == [row for row in by_channel if row["channel"] == "phone"]
    assert len(client.catalogue()["statistics"]) > 50
    assert client.forecast(channel="phone")["rows"][0]["mean"] == 10.0
    assert client.staffing(channel="phone", contacts=30)["rows"]
    assert client.sentiment(["很好", "terrible"])["version"] == snapshot.version
    assert {model["model"] for model in client.models()["models"]} >= {"churn", "segments"}
    assert client.csv("/segments").startswith("segment_id,")
    for answer in (client.topics(), client.satisfaction(), client.needs(), client.bottlenecks()):
        assert answer["version"] == snapshot.version


def test_histories_are_scored_and_contacts_are_kept_once(client: Client) -> None:
    contact = {"occurred_at": "2020-01-01T10:00:00Z", "channel": "phone", "direction": "inbound"}
    scores = client.score([{"customer_id": "new", "interactions": [contact]}], cutoff="2020-01-05T00:00:00Z")
    assert scores["scores"][0]["customer_id"] == "new"
    first = client.add_interactions([{**contact, "interaction_id": "client-1"}])
    again = client.add_interactions([{**contact, "interaction_id": "client-1"}])
    assert (first["accepted"], again["accepted"], again["known"]) == (1, 0, 1)


def test_a_list_for_a_campaign_and_what_it_was_good_for(client: Client) -> None:
    made = client.export(min_risk=0.05, purpose="service", format="csv", holdout=0.2)
    assert client.exported(made["export_id"]) == made
    content = client.export_file(made["export_id"])
    assert len(content) == made["file_bytes"]
    assert content.decode("utf-8-sig").count("\n") == made["sent"] + 1
    assert client.lift(made["export_id"], days=7, outcome="order")["sent"]["customers"] == made["sent"]


def test_a_refusal_is_an_exception_with_its_reasons(client: Client, service: Any) -> None:
    with pytest.raises(Problem, match="404 Not found") as missing:
        client.customer("nobody/../x?y")
    assert missing.value.request_id
    with pytest.raises(Problem) as wrong:
        client.score([{"unknown": 1}])
    assert wrong.value.status == 422
    assert wrong.value.problems[0]["where"]
    with Client(service.url, "no key") as stranger, pytest.raises(Problem) as refused:
        stranger.segments()
    assert refused.value.status == 401
    with pytest.raises(ValueError, match="must be like"):
        Client("127.0.0.1:3000", "key")


def test_it_has_a_method_for_every_operation(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: set[tuple[str, str]] = set()

    def remember(method: str, path: str, *_given: Any) -> bytes:
        asked.add((method, path))
        return b'{"customers": [], "next": null}'

    monkeypatch.setattr(client, "_answer", remember)
    for call in (client.segments, client.catalogue, client.bottlenecks, client.forecast, client.staffing):
        call()
    for call in (client.topics, client.satisfaction, client.needs, client.models):
        call()
    for one in (client.segment, client.customer, client.what_if, client.statistic):
        one("{}")
    assert list(client.churn()) == list(client.segment_customers("{}")) == []
    client.record_outcome("{}", "stays")
    client.sentiment([])
    client.score([])
    client.add_interactions([])
    client.export("{}")
    client.exported("{}")
    client.export_file("{}")
    client.lift("{}")
    client.erase("{}")
    client.erasure("{}")
    described = {
        (method.upper(), "/".join("%7B%7D" if "{" in part else part for part in path.split("/")[3:]))
        for path, methods in document()["paths"].items()
        for method in methods
    }
    assert {(method, path.removeprefix("/")) for method, path in asked} == described


class _Busy(BaseHTTPRequestHandler):
    """Answers 429 twice, then 200; and once without a word of ours."""

    refusals = 2

    def do_GET(self) -> None:
        refused = self.path.endswith("/models") or type(self).refusals > 0
        type(self).refusals -= 1
        body = b"<html>" if self.path.endswith("/models") else json.dumps({"title": "Busy"}).encode()
        self.send_response(502 if self.path.endswith("/models") else 429 if refused else 200)
        self.send_header("Retry-After", "0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_given: Any) -> None:
        """Keeps quiet."""


def test_it_waits_where_it_is_told_to_and_no_longer() -> None:
    with HTTPServer(("127.0.0.1", 0), _Busy) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            with Client(f"http://127.0.0.1:{server.server_port}/behind", "key") as client:
                assert client.get("/topics") == {"title": "Busy"}
                with pytest.raises(Problem, match="502 The service gave no reason"):
                    client.models()
                client._patience = -1.0
                _Busy.refusals = 1
                with pytest.raises(Problem) as refused:
                    client.get("/topics")
                assert refused.value.retry_after == 0.0
        finally:
            server.shutdown()
            thread.join()


def test_it_needs_nothing_heavy() -> None:
    heavy = "pyarrow", "numpy", "starlette", "sqlalchemy", "pandas"
    program = f"import sys, serving.client; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", program], text=True).strip() == "[]"
