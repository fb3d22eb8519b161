"""The service as a process: ready soon, answering by BentoML's methods too, silent about people, stopped whole."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from serving.current import current_version
from serving.server import check_port, serve
from serving.snapshot import Snapshot
from workspace.errors import PortInUseError, PublishedError
from workspace.folder import Workspace, open_workspace

_SERVE = """
    import sys
    from pathlib import Path
    from serving.server import serve
    from workspace.folder import Workspace, open_workspace
    serve(open_workspace(Path(sys.argv[1])), port=int(sys.argv[2]), ready=lambda url: print(url, flush=True))
"""
_WORKER = """
    import json, os, sys
    from pathlib import Path
    import serving.service
    from serving.histories import History, Interaction
    from serving.snapshot import load
    snapshot = load(Path(sys.argv[1]))
    contact = Interaction(occurred_at=snapshot.cutoff, channel="phone")
    snapshot.scorer.scores([History(interactions=(contact,))], [snapshot.cutoff])
    around, app = [], serving.service.Rapport.to_asgi().build_middleware_stack()
    while app is not None:
        around.append(type(app).__qualname__)
        app = getattr(app, "app", None)
    late = ("mlflow", "ibis", "mlforecast", "nltk", "sklearn", "pandas", "altair", "vl_convert", "deltalake", "rjieba")
    late += ("pyarrow.parquet", "xlsxwriter", "scipy.sparse._csr", "numpy.f2py")
    print(json.dumps({"late": [name for name in late if sys.modules.get(name)], "around": around}))
"""
CANARY = "13800138000"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def bento(service: Any) -> Iterator[tuple[httpx.Client, dict[str, str], subprocess.Popen[str]]]:
    """`serve` in a process of its own, and a client."""
    port = _free_port()
    command = [sys.executable, "-c", textwrap.dedent(_SERVE), str(service.workspace.folder), str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        url = process.stdout.readline().strip()
        with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
            yield client, service.keys, process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(timeout=40)
        process.stdout.close()


def _headers(keys: dict[str, str], role: str = "admin") -> dict[str, str]:
    return {"authorization": f"Bearer {keys[role]}"}


def test_our_routes_and_bentomls_methods_answer_behind_one_gate(bento: Any, snapshot: Snapshot) -> None:
    client, keys, _ = bento
    assert client.get("/readyz").status_code == 200
    assert client.get("/api/v1/segments").status_code == 401
    assert client.get("/api/v1/segments", headers=_headers(keys)).json()["version"] == snapshot.version
    assert client.get("/", headers=_headers(keys)).status_code == 200
    assert client.get("/livez").status_code == 200
    # Open to everybody: not by the gate's own way, but by BentoML's.
    assert "form" in client.get("/sign-in").text
    assert client.post("/sign-in", data={"key": keys["admin"]}).status_code == 303
    client.cookies.clear()
    for hidden in ("/docs.json", "/healthz", "/static_content/index.css"):
        assert client.get(hidden).status_code == 401
        assert client.get(hidden, headers=_headers(keys)).status_code == 404
    assert client.get("/schema.json").status_code == 401
    assert client.get("/schema.json", headers=_headers(keys)).json()["name"] == "rapport"


def test_the_methods_give_the_scores_of_the_routes(bento: Any) -> None:
    client, keys, _ = bento
    contacts = [{"occurred_at": f"2026-10-{day:02d}T00:00:00Z", "channel": "phone"} for day in (1, 8, 15, 22)]
    body = {"histories": [{"customer_id": "x", "interactions": contacts}]}
    (expected,) = client.post("/api/v1/score", json=body, headers=_headers(keys)).json()["scores"]
    (risk,) = client.post("/score_churn", json=body, headers=_headers(keys)).json()["scores"]
    assert {name: risk[name] for name in ("churn_30", "churn_60", "churn_90", "risk_band")} == {
        name: expected[name] for name in ("churn_30", "churn_60", "churn_90", "risk_band")
    }
    (segment,) = client.post("/assign_segment", json=body, headers=_headers(keys)).json()["segments"]
    assert segment["segment_id"] == expected["segment_id"]
    volume = client.post("/forecast_volume", json={"channel": "phone"}, headers=_headers(keys)).json()
    route = client.get("/api/v1/forecast?channel=phone", headers=_headers(keys)).json()
    assert volume["rows"] == route["rows"]


def test_the_workers_counters_come_out_by_template(bento: Any, snapshot: Snapshot) -> None:
    client, keys, _ = bento
    customer = snapshot.tables["customers"]["customer_id"][0].as_py()
    client.get(f"/api/v1/customers/{customer}", headers=_headers(keys))
    text = client.get("/metrics", headers=_headers(keys)).text
    assert 'rapport_requests_total{method="GET",route="/api/v1/customers/{customer_id}",status="200"} 1.0' in text
    assert customer not in text


@pytest.mark.parametrize("path", ["/score_churn", "/assign_segment", "/forecast_volume"])
def test_the_methods_need_a_key_and_its_role(bento: Any, path: str) -> None:
    client, keys, _ = bento
    assert client.post(path, json={}).status_code == 401
    assert client.post(path, json={}, headers={"authorization": "Bearer rapport_wrong"}).status_code == 401
    refused = client.post(path, json={}, headers=_headers(keys, "sales"))
    assert refused.status_code == (200 if path == "/forecast_volume" else 403)


def test_nothing_a_caller_sends_reaches_the_log(bento: Any, service: Any) -> None:
    client, keys, _ = bento
    phone = {"histories": [{"interactions": [{"occurred_at": CANARY, "channel": CANARY, CANARY: CANARY}]}]}
    for path in ("/score_churn", "/api/v1/score"):
        answer = client.post(path, json=phone, headers=_headers(keys))
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        assert CANARY not in answer.text
    client.get(f"/api/v1/customers/{CANARY}", headers=_headers(keys))
    client.get(f"/{CANARY}", headers={"authorization": f"Bearer {CANARY}"})
    client.get(f"/sign-in?token={CANARY}")
    time.sleep(0.3)
    logs = [file.read_text(encoding="utf-8") for file in service.workspace.logs.iterdir()]
    assert any("Rapport" in text or "rapport" in text for text in logs)
    assert not any(CANARY in text for text in logs)
    assert all(isinstance(json.loads(line), dict) for text in logs for line in text.splitlines())


def test_a_taken_port_is_refused_before_anything(bento: Any, service: Any) -> None:
    client, _, _ = bento
    with pytest.raises(PortInUseError, match=f"Port {client.base_url.port} "):
        serve(service.workspace, port=client.base_url.port)


def test_it_stops_whole_when_told_to_and_the_audit_log_has_the_last_answer(bento: Any, service: Any) -> None:
    client, keys, process = bento
    port = client.base_url.port
    last = client.get("/api/v1/churn?limit=1", headers={"authorization": f"Bearer {keys['admin']}"})
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=40) == 0
    check_port("127.0.0.1", port)
    with sqlite3.connect(service.workspace.folder / "state.db") as connection:
        wanted = "SELECT people FROM audit WHERE request_id = ?"
        rows = connection.execute(wanted, [last.headers["x-request-id"]]).fetchall()
    connection.close()
    assert rows == [(1,)]


def test_nothing_published_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(PublishedError, match="rapport publish"):
        serve(open_workspace(tmp_path / "empty", create=True), port=_free_port())


def test_a_version_that_cannot_be_read_is_said_at_once(own_workspace: Workspace) -> None:
    file = own_workspace.published / current_version(own_workspace.published) / "customers.arrow"
    file.chmod(0o600)
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.raises(PublishedError, match=r"can't be served: .*customers\.arrow"):
        serve(own_workspace, port=_free_port())


def test_a_worker_scores_without_loading_anything_heavy(service: Any) -> None:
    environment = {**os.environ, "RAPPORT_WORKSPACE": str(service.workspace.folder), "BENTOML_DO_NOT_TRACK": "True"}
    command = [sys.executable, "-W", "ignore", "-c", textwrap.dedent(_WORKER), str(service.workspace.folder)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["late"] == []
    # A request in BentoML's own time-out leaves a timer behind (serving/untimed.py); the gate has a deadline.
    assert {"Untimed", "Gate"} <= set(found["around"])
    assert "TimeoutMiddleware" not in found["around"]
