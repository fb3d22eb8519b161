"""Behind the gate a request comes to the very route that Starlette's router would have found."""

import asyncio
from typing import Any
from urllib.parse import unquote

import pytest
from starlette.routing import Match, Route

from serving.access import Access
from serving.app import create_app
from serving.doors import Doors
from serving.holder import Holder
from serving.policy import POLICY, Rule, rule_for

NAMES = ("C000012", "a b", "中文", "%2e", "x.y~z", "..", "weekly'", "%")


@pytest.fixture(scope="module")
def app(service: Any) -> Any:
    access = Access(service.workspace.folder)
    yield create_app(Holder(service.workspace.folder), access)
    access.close()


def _scope(method: str, path: str, rule: Rule | None) -> dict[str, Any]:
    return {"type": "http", "method": method, "path": path, "root_path": "", "headers": [], "state": {"rule": rule}}


def _by_starlette(app: Any, scope: dict[str, Any]) -> tuple[Route | None, dict[str, Any]]:
    for route in app.routes:
        match, found = route.matches(scope)
        if match is Match.FULL:
            return route, found["path_params"]
    return None, {}


@pytest.mark.parametrize("rule", POLICY, ids=lambda rule: f"{rule.method} {rule.path}")
def test_every_rule_leads_where_the_router_does(app: Any, rule: Rule, monkeypatch: pytest.MonkeyPatch) -> None:
    reached: list[tuple[Route, dict[str, Any]]] = []

    async def arrive(_self: Route, scope: Any, _receive: Any, _send: Any) -> None:
        reached.append((scope["route"], scope["path_params"]))

    doors: Doors = app.state.doors
    for name in NAMES:
        for method in (rule.method, "HEAD") if rule.method == "GET" else (rule.method,):
            path = "/".join(unquote(name) if part.startswith("{") else part for part in rule.path.split("/"))
            found, _ = rule_for(method, path)
            scope = _scope(method, path, found)
            route, parameters = _by_starlette(app, dict(scope))
            assert (found is not None and doors.leads(found)) == (route is not None)
            if route is None:
                continue
            with monkeypatch.context() as patched:
                patched.setattr(route, "app", arrive.__get__(route))
                asyncio.run(doors(scope, None, None))  # type: ignore[arg-type]
            assert reached.pop() == (route, parameters)
            assert scope["app"] is app


def test_what_no_rule_names_goes_the_usual_way(app: Any) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {**_scope("GET", "/nothing/here", None), "app": app}
    with pytest.raises(Exception, match="404"):
        asyncio.run(app.state.doors(scope, None, send))
    assert not sent


def test_only_routes_of_ours_are_led_to(app: Any) -> None:
    theirs = {"/schema.json", "/score_churn", "/assign_segment", "/forecast_volume"}
    assert {rule.path for rule in POLICY if not app.state.doors.leads(rule)} == theirs
