"""Which pages a role reaches, by the one policy of all doors: what it doesn't reach is not linked."""

from __future__ import annotations

from serving.callers import Caller
from serving.policy import rule_for

PAGES = (
    ("overview", "/"),
    ("segments", "/segments"),
    ("churn", "/churn"),
    ("forecast", "/forecast"),
    ("statistics", "/statistics"),
    ("satisfaction", "/satisfaction"),
    ("topics", "/topics"),
    ("models", "/models"),
)


def reaches(caller: Caller, path: str, method: str = "GET") -> bool:
    """Whether the policy opens a path to the caller's role."""
    rule, _ = rule_for(method, path)
    return rule is not None and caller.role in rule.roles


def menu(caller: Caller) -> list[tuple[str, str]]:
    """Name and path of every page the caller reaches."""
    return [(name, path) for name, path in PAGES if reaches(caller, path)]


def sees_customers(caller: Caller) -> bool:
    """Whether a customer's own page opens to the caller's role."""
    return reaches(caller, "/customers/any")


def makes_exports(caller: Caller) -> bool:
    """Whether the caller's role may make lists for campaigns."""
    return reaches(caller, "/exports", "POST")
