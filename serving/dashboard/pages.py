"""A view's data in its template, as one HTML page that needs nothing from anywhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse

from serving.dashboard import assets, permissions
from serving.dashboard.definitions import definition
from serving.dashboard.features_named import feature_name
from serving.dashboard.texts import TEXTS, data_word, measure_name, translator
from serving.dashboard.visit import Visit

# Nothing runs on a page but our own three scripts, and nothing leaves it for another host.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def template_named(name: str) -> jinja2.Template:
    """A template by name, without its ending."""
    return _environment().get_template(f"{name}.html")


def render(template: str, request: Request, language: str, visit: Visit | None, data: Mapping[str, Any]) -> str:
    """The page as HTML. Every value is escaped where it is written; `data` fills the template's own names."""
    context: dict[str, Any] = {**_frame(request, language), **_of_visit(visit), **data}
    if template == "error":
        # A refusal doesn't repeat what was asked for, not in its links either.
        context["href"] = _same_path
    context["draws"] = template != "error" and _has_chart(data)
    if context["draws"]:
        assets.begin()
    return template_named(template).render(context)


def respond(html: str, status: int = 200) -> HTMLResponse:
    """The page with the headers that keep it to itself."""
    return HTMLResponse(html, status, {"Content-Security-Policy": POLICY, "Vary": "Cookie, Accept-Language"})


def _frame(request: Request, language: str) -> dict[str, Any]:
    return {
        "language": language,
        "t": translator(language),
        "text_names": TEXTS,
        "asset": assets.address,
        "href": partial(_address, request),
        "data_word": partial(data_word, language=language),
        "measure_name": partial(measure_name, language=language),
        "feature_name": partial(feature_name, language=language),
        "rule_name": partial(_rule_name, language),
        "unit_name": partial(_unit_name, language),
        "definition": partial(definition, language=language),
        "customer_path": lambda customer_id: f"/customers/{quote(str(customer_id), safe='')}",
        "segment_path": lambda segment_id: f"/segments/{quote(str(segment_id), safe='')}",
        "churn_csv": _churn_csv,
        "here": request.url.path.strip("/").partition("/")[0] or "overview",
    }


def _of_visit(visit: Visit | None) -> dict[str, Any]:
    if visit is None:
        return {"caller": None, "snapshot": None, "menu": [], "sees_customers": False, "f": None}
    # The ending of texts about what the risks are of.
    kind = "_by_date" if visit.snapshot.churn is not None and visit.snapshot.churn.by_date else ""
    return {
        "caller": visit.caller,
        "snapshot": visit.snapshot,
        "menu": permissions.menu(visit.caller),
        "sees_customers": permissions.sees_customers(visit.caller),
        "f": visit.formats,
        "risk_days": visit.risk_days,
        "risk_columns": visit.risk_columns,
        "risk_kind": kind,
        "rule_name": partial(_rule_name, visit.language, kind=kind),
    }


def _has_chart(data: Any) -> bool:
    """Whether anything in the page's data is a Vega-Lite specification: only then its scripts are loaded."""
    if isinstance(data, Mapping):
        return (
            ("encoding" in data and "mark" in data)
            or "layer" in data
            or any(_has_chart(part) for part in data.values())
        )
    return isinstance(data, list) and any(isinstance(part, Mapping) and _has_chart(part) for part in data)


def _address(request: Request, _merge: Mapping[str, Any] | None = None, **changes: Any) -> str:
    """This page's own address with some parameters changed; None takes one away. A new question begins at its start."""
    parameters = dict(request.query_params)
    changes = {**(_merge or {}), **changes}
    if "lang" not in changes:
        parameters.pop("lang", None)
        if "cursor" not in changes:
            parameters.pop("cursor", None)
    for name, value in changes.items():
        if value is None:
            parameters.pop(name, None)
        else:
            parameters[name] = str(value)
    path = quote(request.url.path)
    return f"{path}?{urlencode(parameters)}" if parameters else path


def _same_path(**changes: str) -> str:
    """An address without a path: the browser stays where it is."""
    return f"?{urlencode(changes)}"


def _rule_name(language: str, rule: str, kind: str = "") -> str:
    """What a rule is called; `kind` is the ending of its name where it is another one, see `risk_kind`."""
    for name in (f"rule_{rule}{kind}", f"rule_{rule}"):
        if name in TEXTS:
            return translator(language)(name)
    return rule.replace("_", " ")


def _unit_name(language: str, unit: str) -> str:
    return translator(language)(f"unit_{unit.replace(' ', '_')}") if f"unit_{unit.replace(' ', '_')}" in TEXTS else unit


def _churn_csv(asked: Mapping[str, Any]) -> str:
    chosen = {name: value for name, value in asked.items() if value is not None}
    return urlencode(chosen)


View = Callable[[Visit], dict[str, Any]]
