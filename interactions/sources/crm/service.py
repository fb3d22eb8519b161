"""A source made ready to be asked: its options, its declaration, its way in, and what each resource asks for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from interactions.sources.addresses import check_url
from interactions.sources.crm.authentication import Access, access_of
from interactions.sources.crm.declaration import VENDORS, Declaration, Paging, Resource, fields_read, needed
from interactions.sources.crm.extraction import Request
from interactions.sources.crm.options import Options, rest_options, vendor_options
from interactions.sources.crm.paging import Watch
from interactions.sources.crm.records import Rows
from interactions.sources.crm.session import Bounds, Session
from interactions.sources.crm.waiting import Waiting
from interactions.sources.mapping import TableMapping, load
from workspace.errors import SettingsError
from workspace.folder import Workspace
from workspace.source import Source

TYPES = (*VENDORS, "rest")


@dataclass(frozen=True)
class Service:
    """A source made ready: what is declared, the options, how to get in, and how long it may be waited for."""

    workspace: Workspace
    name: str
    options: Options
    declaration: Declaration
    access: Access
    waiting: Waiting
    mapping: TableMapping | None

    @property
    def wanted(self) -> list[str]:
        """The resources to collect, in order."""
        known = self.declaration.resources
        return list(self.options.resources or [name for name, one in known.items() if one.default])

    def raw_source(self, resource: str) -> str:
        """The name of the raw source that holds a resource's rows."""
        return self.name if list(self.declaration.resources) == ["records"] else f"{self.name}/{resource}"

    def what(self, resource: str) -> str:
        """A resource as errors name it."""
        one = self.raw_source(resource)
        return one if self.declaration.title == self.name else f"{one} ({self.declaration.title})"

    def session(self, resource: str) -> Session:
        """The session that asks for a resource."""
        bounds = _bounds(self.options, self.declaration, self.declaration.settings["base_url"])
        return Session(bounds, self.access, self.waiting, self.what(resource))


def ready(workspace: Workspace, name: str, source: Source, waiting: Waiting | None) -> Service:
    """A source of rapport.toml made ready; nothing is asked yet.

    Raises SettingsError for an option or secret that is missing, MappingError for a mapping file that can't be read.
    """
    given: Mapping[str, Any] = source.options
    mapping = None
    options: Options
    if source.type == "rest":
        options, declaration = rest_options(name, given, source.table)
        if source.mapping is not None:
            mapping = load(workspace.folder / source.mapping, str(source.table))
    elif source.mapping is not None:
        raise SettingsError(
            f"[sources.{name}] has a mapping file; a {source.type} source has its mapping already. Change columns "
            f"of it by [sources.{name}.options.columns.RESOURCE]."
        )
    else:
        options, declaration = vendor_options(name, source.type, given)
    check_url(declaration.settings["base_url"], options.allow_private_hosts)
    waiting = waiting or Waiting(options.max_wait_seconds)

    def ask(url: str, form: dict[str, str]) -> Any:
        bounds = _bounds(options, declaration, url)
        return Session(bounds, Access(), waiting, f"The sign-in of {name}").ask(url, form)

    return Service(workspace, name, options, declaration, access_of(declaration, options, ask), waiting, mapping)


def request_of(service: Service, name: str, gone: Collection[str] = ()) -> tuple[Request, TableMapping | None]:
    """What to ask for a resource, without the fields `gone`, and the mapping of what comes.

    Raises MappingError for a column of the options that can't be.
    """
    options, resource = service.options, service.declaration.resources[name]
    declaration = _own(service.declaration, resource)
    place = f"[sources.{service.name}.options.columns.{name}]"
    by_file = isinstance(service.mapping, TableMapping)
    mapping = service.mapping
    if resource.columns or options.columns.get(name):
        mapping = resource.table_mapping(place, options.columns.get(name))
    fields = fields_read(resource, mapping) if mapping is not None else resource.fields
    what = service.what(name)
    cursor = declaration.cursor
    if cursor is not None:
        fields = tuple(dict.fromkeys([*fields, cursor.field]))
    rows = Rows(
        what,
        fields,
        resource.first,
        needed(resource, mapping) if mapping is not None else {},
        cursor.field if cursor is not None else None,
        keep_all=by_file or mapping is None,
    )
    since: str | int | None = options.since
    if since is None and cursor is not None and declaration.token is not None:
        since = cursor.initial
    asked = tuple(field for field in fields if field not in gone)
    watch = Watch(what, options.max_pages)
    parents = _parents(service, resource) if resource.parent is not None else None
    return Request(name, declaration, resource, asked, rows, watch, since, parents), mapping


def _own(declaration: Declaration, resource: Resource) -> Declaration:
    """What is declared for a resource that belongs to a parent, which shares sign-in and headers alone."""
    if resource.parent is None:
        return declaration
    own: dict[str, Any] = {"params": {}, "cursor": None, "data": resource.data, "paging": resource.paging or Paging()}
    return declaration.model_copy(update=own)


def _parents(service: Service, resource: Resource) -> Request:
    """What to ask for the keys of all parents."""
    declaration, what = service.declaration, f"{service.what(str(resource.parent))}, whose records have them,"
    cursor = declaration.cursor
    fields = (str(resource.parent_key), *((cursor.field,) if cursor is not None else ()))
    rows = Rows(what, fields, {}, {"the key": (fields[0],)}, None, keep_all=False)
    since = cursor.initial if cursor is not None else None
    watch = Watch(what, service.options.max_pages)
    return Request(
        str(resource.parent), declaration, declaration.resources[str(resource.parent)], fields, rows, watch, since
    )


def _bounds(options: Options, declaration: Declaration, url: str) -> Bounds:
    gone = declaration.gone
    return Bounds(
        url,
        options.allow_private_hosts,
        options.timeout_seconds,
        options.attempts,
        options.max_page_mb * 2**20,
        gone.status if gone is not None else None,
        gone.pattern if gone is not None else None,
    )
