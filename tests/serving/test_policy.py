"""The policy: every route is declared, and only declared ones open."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from serving.access import Access
from serving.app import create_app
from serving.errors import PolicyError
from serving.holder import Holder
from serving.policy import POLICY, check_declared, rule_for
from serving.routes import operations
from workspace.folder import open_workspace


async def _anything(_request: Request) -> Response:
    return Response("secret")


def test_a_route_that_nobody_declared_makes_no_application(tmp_path_factory: pytest.TempPathFactory) -> None:
    workspace = open_workspace(tmp_path_factory.mktemp("company"))
    access = Access(workspace.folder)
    holder = Holder(workspace.folder)
    create_app(holder, access)
    with pytest.raises(PolicyError, match="GET /everything"):
        create_app(holder, access, extra_routes=[Route("/everything", _anything)])
    access.close()


@pytest.mark.parametrize(
    "route", [Mount("/api/v1", Starlette()), Route("/api/v1/segments", _anything, methods=["PUT"])]
)
def test_mounts_and_other_methods_are_no_way_around(route: Route) -> None:
    with pytest.raises(PolicyError):
        check_declared([route])


def test_only_health_and_the_sign_in_are_open() -> None:
    assert {rule.path for rule in POLICY if rule.door == "open"} == {"/livez", "/readyz", "/sign-in"}
    assert all(rule.roles for rule in POLICY if rule.door != "open")


def test_every_operation_has_its_own_rule_and_none_twice() -> None:
    named = [(rule.method, rule.path) for rule in POLICY]
    assert len(set(named)) == len(named)
    assert {(operation.method, operation.path) for operation in operations()} <= set(named)


@pytest.mark.parametrize(
    ("method", "path", "found"),
    [
        ("GET", "/api/v1/segments/3/customers", "/api/v1/segments/{segment_id}/customers"),
        ("HEAD", "/api/v1/churn", "/api/v1/churn"),
        ("GET", "/api/v1/customers/C-1", "/api/v1/customers/{customer_id}"),
    ],
)
def test_a_request_finds_its_rule(method: str, path: str, found: str) -> None:
    rule, _ = rule_for(method, path)
    assert rule is not None
    assert rule.path == found


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1",
        "/api/v1/segments/",
        "/docs.json",
        "/healthz",
        "//api/v1/churn",
        "/API/v1/churn",
        "/livez\n",
        "/segments/\x00",
    ],
)
def test_other_paths_have_none(path: str) -> None:
    assert rule_for("GET", path) == (None, frozenset())


def test_another_method_is_told_which_there_are() -> None:
    assert rule_for("DELETE", "/api/v1/score") == (None, frozenset(("POST",)))
