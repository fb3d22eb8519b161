"""A PostgreSQL server for the tests of state, where one can run, with a new database for each test."""

import importlib.util
import secrets
from collections.abc import Iterator
from pathlib import Path

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
