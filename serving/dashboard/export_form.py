"""The form that makes an export: a post that leads to the export's page."""

from __future__ import annotations

from urllib.parse import parse_qsl

from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from serving.errors import NotValid
from serving.exports import Asked, folder_of, make
from workspace.state import now


async def export_form(request: Request) -> Response:
    """Make what the form asks for. Posts from other sites don't pass the gate. Raises NotValid for another form."""
    asked = _asked(await request.body())
    export_id = await run_in_threadpool(_made, request, asked)
    return RedirectResponse(f"/exports/{export_id}", 303)


def _asked(body: bytes) -> Asked:
    try:
        fields = dict(parse_qsl(body.decode("utf-8"), strict_parsing=True, max_num_fields=8))
        return Asked.model_validate_strings(fields)
    except (ValueError, ValidationError):
        raise NotValid("The form is not as expected. Go back to the segment's page and send it again.") from None


def _made(request: Request, asked: Asked) -> str:
    access, holder = request.app.state.access, request.app.state.holder
    folder = folder_of(holder.workspace)
    made = make(holder.current(), request.state.caller, asked, access.state, access.secret, folder, now())
    return str(made["export_id"])
