"""Signing in to the dashboard with a link that works once, or with a key; and out again."""

from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from serving.sessions import COOKIE, SECONDS

_FORM = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Rapport: sign in</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font-family: system-ui, sans-serif; max-width: 24rem; margin: 16vh auto; padding: 0 1rem; line-height: 1.5 }}
input, button {{ font: inherit; width: 100%; box-sizing: border-box; padding: .6rem; margin-top: .5rem }}
.said {{ color: #b3261e }}
</style></head>
<body><h1>Rapport</h1>
<p class="said" role="alert">{said}</p>
<form method="post" action="/sign-in">
<label for="key">Access key <span lang="zh">访问密钥</span></label>
<input id="key" name="key" type="password" autocomplete="current-password" required autofocus>
<button type="submit">Sign in <span lang="zh">登录</span></button>
</form>
<p><small>Keys are made with <code>rapport keys add NAME --role ROLE</code>.</small></p>
</body></html>"""

_WRONG_KEY = "This key is not valid. <span lang='zh'>密钥无效。</span>"
_USED_LINK = (
    "This link was used or is over: take a new one, or give a key. <span lang='zh'>链接已失效，请输入密钥。</span>"
)


async def form(request: Request) -> Response:
    """The sign-in page; with `?token=` the sign-in itself."""
    token = request.query_params.get("token")
    if token is None:
        return HTMLResponse(_FORM.format(said=""))
    session = await run_in_threadpool(request.app.state.access.session_for_token, token)
    return _signed_in(request, session) if session else HTMLResponse(_FORM.format(said=_USED_LINK), 401)


async def sign_in(request: Request) -> Response:
    """A session for the key in the form."""
    sent = parse_qs((await request.body()).decode("utf-8", errors="replace"), max_num_fields=4)
    key = sent.get("key", [""])[0].strip()
    session = await run_in_threadpool(request.app.state.access.session_for_key, key)
    return _signed_in(request, session) if session else HTMLResponse(_FORM.format(said=_WRONG_KEY), 401)


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
