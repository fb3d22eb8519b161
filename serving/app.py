"""The Starlette application: every route of ours behind the gate, checked against the policy when it is made."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator, Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from serving import dashboard
from serving.access import Access
from serving.audit import Audit
from serving.doors import Doors
from serving.gate import Gate
from serving.holder import Holder
from serving.metrics import Metrics
from serving.operations import LARGE_AT_ONCE
from serving.policy import check_declared
from serving.problems import response_for
from serving.routes import health, operations, sign_in
from serving.throttle import Throttle
from workspace.errors import RapportError

# Objects made, less those let go, until the collector looks; Python's own is 700.
_COLLECT_AFTER = 50_000


def create_app(
    holder: Holder,
    access: Access,
    metrics: Metrics | None = None,
    gated: bool = True,
    extra_routes: Sequence[Route] = (),
    audit: Audit | None = None,
    throttle: Throttle | None = None,
) -> Starlette:
    """The application over one workspace. `gated=False` where the same gate already stands around the whole service.

    Raises PolicyError for a route the policy doesn't name.
    """
    metrics = metrics or Metrics()
    audit = audit or Audit(access.state, access.secret, holder)
    routes: list[Route] = [
        *health.routes(),
        *sign_in.routes(),
        *(operation.route() for operation in operations()),
        *dashboard.routes(),
        *extra_routes,
    ]
    check_declared(routes)
    app = Starlette(
        routes=routes,
        middleware=[Middleware(Gate, access=access, metrics=metrics, audit=audit, throttle=throttle)] if gated else [],
        # Exception too: Starlette would answer in words of its own before a gate around it hears of the failure.
        exception_handlers={HTTPException: _refuse, RapportError: _refuse, Exception: _refuse},
        lifespan=_lifespan,
    )
    app.router.redirect_slashes = False
    app.state.doors = Doors(app)
    app.router.middleware_stack = app.state.doors
    app.state.holder = holder
    app.state.access = access
    app.state.metrics = metrics
    app.state.audit = audit
    app.state.large_bodies = asyncio.Semaphore(LARGE_AT_ONCE)
    return app


@contextlib.asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    app.state.holder.start()
    # What is loaded now stays: the collector need not look at it again (p99 from 90 ms to 16 ms, STACK.md).
    gc.collect()
    gc.freeze()
    # A batch of histories makes tens of thousands of objects, none in a cycle: each was looked at several times.
    gc.set_threshold(_COLLECT_AFTER, 20, 50)
    yield
    app.state.holder.stop()
    app.state.audit.stop()
    app.state.access.close()


async def _refuse(request: Request, error: Exception) -> Response:
    return response_for(error, request.state.door, request.state.request_id)
