"""The BentoML service: our application mounted in it behind one gate, and three methods over the same functions.

Only BentoML imports this, in a server and its workers; the workspace comes in RAPPORT_WORKSPACE. The server only wants
to know what there is, so that what answers is imported and made when a worker starts: that is most of a second.
BentoML's own tracing, metrics and access log are off: they cost more than the answers (STACK.md), and ours name no one.
"""

from __future__ import annotations

import contextlib
import os
import traceback
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import bentoml
from bentoml._internal.server.http import traffic
from bentoml.exceptions import ServiceUnavailable
from pydantic import BaseModel, ConfigDict, Field
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.errors import TooMuch
from serving.histories import Histories
from serving.left_out import leave_empty, leave_out
from serving.logs import line_by_line, log_as_json
from serving.orphaned import has_server, watch_server
from serving.untimed import Untimed
from serving.writer_process import WriterProcess
from workspace.errors import WorkspaceError
from workspace.settings import load as load_settings

if TYPE_CHECKING:
    from serving.callers import Caller
    from serving.worker import Worker

# LightGBM takes them along wherever it finds them: 1 s of a start and 70 MB of every worker.
leave_out("sklearn", "pandas", "scipy.stats", "scipy.optimize")
# LightGBM asks of what it is given whether it is one of these; they bring 266 modules, 9 MB of every worker.
leave_empty("scipy.sparse", "spmatrix", "csr_matrix", "csc_matrix")
# BentoML takes it from there for every service that it builds, and has no setting that goes without.
traffic.TimeoutMiddleware = Untimed


class Reason(BaseModel):
    feature: str
    value: float | str | None
    effect: float
    text_en: str
    text_zh: str


class ChurnScore(BaseModel):
    """The risk of one history; nulls where no event precedes the cutoff, or too long ago."""

    customer_id: str
    scored: bool
    active: bool | None
    churn_30: float | None
    churn_60: float | None
    churn_90: float | None
    risk_band: str | None
    reasons: list[Reason]


class ChurnScores(BaseModel):
    version: str
    cutoff: str
    model: str | None
    horizon_days: list[int] | None
    event: str | None
    scores: list[ChurnScore]


class AssignedSegment(BaseModel):
    customer_id: str
    scored: bool
    segment_id: str | None
    segment_name_en: str | None
    segment_name_zh: str | None


class AssignedSegments(BaseModel):
    version: str
    cutoff: str
    model: str | None
    segments: list[AssignedSegment]


class ForecastAsked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    channel: Annotated[str, Field(max_length=50)] = "all"
    grain: Literal["15min", "30min", "hour", "day", "week"] = "day"


class Period(BaseModel):
    period_start: str
    mean: float
    lower_80: float | None
    upper_80: float | None
    lower_95: float | None
    upper_95: float | None


class VolumeForecast(BaseModel):
    version: str
    cutoff: str
    model: str | None
    channel: str
    coverage: dict[str, float | None]
    wape: float | None
    baseline_wape: float | None
    rows: list[Period]


def _folder() -> Path:
    given = os.environ.get("RAPPORT_WORKSPACE")
    if not given:
        raise WorkspaceError("RAPPORT_WORKSPACE must name the workspace to serve. Start with `rapport serve`.")
    return Path(given)


_WORKERS = int(os.environ.get("RAPPORT_WORKERS", "1"))
_settings = load_settings(_folder())
if not has_server():
    # `rapport serve` has opened the workspace before. Here what can't be opened ends the start, and says why: BentoML
    # would start a worker that can't again and again.
    from workspace.state import State

    State(_folder()).close()


@cache
def _worker() -> Worker:
    try:
        from serving.worker import Worker

        return Worker(_folder(), _settings, _WORKERS)
    except Exception:
        # Uvicorn says nothing of it; nobody has asked anything yet, so that nothing personal can be in it.
        traceback.print_exc()
        raise


@contextlib.asynccontextmanager
async def _lifespan(_mounted: Starlette) -> AsyncIterator[None]:
    app = _worker().app
    async with app.router.lifespan_context(app):
        yield


class _Mounted(Starlette):
    """The application, made when a worker starts: BentoML begins and ends with itself whatever is a Starlette, and asks
    it for its routes."""

    @property
    def routes(self) -> list[BaseRoute]:
        return _worker().app.routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await _worker().app(scope, receive, send)


def _gate(app: ASGIApp) -> ASGIApp:
    return _worker().gate(app)


@bentoml.asgi_app(_Mounted(lifespan=_lifespan), path="/")
@bentoml.service(
    name="rapport",
    workers=_WORKERS,
    tracing={"excluded_urls": [".*"]},
    metrics={"enabled": False},
    logging={"access": {"enabled": False}},
)
class Rapport:
    """Predictions for BentoML's clients; the gate has already asked for the key."""

    def __init__(self) -> None:
        # A worker is about to take requests: from here on nothing that a caller sends may reach the log.
        log_as_json()
        if has_server():
            watch_server()
        elif bentoml.server_context.worker_index == 1:
            # Nobody else looks after the journal. The writer ends with this worker; the next one starts its own.
            WriterProcess(_folder(), line_by_line())

    # BentoML's decorator carries no types.
    @bentoml.api  # type: ignore[untyped-decorator]
    async def score_churn(self, asked: Histories, /, ctx: bentoml.Context) -> ChurnScores:
        """Risks of churn over the horizons for each history, with reasons."""
        answer = await _scores(asked, ctx)
        return ChurnScores.model_validate({name: answer[name] for name in ChurnScores.model_fields})

    @bentoml.api  # type: ignore[untyped-decorator]
    async def assign_segment(self, asked: Histories, /, ctx: bentoml.Context) -> AssignedSegments:
        """The segment of each history."""
        answer = await _scores(asked, ctx)
        return AssignedSegments(
            version=answer["version"],
            cutoff=answer["cutoff"],
            model=answer["segments_model"],
            segments=[AssignedSegment.model_validate(row) for row in answer["scores"]],
        )

    @bentoml.api  # type: ignore[untyped-decorator]
    async def forecast_volume(self, asked: ForecastAsked, /, ctx: bentoml.Context) -> VolumeForecast:
        """Expected contacts per day of a channel, with intervals."""
        from serving.answers import forecast

        answer = forecast.forecast(_worker().holder.current(), _caller(ctx), asked.channel, asked.grain)
        return VolumeForecast.model_validate({name: answer[name] for name in VolumeForecast.model_fields})

    def __is_ready__(self) -> bool:
        """What /readyz asks."""
        return _worker().holder.ready


# A class for the reader, a bentoml.Service since the decorators.
_service: Any = Rapport
_service.add_asgi_middleware(_gate)


async def _scores(asked: Histories, ctx: Any) -> dict[str, Any]:
    from serving.answers import score

    try:
        return await score.scores(_worker().holder.current(), _caller(ctx), asked)
    except TooMuch as error:
        # BentoML would answer 500 to an exception it doesn't know.
        raise ServiceUnavailable(error.title) from error


def _caller(ctx: Any) -> Caller:
    caller: Caller = ctx.request.state.caller
    return caller
