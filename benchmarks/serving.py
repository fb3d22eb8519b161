"""The service beside a bare route, BentoML as it comes and mlflow's server: `make bench-serving`.

Makes a workspace of a million customers (unless told otherwise), 400 of them with a whole history, with real models and
the real publish, serves it by `rapport serve` with one worker, audit and metrics on, and sends it requests over
connections that are kept (benchmarks/serving_load.py), all on this machine, in one run beside the peers:

- GET customers/{id} of customers with a whole history, as fast as it answers and at 300 a second;
- POST score with histories of the last 20 contacts of such customers, in hundreds and one by one from 64 connections:
  texts that were read before, as most are that a system sends again, and others whose every text is new;
- a segment of 100,000 customers as CSV, beside pyarrow.csv writing the same columns;
- four times the customers and histories it can answer, until when it answers as before, and what memory that left;
- the seconds until it is ready, and memory that its worker shares with nobody.

Prints a table and writes benchmarks/results/serving.json, a list of {name, value, unit, peer, ratio}; the peer is the
other server, or what was promised. Ends with 1 where a promise isn't kept.
"""

from __future__ import annotations

import argparse
import http.client
import json
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import serving_peers as peers
from benchmarks.own_process import in_own_process, measured
from benchmarks.results_table import Row, compared, show, write
from benchmarks.serving_histories import histories, with_new_texts
from benchmarks.serving_lists import list_rows
from benchmarks.serving_load import Load, as_fast_as_answered, at_rate, request
from benchmarks.serving_overload import overload_rows
from benchmarks.serving_rows import at_least, promised
from serving.access import add_key
from serving.snapshot import Snapshot, load
from workspace.folder import Workspace, open_workspace

_ASKED = 200
_CONNECTIONS = 16


@dataclass(frozen=True)
class Company:
    """What is served, a key to it, and how long each load takes."""

    workspace: Workspace
    snapshot: Snapshot
    key: str
    seconds: float
    folder: Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write; 1 where a promise isn't kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each load")
    parser.add_argument("--folder", type=Path, help="where to make and keep the workspace; one that is there is taken")
    parser.add_argument("--only-make", action="store_true", help="make the workspace, here: how main calls itself")
    options = parser.parse_args(arguments)
    if options.only_make:
        sys.stdout.write(json.dumps(measured(lambda: _made(options.folder, options.customers))))
        return 0
    with tempfile.TemporaryDirectory(prefix="serving-") as temporary:
        workspace = _workspace(options.folder or Path(temporary) / "company", options.customers)
        key = add_key(workspace, f"benchmark {time.time_ns()}", "admin")
        company = Company(workspace, load(workspace.folder), key, options.seconds, Path(temporary))
        rows = _measured(company)
    show(rows, f"The service, {options.customers:,} customers, one worker", digits=2)
    write("serving", [{name: value for name, value in row.items() if name != "kept"} for row in rows])
    broken = [row["name"] for row in rows if not row.get("kept", True)]
    if broken:
        sys.stderr.write(f"Not as promised: {'; '.join(broken)}\n")
    return 1 if broken else 0


def _workspace(folder: Path, customers: int) -> Workspace:
    if not (folder / "published" / "CURRENT").exists():
        in_own_process("benchmarks.serving", ["--only-make", "--folder", str(folder), "--customers", str(customers)])
    return open_workspace(folder)


def _made(folder: Path, customers: int) -> int:
    from benchmarks.serving_company import make

    make(folder, customers)
    return customers


def _measured(company: Company) -> list[Row]:
    """Every row; what asks for most comes last."""
    rows: list[Row] = []
    with peers.rapport(company.workspace.folder) as served:
        rows += [
            promised("ready", served.ready_seconds, "s", 5.0),
            promised("private memory of the worker at the start", peers.worker_mb(served.pid), "MB", 300.0),
        ]
        peers.settle(served.pid)
        answers = _answers(served.port, company)
        rows += _customers(served, company, answers)
        rows += _scores(served.port, company)
        rows += list_rows(served.port, company.key, company.snapshot)
        rows.append(promised("private memory of the worker after all this", peers.worker_mb(served.pid), "MB", 300.0))
        told = [_posted(company.key, [one]) for one in histories(company.snapshot)]
        rows += overload_rows(served, "customers", _whole(answers, company.key), 25.0, company.seconds)
        rows += overload_rows(served, "histories", told, 150.0, company.seconds)
    return rows


def _answers(port: int, company: Company) -> dict[str, Any]:
    """What the service says of customers with a whole history, by their keys."""
    whole = _with_histories(company)[:_ASKED]
    return {one: json.loads(_got(port, f"/api/v1/customers/{one}", company.key)) for one in whole}


def _got(port: int, path: str, key: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {key}"})
        return connection.getresponse().read()
    finally:
        connection.close()


def _whole(answers: Mapping[str, Any], key: str = "") -> list[bytes]:
    return [request("GET", f"/api/v1/customers/{one}", key) for one in answers]


def _customers(served: peers.Served, company: Company, answers: Mapping[str, Any]) -> list[Row]:
    """GET customers/{id} beside the three peers, then at a rate."""
    asked = _whole(answers, company.key)
    ours, ours_cpu = _measured_cpu(served, asked, company.seconds)
    once, once_cpu = _once(served, company)
    with peers.bare(company.folder, answers) as peer:
        bare, bare_cpu = _measured_cpu(peer, _whole(answers), company.seconds)
        ceiling = _fast(peer.port, [request("GET", "/ok")], company.seconds / 2)
    with peers.bento(company.folder) as peer:
        constant = [request("POST", "/constant", body=b"{}")]
        bento, bento_cpu = _measured_cpu(peer, constant, company.seconds)
    with peers.mlflow(company.folder) as peer:
        one_row = [request("POST", "/invocations", body=peers.ONE_ROW)]
        mlflow, mlflow_cpu = _measured_cpu(peer, one_row, company.seconds)
    even = at_rate(served.port, asked, 300.0, 64, company.seconds)
    _all_answered(even)
    size = sum(len(json.dumps(one, ensure_ascii=False).encode()) for one in answers.values()) / len(answers) / 1000
    return [
        at_least(f"GET customers/{{id}}, {size:.1f} kB; a bare route", ours.rate, "requests/s", bare.rate, 0.4),
        at_least("... and BentoML returning a constant", ours.rate, "requests/s", bento.rate, 3.0),
        at_least("... and mlflow models serve, one row", ours.rate, "requests/s", mlflow.rate, 20.0),
        compared("... each customer for the first time; a bare route", once.rate, "requests/s", bare.rate),
        compared("... CPU of a request; a bare route", ours_cpu, "ms", bare_cpu),
        compared("... CPU, for the first time; BentoML", once_cpu, "ms", bento_cpu),
        compared("... CPU; mlflow", ours_cpu, "ms", mlflow_cpu),
        compared("what the load generator gets of a route that says ok", ceiling.rate, "requests/s", None),
        compared("what it needs of a core for customers", ours.cpu / ours.seconds, "cores", None),
        promised("GET customers/{id} at 300 requests/s, p99", even.quantile(0.99), "ms", 25.0),
        compared("... median", even.quantile(0.5), "ms", None),
    ]


def _scores(port: int, company: Company) -> list[Row]:
    """POST score in hundreds and one by one."""
    told = histories(company.snapshot)
    hundreds = [_posted(company.key, [told[(first + place) % len(told)] for place in range(100)]) for first in range(8)]
    # Texts are read once, and remembered: before the clock starts, as by a service that has run for longer.
    as_fast_as_answered(port, [_posted(company.key, part) for part in _parts(told, 50)], 1, 0.0, len(told) // 50 + 1)
    known = _fast(port, hundreds, company.seconds, 4)
    singles = _fast(port, [_posted(company.key, [one]) for one in told], company.seconds, 64)
    # Last: only so many texts are remembered, and these take the place of the others.
    unseen = [_posted(company.key, with_new_texts(told, turn)) for turn in range(60)]
    new = as_fast_as_answered(port, unseen, 4, company.seconds / 2)
    _all_answered(new)
    unread = [_posted(company.key, [one]) for turn in range(60, 80) for one in with_new_texts(told, turn)]
    new_singles = as_fast_as_answered(port, unread, 64, company.seconds / 2)
    _all_answered(new_singles)
    return [
        at_least(
            "POST score, hundreds of histories of 20 contacts, texts read before",
            100 * known.rate,
            "histories/s",
            1000.0,
            1.0,
        ),
        compared("... every text new", 100 * new.rate, "histories/s", None),
        promised("POST score, one history, 64 at once, texts read before, p99", singles.quantile(0.99), "ms", 150.0),
        compared("... median", singles.quantile(0.5), "ms", None),
        compared("... answered", singles.rate, "histories/s", None),
        compared("... every text new, p99", new_singles.quantile(0.99), "ms", None),
    ]


def _parts(told: Sequence[Any], size: int) -> list[Sequence[Any]]:
    return [told[begin : begin + size] for begin in range(0, len(told), size)]


def _posted(key: str, told: Sequence[Mapping[str, Any]]) -> bytes:
    body = json.dumps({"histories": told}, ensure_ascii=False).encode()
    return request("POST", "/api/v1/score", key, body)


def _measured_cpu(served: peers.Served, requests: Sequence[bytes], seconds: float) -> tuple[Load, float]:
    """The load, and the milliseconds of CPU of each request."""
    as_fast_as_answered(served.port, requests, _CONNECTIONS, min(1.0, seconds / 5))
    before = peers.cpu_seconds(served.pid)
    found = as_fast_as_answered(served.port, requests, _CONNECTIONS, seconds)
    spent = peers.cpu_seconds(served.pid) - before
    _all_answered(found)
    return found, 1000 * spent / len(found.latencies)


def _once(served: peers.Served, company: Company) -> tuple[Load, float]:
    """The same with customers of whole histories that nobody asked for yet."""
    others = _with_histories(company)[_ASKED:]
    before = peers.cpu_seconds(served.pid)
    found = as_fast_as_answered(served.port, _whole(dict.fromkeys(others), company.key), _CONNECTIONS, 0.0, len(others))
    spent = peers.cpu_seconds(served.pid) - before
    _all_answered(found)
    return found, 1000 * spent / len(found.latencies)


def _with_histories(company: Company) -> list[str]:
    """The customers that are no copies: those have a number before their key, a dash between."""
    ids = company.snapshot.tables["customer_scores"]["customer_id"].to_pylist()
    return [one for one in ids if "-" not in one]


def _fast(port: int, requests: Sequence[bytes], seconds: float, connections: int = _CONNECTIONS) -> Load:
    """After a moment to warm up."""
    as_fast_as_answered(port, requests, connections, min(1.0, seconds / 5))
    found = as_fast_as_answered(port, requests, connections, seconds)
    _all_answered(found)
    return found


def _all_answered(found: Load) -> None:
    if set(found.statuses) != {200}:
        raise RuntimeError(f"not every request was answered with 200: {dict(found.statuses)}")


if __name__ == "__main__":
    sys.exit(main())
