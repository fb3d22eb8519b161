"""Errors as application/problem+json (RFC 9457), or as a small page for a browser; never with what was sent."""

import html
import json

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response

from serving.errors import NotFound, NotReady, NotSignedIn, NotValid, RequestError, TooMany
from serving.policy import Door
from serving.throttle import whole_seconds
from workspace.errors import PublishedError, QueryError, RapportError


def response_for(error: Exception, door: Door, request_id: str) -> Response:
    """The response that tells a caller about an error. An error of ours tells nothing but the request's id."""
    known = as_request_error(error)
    if door == "page":
        return _page(known, request_id)
    status = known.status if known is not None else 500
    body = {
        "type": f"urn:rapport:problem:{_kind(known)}",
        "title": known.title if known is not None else "Something went wrong here",
        "status": status,
        "detail": str(known) if known is not None else "The log has more under the request's id.",
        "request_id": request_id,
    }
    if isinstance(known, NotValid):
        body["problems"] = list(known.problems)
    headers = {**_retry(known), **({"WWW-Authenticate": "Bearer"} if status == 401 else {})}
    return Response(json.dumps(body), status, headers, "application/problem+json")


def as_request_error(error: Exception) -> RequestError | None:
    """What the caller can put right, or must wait for; None for what is our own fault."""
    if isinstance(error, RequestError):
        return error
    if isinstance(error, HTTPException):
        return _of_starlette(error)
    if isinstance(error, QueryError):
        return RequestError(str(error))
    if isinstance(error, PublishedError):
        return NotReady("Nothing is published yet, or it can't be read. Run `rapport publish`, then try again.")
    if isinstance(error, RapportError):
        return RequestError(str(error))
    return None


def _of_starlette(error: HTTPException) -> RequestError:
    if error.status_code == 404:
        return NotFound("There is nothing at this path.")
    refused = RequestError("This can't be answered as asked.")
    refused.status = error.status_code
    return refused


def _kind(error: RequestError | None) -> str:
    if error is None:
        return "server-error"
    name = type(error).__name__
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("-")


def _page(error: RequestError | None, request_id: str) -> Response:
    if isinstance(error, NotSignedIn):
        return RedirectResponse("/sign-in", 302)
    title = error.title if error is not None else "Something went wrong here"
    said = str(error) if error is not None else f"The log has more under {request_id}."
    text = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Rapport</title>'
        '<body style="font-family:system-ui;max-width:32rem;margin:15vh auto;padding:0 1rem">'
        f"<h1>{html.escape(title)}</h1><p>{html.escape(said)}</p>"
        '<p><a href="/">Back to the dashboard</a></p></body></html>'
    )
    return HTMLResponse(text, error.status if error is not None else 500, _retry(error))


def _retry(error: RequestError | None) -> dict[str, str]:
    return {"Retry-After": str(whole_seconds(error.seconds))} if isinstance(error, TooMany) else {}
