"""Alive, ready, counted and described: what those ask who run the service or write programs for it."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from serving.errors import NotReady
from serving.openapi import document
from serving.operations import as_json


async def livez(_request: Request) -> Response:
    """200 as long as the process answers."""
    return PlainTextResponse("alive\n")


async def readyz(request: Request) -> Response:
    """200 once there is a published version to answer from, 503 before."""
    if not request.app.state.holder.ready:
        raise NotReady("No published version is loaded. Run `rapport publish`, then try again.")
    return PlainTextResponse("ready\n")


async def metrics(request: Request) -> Response:
    """The counters for Prometheus."""
    text, media_type = request.app.state.metrics.text()
    return Response(text, media_type=media_type)


async def openapi(_request: Request) -> Response:
    """The description of the interface, OpenAPI 3.1."""
    return Response(as_json(document()), media_type="application/json")


def routes() -> list[Route]:
    """The four routes."""
    handlers = {"/livez": livez, "/readyz": readyz, "/metrics": metrics, "/openapi.json": openapi}
    return [Route(path, handler, methods=["GET"]) for path, handler in handlers.items()]
