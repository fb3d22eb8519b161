"""A service declared as data: how to sign in, how it pages, what it holds, and which columns of ours that becomes.

The vendors' declarations lie beside this file as TOML; `{name}` in them stands for a setting, `{fields}` for the fields
asked for, `{since}` for the cursor of the last collection and `{now}` for the present.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from interactions.sources.mapping import TableMapping, parse
from interactions.sources.names import REQUIRED
from workspace.tables import TABLES

VENDORS = ("salesforce", "zoho", "dynamics")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Token(_Part):
    """Where an access token comes from, and the environment variables that hold what it costs."""

    url: str
    scheme: str = "Bearer"
    client_id_env: str
    client_secret_env: str
    refresh_token_env: str | None = None
    client_credentials: bool = True
    parameters: dict[str, str] = Field(default_factory=dict)


class Paging(_Part):
    """How the next page is found. `path` leads to the next address or cursor in the answer, `param` names the parameter
    that carries a cursor, offset or page number, `more` leads to a flag that says whether there is more."""

    kind: Literal["none", "next_url", "link_header", "cursor", "offset", "page"] = "none"
    path: str | None = None
    param: str | None = None
    limit_param: str | None = None
    first: int = 0
    more: str | None = None
    total: str | None = None


class Cursor(_Part):
    """The field that rises with every change; `format` writes it where the service is asked for what is newer."""

    field: str
    format: str | None = None
    initial: str | int = "1970-01-01T00:00:00Z"


class Gone(_Part):
    """How the service says that a field asked for doesn't exist; the pattern's first group is its name."""

    status: int
    pattern: str


class Resource(_Part):
    """One kind of record: where it is, which fields to ask for beside those mapped, and which columns they become.

    `first` names columns that hold the first of several fields that says something. One with a `parent` is listed for
    each record of that resource alone: `{parent}` in its path is that record's `parent_key`, and a field `parent` of
    what comes; then `data` and `paging` are its own, and all of it is read each time.
    """

    path: str
    table: str
    params: dict[str, str] = Field(default_factory=dict)
    fields: tuple[str, ...] = ()
    first: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    columns: dict[str, Any] = Field(default_factory=dict)
    mapping: dict[str, Any] = Field(default_factory=dict)
    default: bool = True
    parent: str | None = None
    parent_key: str | None = None
    data: str | None = None
    paging: Paging | None = None

    def table_mapping(self, place: str, more: Mapping[str, Any] | None = None) -> TableMapping:
        """The mapping of this resource; `more` are columns that the source's options add or change.

        Raises MappingError naming `place`, the column and what is wrong with it.
        """
        return parse({**self.mapping, "columns": {**self.columns, **(more or {})}}, self.table, place)


class Declaration(_Part):
    """A service: what all its resources have in common, and its resources."""

    title: str
    data: str | None = None
    nested: Literal["path", "outer", "expanded"] = "path"
    settings: dict[str, str] = Field(default_factory=dict)
    token: Token | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    params: dict[str, str] = Field(default_factory=dict)
    paging: Paging = Paging()
    gone: Gone | None = None
    cursor: Cursor | None = None
    resources: dict[str, Resource]


def declared(vendor: str) -> Declaration:
    """The declaration of a vendor's service."""
    text = files("interactions.sources.crm").joinpath(f"{vendor}.toml").read_text(encoding="utf-8")
    return Declaration.model_validate(tomllib.loads(text))


def fields_read(resource: Resource, mapping: TableMapping) -> tuple[str, ...]:
    """The service's fields behind a mapping, those behind computed columns and those kept beside them, in order."""
    read = [name for rule in mapping.columns.values() for part in rule.wanted for name in part]
    named = [field for name in read for field in resource.first.get(name, (name,))]
    kept = [field for field in resource.fields if field not in resource.first]
    return tuple(dict.fromkeys([*named, *kept]))


def needed(resource: Resource, mapping: TableMapping) -> dict[str, tuple[str, ...]]:
    """Columns of ours without which no row can be kept, each with the fields of which one at least must be there."""
    wanted = {*REQUIRED[mapping.table], *TABLES[mapping.table].key}
    found = {}
    for name in sorted(wanted & set(mapping.columns)):
        for part in mapping.columns[name].wanted:
            found[name] = tuple(field for one in part for field in resource.first.get(one, (one,)))
    return found


def asked_for(fields: Iterable[str], nested: str) -> tuple[str, ...]:
    """How fields are named in a request: those inside other records by path, by the outer one, or not at all."""
    if nested == "path":
        return tuple(fields)
    if nested == "outer":
        return tuple(dict.fromkeys(field.partition(".")[0] for field in fields))
    return tuple(field for field in fields if "." not in field)
