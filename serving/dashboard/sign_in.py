"""The sign-in page: it has no visitor yet, so it brings its style along instead of asking for a guarded file."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from typing import Literal

from starlette.requests import Request
from starlette.responses import HTMLResponse

from serving.dashboard import assets, pages
from serving.dashboard.languages import COOKIE, COOKIE_SECONDS, LANGUAGES, language_of
from serving.dashboard.texts import translator

Said = Literal["sign_in_wrong_key", "sign_in_used_link"]


def sign_in_page(request: Request, said: Said | None = None) -> HTMLResponse:
    """The form for a key in the browser's language, with what went wrong before (401)."""
    assets.begin()
    language = language_of(request)
    style, policy = _style()
    html = pages.template_named("sign_in").render(language=language, t=translator(language), said=said, css=style)
    headers = {"Content-Security-Policy": policy, "Vary": "Cookie, Accept-Language"}
    response = HTMLResponse(html, 401 if said else 200, headers)
    if request.query_params.get("lang") in LANGUAGES:
        response.set_cookie(COOKIE, language, max_age=COOKIE_SECONDS, path="/", httponly=True, samesite="lax")
    return response


@lru_cache(maxsize=1)
def _style() -> tuple[str, str]:
    """The stylesheet and a policy that allows just it."""
    css = assets.asset("style.css").content.decode()
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; form-action 'self'; base-uri 'none'"
    return css, f"{policy}; frame-ancestors 'none'"
