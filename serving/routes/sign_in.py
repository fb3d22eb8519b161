"""Signing in to the dashboard with a link that works once, or with a key; and out again."""

from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from serving.dashboard.sign_in import sign_in_page
from serving.sessions import COOKIE, SECONDS


async def form(request: Request) -> Response:
    """The sign-in page; with `?token=` the sign-in itself."""
    token = request.query_params.get("token")
    if token is None:
        return sign_in_page(request)
    session = await run_in_threadpool(request.app.state.access.session_for_token, token)
    return _signed_in(request, session) if session else sign_in_page(request, "sign_in_used_link")


async def sign_in(request: Request) -> Response:
    """A session for the key in the form."""
    content = (await request.body()).decode("utf-8", errors="replace")
    try:
        key = parse_qs(content, max_num_fields=4).get("key", [""])[0].strip()
    except ValueError:
        key = ""
    session = await run_in_threadpool(request.app.state.access.session_for_key, key)
    return _signed_in(request, session) if session else sign_in_page(request, "sign_in_wrong_key")


async def sign_out(_request: Request) -> Response:
    """The browser forgets the session."""
    response = RedirectResponse("/sign-in", 303)
    response.delete_cookie(COOKIE, path="/")
    return response


def _signed_in(request: Request, session: str) -> Response:
    response = RedirectResponse("/", 303)
    secure = request.url.scheme == "https"
    response.set_cookie(COOKIE, session, max_age=SECONDS, path="/", secure=secure, httponly=True, samesite="lax")
    return response


def routes() -> list[Route]:
    """The three routes."""
    return [
        Route("/sign-in", form, methods=["GET"]),
        Route("/sign-in", sign_in, methods=["POST"]),
        Route("/sign-out", sign_out, methods=["POST"]),
    ]
