"""A PostgreSQL server for the tests of state, and an S3 server for those of the lake's store, where these can run."""

import importlib.util
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from workspace.state import State

SERVERS = Path(__file__).parents[1] / "interactions" / "sources" / "conftest.py"
VARIABLE = "RAPPORT_TEST_STATE"


@pytest.fixture(scope="session")
def state_server() -> Iterator[str]:
    spec = importlib.util.spec_from_file_location("database_servers", SERVERS)
    assert spec is not None
    assert spec.loader is not None
    servers = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(servers)
    with servers.postgresql() as url:
        yield url


@pytest.fixture
def address(state_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty database, as a company writes it, in the environment."""
    name = f"state_{secrets.token_hex(4)}"
    engine = sa.create_engine(state_server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    written = sa.make_url(state_server).set(drivername="postgresql", database=name)
    monkeypatch.setenv(VARIABLE, written.render_as_string(hide_password=False))
    return written.render_as_string(hide_password=False)


@pytest.fixture
def elsewhere(address: str, tmp_path: Path) -> Path:
    """A workspace folder whose state lies in that database."""
    (tmp_path / "rapport.toml").write_text(f'[state]\nurl_env = "{VARIABLE}"\n')
    return tmp_path


@pytest.fixture
def state(elsewhere: Path) -> Iterator[State]:
    opened = State(elsewhere)
    yield opened
    opened.close()


@dataclass(frozen=True)
class Bucket:
    """A bucket of an S3 server on this machine: its address, and the environment and options that lead there."""

    url: str
    environment: dict[str, str]


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def _served(command: list[str], port: int) -> Iterator[str]:
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert server.poll() is None
                assert time.monotonic() < until
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def _program(name: str) -> str:
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.is_file() else shutil.which(name)
    if found is None:
        pytest.skip(f"there is no {name} here")
    return found


def _bucket(endpoint: str, name: str) -> Bucket:
    environment = {
        "AWS_ACCESS_KEY_ID": "KEY",
        "AWS_SECRET_ACCESS_KEY": "SECRET",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ALLOW_HTTP": "true",
    }
    return Bucket(f"s3://{name}", environment)


@pytest.fixture(scope="session")
def rclone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A real S3 server, and its one bucket. It checks who asks, and ignores If-None-Match."""
    folder, port = tmp_path_factory.mktemp("rclone") / "bucket", _free_port()
    folder.mkdir()
    empty = folder.parent.with_name("rclone.conf")
    empty.touch()
    command = [_program("rclone"), "serve", "s3", str(folder.parent), "--config", str(empty)]
    with _served([*command, "--addr", f"127.0.0.1:{port}", "--auth-key", "KEY,SECRET"], port) as endpoint:
        yield endpoint, folder


@pytest.fixture
def bucket(rclone: tuple[str, Path], monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """An empty place in a store that only a single writer may use."""
    endpoint, folder = rclone
    made = _bucket(endpoint, f"{folder.name}/{secrets.token_hex(4)}")
    for variable, value in made.environment.items():
        monkeypatch.setenv(variable, value)
    return made


@pytest.fixture
def conditional_bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """An empty bucket of a server that honours If-None-Match; moto is none of ours, and used where it is there."""
    port = _free_port()
    with _served([_program("moto_server"), "-H", "127.0.0.1", "-p", str(port)], port) as endpoint:
        made = _bucket(endpoint, "shared/acme")
        httpx.put(f"{endpoint}/shared").raise_for_status()
        for variable, value in made.environment.items():
            monkeypatch.setenv(variable, value)
        yield made
