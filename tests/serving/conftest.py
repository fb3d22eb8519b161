"""A small simulated company, trained, scored and published once for all tests of serving; and a service over it."""

import fcntl
import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pyarrow as pa
import pytest
import uvicorn
from starlette.applications import Starlette

from features.windows import Window
from interactions.cleaning.text import signals
from interactions.demo.company import simulate
from serving.access import Access, add_key
from serving.app import create_app
from serving.callers import Caller
from serving.holder import Holder
from serving.pseudonyms import Pseudonyms
from serving.publish import publish
from serving.snapshot import Snapshot, load
from training.bundle import store
from training.churn import train_churn
from training.cutoffs import default_cutoff
from training.observed import observed_workspace
from training.promotion import settle
from training.score import score
from training.segmentation import train_segments
from training.value import train_value
from training.value_orders import ordered_workspace
from workspace.folder import Workspace, open_workspace
from workspace.lake import Lake
from workspace.secret import secret
from workspace.tables import TABLES

ROLES = ("marketing", "sales", "analyst", "admin")


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The published workspace. Tests read it; one that changes files takes `own_workspace`."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "serving-company"
    with folder.with_suffix(".lock").open("w") as lock:
        # The processes of pytest-xdist share one: whoever comes first builds it.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "built").exists():
            shutil.rmtree(folder, ignore_errors=True)
            _build(open_workspace(folder, create=True))
            (folder / "built").touch()
    return open_workspace(folder)


def _build(workspace: Workspace) -> None:
    company = simulate(customers=400, days=500, seed=11)
    write_clean(workspace.lake, company.tables)
    secret(workspace.folder)
    _train(workspace)
    cutoff = score(workspace)
    workspace.lake.overwrite("volume_forecast", _forecast(workspace, cutoff))
    publish(workspace)


def _train(workspace: Workspace) -> None:
    """Real segments, churn and value models, without their pages in MLflow; a forecast as plain as can be."""
    cutoff = default_cutoff(workspace)
    window = Window.from_settings(workspace.settings, cutoff)
    with observed_workspace(workspace, window) as observed:
        segments = train_segments(observed.features_at(cutoff), None)
        churn = train_churn(observed, workspace.settings.windows.horizon_days)
        value = train_value(observed, ordered_workspace(workspace, window), workspace.settings.windows.horizon_days)
    bundles = {
        "segments": store.write(workspace.bundles, "segments", segments.manifest, segments.files),
        "churn": store.write(workspace.bundles, "churn", churn.manifest, churn.files),
        "value": store.write(workspace.bundles, "value", value.manifest, value.files),
    }
    for kind, bundle in bundles.items():
        settle(workspace, kind, bundle, "1", None)


def _forecast(workspace: Workspace, cutoff: datetime) -> pa.Table:
    """28 days of 10 contacts by phone and 25 in all, with a bundle that says how good that was."""
    figures = {"wape": 0.3, "coverage": {"80": 0.8, "95": 0.95}, "baselines": {"seasonal_naive": {"wape": 0.4}}}
    metrics = {**figures, "channels": {"phone": figures}}
    bundle = store.write(workspace.bundles, "volume", {"metrics": metrics, "data": "none"}, {})
    rows = [
        {
            "period_start": cutoff + timedelta(days=day),
            "channel": channel,
            "period_minutes": 1440,
            "mean": mean,
            "lower_80": mean - 2,
            "upper_80": mean + 2,
            "lower_95": None,
            "upper_95": None,
            "volume_version": bundle,
            "coverage_80": 0.8,
            "coverage_95": None,
        }
        for channel, mean in (("all", 25.0), ("phone", 10.0))
        for day in range(28)
    ]
    return pa.Table.from_pylist(rows, TABLES["volume_forecast"].schema)


def write_clean(lake: Lake, tables: dict[str, pa.Table]) -> None:
    """The clean tables of a simulated company as cleaning would leave them, one customer who must not be profiled."""
    customers = tables["customers"]
    refused = pa.array([number == 7 for number in range(len(customers))])
    at = customers.schema.get_field_index("do_not_profile")
    lake.append("customers", customers.set_column(at, "do_not_profile", refused))
    for name in ("interactions", "orders", "surveys"):
        lake.append(name, tables[name])
    lake.append("message_signals", _signals(tables["interactions"]))


def _signals(interactions: pa.Table) -> pa.Table:
    names = ["interaction_id", "content", "source", "source_row", "collected_at", "known_at", "is_revision"]
    rows = [row for row in interactions.select(names).to_pylist() if row["content"] is not None]
    said = signals([row.pop("content") for row in rows])
    columns = ("language", "sentiment", "words", "questions", "masked")
    found = [{**row, **{name: getattr(says, name) for name in columns}} for row, says in zip(rows, said, strict=True)]
    return pa.Table.from_pylist(found, TABLES["message_signals"].schema)


@pytest.fixture
def own_workspace(workspace: Workspace, tmp_path: Path) -> Workspace:
    """A copy of the published workspace that a test may change."""
    return _copied(workspace, tmp_path / "company")


def _copied(workspace: Workspace, folder: Path) -> Workspace:
    # Closed, state.db is whole; its two companions come and go as the other process of pytest-xdist opens it.
    shutil.copytree(workspace.folder, folder, ignore=shutil.ignore_patterns("state.db-*"))
    return open_workspace(folder)


@pytest.fixture(scope="session")
def snapshot(workspace: Workspace) -> Snapshot:
    return load(workspace.folder)


@pytest.fixture(scope="session")
def owner(snapshot: Snapshot) -> str:
    """A rep who has customers with scores."""
    listing = snapshot.listing
    counted = listing.owners.drop_null().value_counts().to_pylist()
    return str(max(counted, key=lambda row: row["counts"])["values"])


@pytest.fixture(scope="session")
def callers(workspace: Workspace, owner: str) -> dict[str, Caller]:
    """One caller a role."""
    pseudonyms = Pseudonyms(secret(workspace.folder))
    return {role: Caller(f"a {role}", role, owner if role == "sales" else None, pseudonyms) for role in ROLES}


@dataclass(frozen=True)
class Service:
    """The application behind a real server: where, over which workspace, and a key for each role."""

    url: str
    workspace: Workspace
    keys: dict[str, str]


@pytest.fixture(scope="session")
def service(workspace: Workspace, owner: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The application over a copy of the workspace, served by uvicorn on a port of its own."""
    folder = tmp_path_factory.mktemp("served") / "company"
    own = _copied(workspace, folder)
    keys = {role: add_key(own, role, role, owner if role == "sales" else None) for role in ROLES}
    with running(create_app(Holder(folder), Access(folder))) as url:
        yield Service(url, own, keys)


@contextmanager
def running(app: Starlette) -> Iterator[str]:
    """The address of a server for an application, which ends with the block."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(timeout=20)


@pytest.fixture
def served(service: Service) -> Iterator[tuple[httpx.Client, dict[str, str]]]:
    """A client of the service with no cookies yet, and the keys."""
    with httpx.Client(base_url=service.url, timeout=30, trust_env=False) as client:
        yield client, service.keys
