"""Who may use which route: the one table of every door. A route that is not in it doesn't open."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from starlette.routing import BaseRoute, Mount, Route, compile_path

from serving.errors import PolicyError
from serving.roles import ROLES, Role

_CONTROL = re.compile("[\x00-\x1f\x7f]")
# `open` asks for no key; `api` refuses with 401 and problem+json; `method` is BentoML's, its refusals put into our
# words; `page` sends a browser to the sign-in page.
Door = Literal["open", "api", "method", "page"]
# Whose data a route shows or changes: the customer its path names, or a list's, of which the audit log keeps how many.
Personal = Literal["person", "people"]


@dataclass(frozen=True)
class Rule:
    """One door: method and path template, how it refuses, and the roles it opens to (none asked for when open).

    `personal` routes are entered in the audit log, see serving/audit.py.
    """

    method: str
    path: str
    door: Door
    roles: frozenset[Role] = frozenset()
    personal: Personal | None = None

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return compile_path(self.path)[0]

    def parameters_in(self, path: str) -> dict[str, str]:
        """The parameters that a request's path names, as they were written; none where it is another rule's path."""
        found = self.pattern.match(path)
        return found.groupdict() if found is not None else {}

    def customer_in(self, path: str) -> str | None:
        """The customer that a request's path names, as it was written; None on a route without one."""
        return self.parameters_in(path).get("customer_id")


ANY: frozenset[Role] = frozenset(ROLES)
_WITH_CUSTOMERS: frozenset[Role] = frozenset(("sales", "analyst", "admin"))
_OF_EVERYBODY: frozenset[Role] = frozenset(("marketing", "analyst", "admin"))
_SYSTEMS: frozenset[Role] = frozenset(("analyst", "admin"))
_CAMPAIGNS: frozenset[Role] = frozenset(("marketing", "sales", "admin"))
_ADMIN: frozenset[Role] = frozenset(("admin",))

POLICY: tuple[Rule, ...] = (
    # Health and the way in.
    Rule("GET", "/livez", "open"),
    Rule("GET", "/readyz", "open"),
    Rule("GET", "/sign-in", "open"),
    Rule("POST", "/sign-in", "open"),
    Rule("POST", "/sign-out", "page", ANY),
    # The interface for programs.
    Rule("GET", "/api/v1/segments", "api", ANY),
    Rule("GET", "/api/v1/segments/{segment_id}", "api", ANY),
    Rule("GET", "/api/v1/segments/{segment_id}/customers", "api", ANY, "people"),
    Rule("GET", "/api/v1/churn", "api", ANY, "people"),
    Rule("GET", "/api/v1/customers/{customer_id}", "api", _WITH_CUSTOMERS, "person"),
    Rule("GET", "/api/v1/customers/{customer_id}/what-if", "api", _WITH_CUSTOMERS, "person"),
    Rule("POST", "/api/v1/customers/{customer_id}/outcomes", "api", frozenset(("sales", "admin")), "person"),
    Rule("DELETE", "/api/v1/customers/{customer_id}", "api", _ADMIN, "person"),
    Rule("GET", "/api/v1/erasures/{erasure_id}", "api", _ADMIN),
    Rule("POST", "/api/v1/exports", "api", _CAMPAIGNS, "people"),
    Rule("GET", "/api/v1/exports/{export_id}", "api", _CAMPAIGNS, "people"),
    Rule("GET", "/api/v1/exports/{export_id}/lift", "api", _CAMPAIGNS),
    Rule("POST", "/api/v1/interactions", "api", _ADMIN, "people"),
    Rule("GET", "/api/v1/statistics", "api", ANY),
    Rule("GET", "/api/v1/statistics/{metric}", "api", ANY),
    Rule("GET", "/api/v1/bottlenecks", "api", ANY),
    Rule("GET", "/api/v1/forecast", "api", ANY),
    Rule("GET", "/api/v1/staffing", "api", ANY),
    Rule("GET", "/api/v1/topics", "api", _OF_EVERYBODY, "people"),
    Rule("POST", "/api/v1/sentiment", "api", ANY),
    Rule("GET", "/api/v1/satisfaction", "api", ANY),
    Rule("GET", "/api/v1/needs", "api", ANY),
    Rule("GET", "/api/v1/models", "api", ANY),
    Rule("POST", "/api/v1/score", "api", _SYSTEMS),
    Rule("GET", "/openapi.json", "api", ANY),
    Rule("GET", "/metrics", "api", _ADMIN),
    # The same functions for BentoML's clients, which read schema.json first.
    Rule("GET", "/schema.json", "api", ANY),
    Rule("POST", "/score_churn", "method", _SYSTEMS),
    Rule("POST", "/assign_segment", "method", _SYSTEMS),
    Rule("POST", "/forecast_volume", "method", ANY),
    # The dashboard.
    Rule("GET", "/", "page", ANY),
    Rule("GET", "/static/{path:path}", "page", ANY),
    Rule("GET", "/segments", "page", ANY),
    Rule("GET", "/segments/{segment_id}", "page", ANY, "people"),
    Rule("POST", "/exports", "page", _CAMPAIGNS, "people"),
    Rule("GET", "/exports/{export_id}", "page", _CAMPAIGNS),
    Rule("GET", "/churn", "page", ANY, "people"),
    Rule("GET", "/customers/{customer_id}", "page", _WITH_CUSTOMERS, "person"),
    Rule("GET", "/statistics", "page", ANY),
    Rule("GET", "/forecast", "page", ANY),
    Rule("GET", "/satisfaction", "page", ANY),
    Rule("GET", "/topics", "page", _OF_EVERYBODY, "people"),
    Rule("GET", "/models", "page", ANY),
)


def rule_for(method: str, path: str) -> tuple[Rule | None, frozenset[str]]:
    """The rule of a request, and the methods its path has; (None, empty) for a path that doesn't exist.

    A path with control characters doesn't: `$` and `.` of patterns stop at some of them, ours and those behind us.
    """
    if _CONTROL.search(path):
        return None, frozenset()
    asked = "GET" if method == "HEAD" else method
    matching = [rule for rule in _beginning(path) if rule.pattern.match(path)]
    for rule in matching:
        if rule.method == asked:
            return rule, frozenset((rule.method,))
    return None, frozenset(rule.method for rule in matching)


def _beginning(path: str) -> tuple[Rule, ...]:
    """The rules whose paths begin like this one, in their order: every request asks, and few can match."""
    return _BY_BEGINNING.get(path[:_BEGINNING], _SHORT)


_BEGINNING = len("/api/v1/cu")
# Those whose beginning is not all their own words may match anything.
_SHORT = tuple(rule for rule in POLICY if len(rule.path.partition("{")[0]) < _BEGINNING)
_BY_BEGINNING = {
    begun: tuple(one for one in POLICY if one in _SHORT or one.path[:_BEGINNING] == begun)
    for begun in {rule.path[:_BEGINNING] for rule in POLICY if rule not in _SHORT}
}


def check_declared(routes: Iterable[BaseRoute]) -> None:
    """Raise PolicyError for a route that the policy doesn't name, word for word, or whose path another rule hides."""
    declared = {(rule.method, rule.path) for rule in POLICY}
    for route in routes:
        if isinstance(route, Mount) or not isinstance(route, Route):
            raise PolicyError(f"{route!r} can't be checked against the policy: use plain routes.")
        for method in sorted((route.methods or set()) - {"HEAD"}):
            if (method, route.path) not in declared:
                raise PolicyError(f"{method} {route.path} is not in serving/policy.py: say who may use it.")
