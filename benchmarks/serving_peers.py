"""The service and what it is held beside, each a process on this machine alone, stopped at the end."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# What it takes a peer to be there, mlflow's imports on a busy machine included.
_PATIENCE = 120.0
# Seconds of CPU within half a second.
_IDLE_CPU = 0.05

_BARE = """
import json, sys
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route
import uvicorn

with open(sys.argv[1], encoding="utf-8") as file:
    ANSWERS = json.load(file)


async def customer(request: Request) -> JSONResponse:
    return JSONResponse(ANSWERS[request.path_params["customer_id"]])


async def ok(request: Request) -> PlainTextResponse:
    return PlainTextResponse("ok")


app = Starlette(routes=[Route("/api/v1/customers/{customer_id}", customer), Route("/ok", ok)])
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="warning", access_log=False)
"""
_BENTO = """
import bentoml


@bentoml.service
class Constant:
    @bentoml.api
    async def constant(self) -> str:
        return "constant"
"""
_MODEL = """
import sys
import lightgbm, mlflow, numpy, pandas

rows = numpy.random.default_rng(1).normal(size=(2_000, 20))
data = pandas.DataFrame(rows, columns=[f"x{place}" for place in range(20)])
model = lightgbm.train({"objective": "binary", "verbose": -1}, lightgbm.Dataset(data, rows[:, 0] > 0), 100)
signature = mlflow.models.infer_signature(data, model.predict(data))
mlflow.lightgbm.save_model(model, sys.argv[1], signature=signature, pip_requirements=["lightgbm"])
"""
# A row for the model above.
ONE_ROW = json.dumps(
    {
        "dataframe_split": {
            "columns": [f"x{place}" for place in range(20)],
            "data": [[0.1 * place for place in range(20)]],
        }
    }
).encode()


@dataclass(frozen=True)
class Served:
    """Where a process answers, and the seconds it took to."""

    port: int
    pid: int
    ready_seconds: float


@contextmanager
def bare(folder: Path, answers: Mapping[str, Any]) -> Iterator[Served]:
    """uvicorn and starlette alone: GET /api/v1/customers/ID serialises its answer, GET /ok says ok."""
    (folder / "bare.py").write_text(_BARE, encoding="utf-8")
    (folder / "answers.json").write_text(json.dumps(answers), encoding="utf-8")
    port = free_port()
    with _running([sys.executable, "bare.py", "answers.json", str(port)], folder, port, "/ok") as served:
        yield served


@contextmanager
def bento(folder: Path) -> Iterator[Served]:
    """BentoML as it comes: POST /constant."""
    (folder / "constant.py").write_text(_BENTO, encoding="utf-8")
    port = free_port()
    command = [sys.executable, "-m", "bentoml", "serve", "constant:Constant", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--working-dir", str(folder)]
    with _running(command, folder, port, "/readyz") as served:
        yield served


@contextmanager
def mlflow(folder: Path) -> Iterator[Served]:
    """`mlflow models serve` of a LightGBM model of 100 trees, 20 columns and a signature: POST /invocations."""
    made = [sys.executable, "-c", _MODEL, str(folder / "model")]
    subprocess.run(made, check=True, cwd=folder, env=_environment(folder), stdout=subprocess.DEVNULL)
    port = free_port()
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", str(folder / "model"), "--env-manager", "local"]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    with _running(command, folder, port, "/ping") as served:
        yield served


@contextmanager
def rapport(workspace: Path) -> Iterator[Served]:
    """`rapport serve` with one worker."""
    port = free_port()
    command = [sys.executable, "-c", "from cli.main import main; main()", "serve"]
    command += ["--workspace", str(workspace), "--port", str(port)]
    with _running(command, workspace, port, "/readyz") as served:
        yield served


def private_mb(pid: int) -> dict[str, float]:
    """MB that a process and those it started share with nobody, by their command lines."""
    return {_command(one): _private(one) for one in (pid, *_descendants(pid))}


def worker_mb(pid: int) -> float:
    """MB of the largest BentoML worker under a process."""
    return max((size for command, size in private_mb(pid).items() if "worker" in command), default=0.0)


def cpu_seconds(pid: int) -> float:
    """CPU that a process and those it started have taken: what a busy machine changes least."""
    ticks = 0
    for one in (pid, *_descendants(pid)):
        with contextlib.suppress(FileNotFoundError):
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def settle(pid: int) -> None:
    """Wait until what starts behind a service that answers already, such as the writer, has started; 30 s at most."""
    for _ in range(60):
        before = cpu_seconds(pid)
        time.sleep(0.5)
        if cpu_seconds(pid) - before < _IDLE_CPU:
            return


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def _running(command: Sequence[str], folder: Path, port: int, path: str) -> Iterator[Served]:
    begun = time.perf_counter()
    with (folder / f"output-{port}.txt").open("w") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=_environment(folder), stdout=output, stderr=output, start_new_session=True
        )
        try:
            _wait(process, port, path)
            yield Served(port, process.pid, time.perf_counter() - begun)
        finally:
            _stop(process)


def _environment(folder: Path) -> dict[str, str]:
    quiet = {"BENTOML_DO_NOT_TRACK": "True", "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "1"}
    ours = str(Path(__file__).parent.parent)
    # mlflow starts uvicorn by its name.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    homes = {"BENTOML_HOME": str(folder / "bento-home"), "PYTHONPATH": ours, "PATH": path}
    return {**os.environ, **quiet, **homes}


def _wait(process: subprocess.Popen[bytes], port: int, path: str) -> None:
    until = time.perf_counter() + _PATIENCE
    while time.perf_counter() < until:
        if process.poll() is not None:
            break
        if _answers(port, path):
            return
        time.sleep(0.02)
    raise RuntimeError(f"{process.args!r} does not answer on port {port}; its output-{port}.txt may say why")


def _answers(port: int, path: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            status: int = answer.status
            return status == 200
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=45)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _descendants(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += [int(child), *_descendants(int(child))]
    return found


def _command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def _private(pid: int) -> float:
    """What would be had back were the process gone; pages of mapped files stay with the system, and are shared."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    sizes = [int(line.split()[1]) for line in text.splitlines() if line.startswith(("Private_Dirty", "Swap:"))]
    return sum(sizes) * 1024 / 1e6
