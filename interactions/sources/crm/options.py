"""What `[sources.NAME.options]` can say for a service, checked; secrets are named by environment variables only."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from interactions.sources.crm.declaration import Cursor, Declaration, Paging, Resource, Token, declared
from workspace.errors import SettingsError

Kind = TypeVar("Kind", bound="Options")


class Options(BaseModel):
    """Options of every service. `columns` adds to or changes a resource's mapping: {resource: {column: rule}}."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str | None = None
    token_env: str | None = None
    token_scheme: str = "Bearer"  # noqa: S105
    client_id_env: str | None = None
    client_secret_env: str | None = None
    refresh_token_env: str | None = None
    resources: tuple[str, ...] | None = None
    columns: dict[str, dict[str, Any]] = Field(default_factory=dict)
    since: str | int | None = None
    page_size: int | None = Field(default=None, ge=1, le=10_000)
    allow_private_hosts: tuple[str, ...] = ()
    timeout_seconds: float = Field(default=60, gt=0, le=3600)
    max_wait_seconds: float = Field(default=600, ge=0)
    attempts: int = Field(default=5, ge=1, le=20)
    max_page_mb: int = Field(default=64, ge=1, le=1024)
    max_pages: int = Field(default=1_000_000, ge=1)


class VendorOptions(Options):
    """Options of Salesforce, Zoho CRM and Dynamics 365."""

    version: str | None = None
    tenant: str | None = None
    accounts_url: str | None = None
    login_url: str | None = None


class RestOptions(Options):
    """Options of any other service: one list of records at `path`."""

    path: str
    headers: dict[str, str] = Field(default_factory=dict)
    params: dict[str, str] = Field(default_factory=dict)
    paginator: Paging = Paging()
    data: str | None = None
    fields: tuple[str, ...] = ()
    first: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    cursor: str | None = None
    cursor_param: str | None = None
    cursor_format: str | None = None
    page_size_param: str | None = None


def vendor_options(name: str, type_: str, given: Mapping[str, Any]) -> tuple[VendorOptions, Declaration]:
    """The options of a vendor's source with the declaration they complete.

    Raises SettingsError naming the option.
    """
    declaration = declared(type_)
    options = _checked(VendorOptions, name, given)
    changed = {
        key: str(value)
        for key in ("base_url", "version", "tenant", "accounts_url", "login_url", "page_size")
        if (value := getattr(options, key)) is not None
    }
    settings = {**declaration.settings, **changed}
    settings["base_url"] = settings.get("base_url", "").rstrip("/")
    needs = (
        ("base_url", "tenant") if "{tenant}" in _token(declaration).url and options.token_env is None else ("base_url",)
    )
    for key in needs:
        if not settings.get(key):
            raise SettingsError(f"[sources.{name}.options] needs `{key}` for {declaration.title}. Add it.")
    _check_resources(name, declaration, options)
    return options, declaration.model_copy(update={"settings": settings})


def rest_options(name: str, given: Mapping[str, Any], table: str | None) -> tuple[RestOptions, Declaration]:
    """The options of a REST source, and what they declare: a service of one resource, named `records`.

    Raises SettingsError naming the option.
    """
    options = _checked(RestOptions, name, given)
    if options.base_url is None:
        raise SettingsError(f"[sources.{name}.options] needs `base_url`, such as https://api.example.com/v1. Add it.")
    if table is None:
        raise SettingsError(f"[sources.{name}] needs `table`, such as interactions. Add it.")
    params = dict(options.params)
    if options.cursor_param is not None:
        params[options.cursor_param] = "{since}"
    settings = {"base_url": options.base_url.rstrip("/")}
    if options.page_size is not None:
        settings["page_size"] = str(options.page_size)
        if options.page_size_param is not None:
            params[options.page_size_param] = "{page_size}"
    cursor = Cursor(field=options.cursor, format=options.cursor_format) if options.cursor is not None else None
    resource = Resource(path=options.path, table=table, params=params, fields=options.fields, first=options.first)
    return options, Declaration(
        title=name,
        data=options.data,
        settings=settings,
        headers=options.headers,
        paging=options.paginator,
        cursor=cursor,
        resources={"records": resource},
    )


def secret(variable: str, why: str) -> str:
    """The secret in an environment variable.

    Raises SettingsError naming the variable when it is empty.
    """
    value = os.environ.get(variable, "").strip()
    if not value:
        raise SettingsError(
            f"The environment variable {variable} is not set; {why} comes from it. Set it and run again."
        )
    if any(ord(sign) < 33 or ord(sign) > 126 for sign in value):
        raise SettingsError(f"The environment variable {variable} holds signs that {why} can't have. Set it anew.")
    return value


def token_of(declaration: Declaration, options: Options) -> Token | None:
    """The declared way to a token, with the environment variables that the options name instead."""
    if declaration.token is None:
        return None
    names = ("client_id_env", "client_secret_env", "refresh_token_env")
    changed = {name: value for name in names if (value := getattr(options, name)) is not None}
    return declaration.token.model_copy(update=changed)


def _checked(kind: type[Kind], name: str, given: Mapping[str, Any]) -> Kind:
    try:
        return kind.model_validate(dict(given))
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False)[0]
        option = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            known = ", ".join(kind.model_fields)
            raise SettingsError(
                f"[sources.{name}.options] has the unknown option `{option}`. It can have {known}."
            ) from None
        raise SettingsError(f"[sources.{name}.options] `{option}`: {problem['msg']}. Correct it.") from None


def _token(declaration: Declaration) -> Token:
    assert declaration.token is not None
    return declaration.token


def _check_resources(name: str, declaration: Declaration, options: Options) -> None:
    for one in (*(options.resources or ()), *options.columns):
        if one not in declaration.resources:
            known = ", ".join(declaration.resources)
            raise SettingsError(
                f"[sources.{name}.options] names the resource `{one}`; {declaration.title} has {known}."
            )
