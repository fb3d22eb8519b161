"""The interface in OpenAPI 3.1, from the declarations that serve it and the policy that guards it."""

from functools import cache
from importlib.metadata import version
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import models_json_schema

from serving import shapes
from serving.errors import PolicyError
from serving.operations import Operation
from serving.parameters import Parameter
from serving.policy import POLICY

_SCHEMAS = "#/components/schemas/{model}"
_REFUSALS = {
    "400": "A parameter or the body can't be used",
    "401": "No valid key",
    "403": "The key's role doesn't reach this route",
    "404": "Not there, or not for this key to see",
    "413": "The body is too large",
    "415": "The body is not JSON",
    "422": "The body is not of the expected shape",
    "429": "The key asks too often, or the service is fully busy; Retry-After says when to ask again",
    "503": "Nothing is published yet",
    "504": "The answer took too long",
}
_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "description": "the ETag of an answer that the caller has kept",
    "required": False,
    "schema": {"type": "string"},
}
_ETAG = {"ETag": {"description": "A tag of this answer", "schema": {"type": "string"}}}
_RETRY = {"Retry-After": {"description": "Seconds", "schema": {"type": "integer", "minimum": 1}}}


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document as a dictionary."""
    from serving.routes import operations

    schemas: dict[str, Any] = {}
    paths: dict[str, Any] = {}
    for operation in operations():
        paths.setdefault(operation.path, {})[operation.method.lower()] = _described(operation, schemas)
    _add_schema(shapes.Problem, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Rapport",
            "version": version("rapport"),
            "description": "Segments, churn risks, contact forecasts and statistics. Every answer names the published "
            "version and data cutoff it comes from.",
        },
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "A key of `rapport keys add`"}
            },
            "schemas": dict(sorted(schemas.items())),
        },
    }


def _described(operation: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    roles = next(rule.roles for rule in POLICY if (rule.method, rule.path) == (operation.method, operation.path))
    described: dict[str, Any] = {
        "summary": operation.summary,
        "description": f"Roles: {', '.join(sorted(roles))}.",
        "operationId": operation.handler.__module__.rpartition(".")[2] + operation.handler.__name__,
        "parameters": [_parameter(parameter) for parameter in operation.all_parameters],
        "responses": {str(operation.status): _answer(operation, schemas), **_refusals(operation)},
    }
    if operation.tagged:
        described["parameters"].append(_IF_NONE_MATCH)
        described["responses"]["304"] = {"description": "The answer is still the one of that ETag", "headers": _ETAG}
    if operation.body is not None:
        _, given = models_json_schema([(operation.body, "validation")], ref_template=_SCHEMAS)
        _add(given["$defs"], schemas)
        reference = {"$ref": _SCHEMAS.format(model=operation.body.__name__)}
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": reference}}}
    return described


def _parameter(parameter: Parameter) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": parameter.name,
        "in": parameter.place,
        "description": parameter.meaning,
        "required": parameter.required,
        "schema": parameter.schema,
    }
    if parameter.schema.get("type") == "array":
        described["style"] = "form"
        described["explode"] = parameter.repeated
    return described


def _answer(operation: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = {"application/json": {"schema": _add_schema(operation.answer, schemas)}}
    if operation.listed:
        content["text/csv"] = {"schema": {"type": "string"}}
    content.update({media_type: {"schema": {"type": "string"}} for media_type in operation.files})
    described: dict[str, Any] = {"description": "The answer", "content": content}
    if operation.tagged:
        described["headers"] = _ETAG
    return described


def _refusals(operation: Operation) -> dict[str, Any]:
    of_bodies = {"413", "415", "422"}
    reference = {"$ref": _SCHEMAS.format(model="Problem")}
    refusals: dict[str, Any] = {
        status: {"description": said, "content": {"application/problem+json": {"schema": reference}}}
        for status, said in _REFUSALS.items()
        if operation.body is not None or status not in of_bodies
    }
    refusals["429"]["headers"] = _RETRY
    return refusals


def _add_schema(shape: Any, schemas: dict[str, Any]) -> dict[str, str]:
    schema = TypeAdapter(shape).json_schema(ref_template=_SCHEMAS)
    _add(schema.pop("$defs", {}), schemas)
    _add({shape.__name__: schema}, schemas)
    return {"$ref": _SCHEMAS.format(model=shape.__name__)}


def _add(named: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Raise PolicyError where two shapes have one name: the document would promise the one for the other."""
    for name, schema in named.items():
        if schemas.setdefault(name, schema) != schema:
            raise PolicyError(f"Two shapes are called {name}: give one of them another name.")
