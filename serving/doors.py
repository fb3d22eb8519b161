"""From the gate's rule straight to its route: a path that was matched is not held against every route again."""

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from serving.policy import Rule


class Doors:
    """The routes of an application by their rules, which the gate leaves in `state`; the rest goes the usual way.

    An error of a route reaches who calls: the gate, or the application's own handlers.
    """

    def __init__(self, app: Starlette) -> None:
        self._app = app
        self._otherwise = app.router.app
        routes = (route for route in app.routes if isinstance(route, Route))
        self._routes = {(method, route.path): route for route in routes for method in route.methods or ()}

    def leads(self, rule: Rule) -> bool:
        """Whether a rule is one of these routes'."""
        return (rule.method, rule.path) in self._routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        rule: Rule | None = scope.get("state", {}).get("rule") if scope["type"] == "http" else None
        route = self._routes.get((scope["method"], rule.path)) if rule is not None else None
        if rule is None or route is None:
            await self._otherwise(scope, receive, send)
            return
        scope["app"] = self._app
        scope["route"] = route
        scope["endpoint"] = route.endpoint
        # The paths of ours have texts in them only: what the pattern found is what Starlette would give.
        scope["path_params"] = rule.parameters_in(scope["path"])
        await route.app(scope, receive, send)
