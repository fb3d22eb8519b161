"""An operation of the interface: declared once with its parameters, body and answer, and turned into a route."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import to_json
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from serving.answers.forms import moment
from serving.answers.whole_lists import WholeList
from serving.audit import people_in
from serving.callers import Caller
from serving.csv_columns import csv_pieces
from serving.csv_lists import as_csv
from serving.errors import NotValid, RequestError, WrongMediaType
from serving.etags import etag_for, matches
from serving.parameters import Parameter, choice, read_parameters
from serving.remembered_answers import Again, Remembered
from serving.snapshot import Snapshot
from workspace.state import State

Answer = dict[str, Any] | Response
_MOST_LISTED, _MOST_TOLD = 2_000, 20
# Bytes of a body of which only LARGE_AT_ONCE are read and answered at a time: what is made of one takes several times
# that. Others wait as they came.
_LARGE_BODY, LARGE_AT_ONCE = 100_000, 8

# What pydantic calls a field that a model, or a dataclass, doesn't know.
_UNKNOWN = {"extra_forbidden", "unexpected_keyword_argument"}
_PAGED = {"limit", "cursor"}
FORMAT = choice("format", "csv for a list as text/csv; an Accept header does the same", ("json", "csv"))


@dataclass(frozen=True)
class Call:
    """What a handler answers from: one snapshot for the whole answer, the caller, the checked parameters and body."""

    snapshot: Snapshot
    caller: Caller
    values: Mapping[str, Any]
    body: Any
    state: State
    secret: bytes = field(repr=False)
    workspace: Path

    @property
    def values_without_format(self) -> dict[str, Any]:
        """The parameters that a list's answer depends on."""
        return {name: value for name, value in self.values.items() if name != FORMAT.name}


@dataclass(frozen=True)
class Operation:
    """One operation: `answer` is the shape of its JSON; `listed` names the list that is also given as CSV.

    `threaded` handlers run beside the event loop: those that query, score or write. `fresh` names the parameter that
    is a customer whose last events the answer waits for. A handler that gives a file gives the response itself, whose
    media types `files` names. `whole` gives all rows of a list, for CSV of which no page is asked for. `tagged`
    answers depend on the snapshot, the caller and the address alone: they have an ETag, and who sends it back has 304.
    """

    method: str
    path: str
    summary: str
    handler: Callable[[Call], Answer | Awaitable[Answer]]
    answer: Any
    parameters: tuple[Parameter, ...] = ()
    body: type[BaseModel] | None = None
    listed: str | None = None
    threaded: bool = False
    status: int = 200
    fresh: str | None = None
    files: tuple[str, ...] = ()
    whole: Callable[[Call], WholeList] | None = None
    tagged: bool = False

    @property
    def all_parameters(self) -> tuple[Parameter, ...]:
        """The parameters with `format`, where the answer is a list."""
        return (*self.parameters, FORMAT) if self.listed else self.parameters

    def route(self) -> Route:
        """The Starlette route that serves it."""
        return Route(self.path, self._endpoint, methods=[self.method])

    async def _endpoint(self, request: Request) -> Response:
        values = read_parameters(request, self.all_parameters)
        if self.body is None:
            return await self._answered(request, values, None)
        content = await read_content(request)
        async with request.app.state.large_bodies if len(content) > _LARGE_BODY else nullcontext():
            return await self._answered(request, values, read_body(content, self.body))

    async def _answered(self, request: Request, values: Mapping[str, Any], body: BaseModel | None) -> Response:
        access = request.app.state.access
        if self.fresh is not None:
            await request.app.state.holder.caught_up(access.state, str(values[self.fresh]))
        snapshot = request.app.state.holder.current()
        csv = self.listed is not None and _wants_csv(request, values)
        tag = self._tag(request, snapshot, csv)
        if tag is not None and matches(request.headers.get("if-none-match"), tag["ETag"]):
            return Response(status_code=304, headers={**_origin(snapshot, {}), **tag})
        known = snapshot.answers.find(tag["ETag"]) if tag is not None else None
        if known is not None:
            request.state.people = known.people
            return Again(known, self.status)
        folder = request.app.state.holder.workspace
        call = Call(snapshot, request.state.caller, values, body, access.state, access.secret, folder)
        if csv and self.whole is not None and not _PAGED & request.query_params.keys():
            return await self._streamed(request, call, tag)
        answer = await run_in_threadpool(self.handler, call) if self.threaded else self.handler(call)
        if inspect.isawaitable(answer):
            answer = await answer
        if isinstance(answer, Response):
            return answer
        people = people_in(answer) if request.state.personal == "people" else None
        request.state.people = people
        headers = {**_origin(snapshot, answer), **(tag or {})}
        if self.listed and csv:
            told = Response(as_csv(answer[self.listed]), self.status, headers, "text/csv; charset=utf-8")
        else:
            told = Response(as_json(answer), self.status, headers, "application/json")
        if tag is not None:
            snapshot.answers.keep(tag["ETag"], Remembered(bytes(told.body), told.raw_headers, people))
        return told

    async def _streamed(self, request: Request, call: Call, tag: Mapping[str, str] | None) -> Response:
        """Everybody in the list as CSV, sent as it is written."""
        assert self.whole is not None
        listed = await run_in_threadpool(self.whole, call)
        if request.state.personal == "people":
            request.state.people = len(listed.rows)
        headers = {**_origin(call.snapshot, listed.about), **(tag or {})}
        content = csv_pieces(listed.names, listed.pieces())
        return StreamingResponse(content, headers=headers, media_type="text/csv; charset=utf-8")

    def _tag(self, request: Request, snapshot: Snapshot, csv: bool) -> dict[str, str] | None:
        """The headers of an answer that its caller may keep; None for any other."""
        if not self.tagged:
            return None
        secret, caller = request.app.state.access.secret, request.state.caller
        form = "csv" if csv else "json"
        asked = request.scope["path"], request.scope["query_string"].decode("latin-1")
        tag = etag_for(secret, snapshot, caller, *asked, form)
        return {"ETag": tag, "Vary": "Authorization, Cookie, Accept"}


def as_json(answer: Mapping[str, Any]) -> bytes:
    """JSON as UTF-8; floats in the shortest form that reads back as the same number."""
    return to_json(answer)


async def read_content(request: Request) -> bytes:
    """The bytes of a body. Raises WrongMediaType where it isn't said to be JSON."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise WrongMediaType("Send the body as application/json.")
    return await request.body()


def read_body(content: bytes, model: type[BaseModel]) -> BaseModel:
    """A body as the model it must be.

    Raises RequestError for what isn't JSON, and NotValid naming each place, never a value nor an unknown field's name:
    either may be somebody's.
    """
    try:
        # Parsing in the loop: the body's limit keeps it short.
        return model.model_validate_json(content)
    except ValidationError as error:
        problems = _mistakes(error)
        if problems and problems[0]["type"] == "json_invalid":
            raise RequestError("The body is not valid JSON.") from None
        said = _summary(len(problems) or error.error_count())
        raise NotValid(said, tuple(_problem(item) for item in problems[:_MOST_TOLD])) from None


def _summary(count: int) -> str:
    places = f"{count} places of the body are" if count > 1 else "1 place of the body is"
    return f"{places} not as expected; each list was read as far as its first mistake."


def _mistakes(error: ValidationError) -> list[Any]:
    """The places; none where there are so many that to list them all, as pydantic does, takes seconds."""
    if error.error_count() > _MOST_LISTED:
        return []
    return list(error.errors(include_input=False, include_url=False, include_context=False))


def _problem(item: Any) -> dict[str, str]:
    unknown = item["type"] in _UNKNOWN
    place = item["loc"][:-1] if unknown else item["loc"]
    said = "has a field that is not known here" if unknown else item["msg"]
    return {"where": ".".join(str(part) for part in place) or "body", "problem": said}


def _wants_csv(request: Request, values: Mapping[str, Any]) -> bool:
    if values.get("format") is not None:
        return bool(values["format"] == "csv")
    return "text/csv" in request.headers.get("accept", "")


def _origin(snapshot: Snapshot, answer: Mapping[str, Any]) -> dict[str, str]:
    headers = {"X-Published-Version": snapshot.version, "X-Data-Cutoff": moment(snapshot.cutoff)}
    model = answer.get("model")
    if isinstance(model, str):
        headers["X-Model-Version"] = model
    if answer.get("next"):
        headers["X-Next-Cursor"] = answer["next"]
    return headers
