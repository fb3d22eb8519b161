"""The dashboard's routes: each a view and its template, answered beside the event loop."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from serving.audit import people_in
from serving.dashboard import assets, pages
from serving.dashboard.export_form import export_form
from serving.dashboard.languages import COOKIE, COOKIE_SECONDS, LANGUAGES, language_of
from serving.dashboard.pages import View
from serving.dashboard.texts import translator
from serving.dashboard.views.churn import churn
from serving.dashboard.views.customer import customer
from serving.dashboard.views.export import export
from serving.dashboard.views.forecast import forecast
from serving.dashboard.views.models import models
from serving.dashboard.views.overview import overview
from serving.dashboard.views.satisfaction import satisfaction
from serving.dashboard.views.segments import segment, segments
from serving.dashboard.views.statistics import statistics
from serving.dashboard.views.topics import topics
from serving.dashboard.visit import Visit
from serving.errors import NotFound
from workspace.errors import PublishedError, QueryError


def routes() -> list[Route]:
    """Every page, and the files they load. Who may open which is the policy's to say."""
    return [
        Route("/", _page("overview", overview), methods=["GET"]),
        Route("/segments", _page("segments", segments), methods=["GET"]),
        Route("/segments/{segment_id}", _page("segment", segment), methods=["GET"]),
        Route("/exports", export_form, methods=["POST"]),
        Route("/exports/{export_id}", _page("export", export), methods=["GET"]),
        Route("/churn", _page("churn", churn), methods=["GET"]),
        Route("/customers/{customer_id}", _page("customer", customer), methods=["GET"]),
        Route("/forecast", _page("forecast", forecast), methods=["GET"]),
        Route("/statistics", _page("statistics", statistics), methods=["GET"]),
        Route("/satisfaction", _page("satisfaction", satisfaction), methods=["GET"]),
        Route("/topics", _page("topics", topics), methods=["GET"]),
        Route("/models", _page("models", models), methods=["GET"]),
        Route("/static/{path:path}", assets.serve, methods=["GET"]),
    ]


def _page(template: str, view: View) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        language = language_of(request)
        response = await run_in_threadpool(_answer, request, template, view, language)
        if request.query_params.get("lang") in LANGUAGES:
            response.set_cookie(COOKIE, language, max_age=COOKIE_SECONDS, path="/", httponly=True, samesite="lax")
        return response

    return endpoint


def _answer(request: Request, template: str, view: View, language: str) -> HTMLResponse:
    visit = None
    try:
        visit = Visit(
            snapshot=request.app.state.holder.current(),
            caller=request.state.caller,
            language=language,
            state=request.app.state.access.state,
            query=dict(request.query_params),
            path=request.path_params,
        )
        data = view(visit)
        if request.state.personal == "people":
            request.state.people = people_in(data)
        return pages.respond(pages.render(template, request, language, visit, data))
    except NotFound:
        return _error(request, language, visit, 404)
    except QueryError as error:
        return _error(request, language, visit, 400, str(error))
    except PublishedError:
        return _error(request, language, visit, 503)


def _error(request: Request, language: str, visit: Visit | None, status: int, said: str | None = None) -> HTMLResponse:
    """A page that says why there is none. Query errors name what exists; they are English, as the interface's are."""
    text = translator(language)
    data = {"title": text(f"error_{status}"), "said": said or text(f"error_{status}_text")}
    return pages.respond(pages.render("error", request, language, visit, data), status)
