import fcntl
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from workspace.engine import connect, connect_spark
from workspace.settings import Engine, Limits

RAPPORT = Path(sys.executable).with_name("rapport")


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def rapport(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Run one `rapport` command in this process."""
    from cli.main import main

    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["rapport", *map(str, arguments)])
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        out, err = capsys.readouterr()
        return Outcome(code, out, err)

    return run


RunOrKill = Callable[..., tuple[bool, float]]


@pytest.fixture(scope="session")
def run_or_kill() -> RunOrKill:
    """Run a script that says "ready" before its work begins; kill -9 so many seconds after that, or let it end.

    Answers whether it ended by itself, and after how many seconds.
    """

    def run(*arguments: object, kill_after: float | None = None) -> tuple[bool, float]:
        process = subprocess.Popen([sys.executable, *map(str, arguments)], stdout=subprocess.PIPE, text=True)
        with process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            start = time.monotonic()
            try:
                code = process.wait(kill_after)
            except subprocess.TimeoutExpired:
                process.kill()
                code = process.wait()
        assert code in (0, -signal.SIGKILL)
        return code == 0, time.monotonic() - start

    return run


@pytest.fixture(scope="session")
def share() -> float:
    """How much of the torture is done: all of it by `make torture`, a tenth in CI."""
    return float(os.environ.get("TORTURE_SHARE", "1"))


@pytest.fixture(scope="session")
def demo_workspace(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """A small demo, computed once for all test processes. Tests that change it work on a copy."""
    root = tmp_path_factory.getbasetemp()
    return demo_in(root.parent if hasattr(request.config, "workerinput") else root)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Of many tests that two processes share, one would wait for the demo while the other makes it: begin at once."""
    if getattr(session.config, "workerinput", {}).get("workerid") != "gw0" or len(session.items) < 1000:
        return
    if any("demo_workspace" in getattr(item, "fixturenames", ()) for item in session.items):
        factory: pytest.TempPathFactory = session.config._tmp_path_factory  # type: ignore[attr-defined]
        threading.Thread(target=demo_in, args=(factory.getbasetemp().parent,), daemon=True).start()


def demo_in(root: Path) -> Path:
    """The demo in `root`, made by whichever process comes first."""
    folder = root / "demo-workspace"
    with (root / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "published" / "CURRENT").exists():
            command = [RAPPORT, "demo", "--no-serve", "--customers", "500", "--days", "500", "--workspace", folder]
            done = subprocess.run(
                command, check=False, capture_output=True, text=True, env={**os.environ, "HOME": str(root)}
            )
            assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(params=["duckdb", pytest.param("spark", marks=[pytest.mark.spark, pytest.mark.slow])])
def backend(request: pytest.FixtureRequest) -> Iterator[Any]:
    """An engine through Ibis: the same test runs on DuckDB and on Spark."""
    if request.param == "spark":
        yield request.getfixturevalue("spark")
        return
    backend = connect()
    yield backend
    backend.disconnect()


@pytest.fixture(scope="session")
def spark(spark_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One Spark session for all tests: a JVM takes seconds to start."""
    backend = connect_spark(spark_engine, Limits(memory="2GB"), str(tmp_path_factory.mktemp("spark")))
    yield backend
    backend.disconnect()


@pytest.fixture(scope="session")
def spark_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Where Spark runs: in a JVM beside the tests; with SPARK_CLUSTER=1 on a master and two workers of their own."""
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("pyspark is not installed: make spark")
    if shutil.which("java") is None:
        pytest.skip("there is no java on the PATH: Spark needs Java 17")
    folder = tmp_path_factory.mktemp("cluster")
    options = {"spark.sql.shuffle.partitions": "4", "spark.executor.memory": "1g", "spark.cores.max": "2"}
    options["spark.executor.extraJavaOptions"] = f"-XX:-UsePerfData -Djava.io.tmpdir={folder}"
    with ExitStack() as stack:
        clustered = os.environ.get("SPARK_CLUSTER") == "1"
        master = stack.enter_context(_cluster(folder)) if clustered else "local[2]"
        yield Engine(name="spark", master=master, options=options)


@contextmanager
def _cluster(folder: Path) -> Iterator[str]:
    """A standalone master and two workers on loopback, with all their files in `folder`; gone when it ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    master = f"spark://127.0.0.1:{port}"
    with ExitStack() as stack:
        stack.enter_context(_daemon(folder / "master", "master.Master", "--port", str(port)))
        _wait_for(port)
        for name in ("worker-1", "worker-2"):
            # Room for two sessions: that of the tests, and that of a command under test.
            limits = ("--cores", "2", "--memory", "2g", "--work-dir", str(folder / name / "work"))
            stack.enter_context(_daemon(folder / name, "worker.Worker", *limits, master))
        yield master


@contextmanager
def _daemon(folder: Path, kind: str, *arguments: str) -> Iterator[None]:
    """One of Spark's processes with whatever it starts; killed at the end, or with these tests, however they end."""
    home = Path(importlib.util.find_spec("pyspark").origin).parent  # type: ignore[union-attr, arg-type]
    folder.mkdir()
    options = f"-XX:-UsePerfData -Djava.io.tmpdir={folder}"
    surroundings = {"SPARK_HOME": home, "SPARK_LOCAL_DIRS": folder, "SPARK_DAEMON_JAVA_OPTS": options}
    command = [home / "bin" / "spark-class", f"org.apache.spark.deploy.{kind}", "--host", "127.0.0.1"]
    # The shell outlives what it starts only until its input ends, as it does however these tests end.
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            ["sh", "-c", '"$@" & cat; kill -9 0', "sh", *map(str, command), "--webui-port", "0", *arguments],
            env={**os.environ, **{name: str(value) for name, value in surroundings.items()}},
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    assert process.stdin is not None
    try:
        yield
    finally:
        process.stdin.close()
        process.wait()


def _wait_for(port: int, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < until, "the Spark master did not start"
            time.sleep(0.1)
        else:
            return
