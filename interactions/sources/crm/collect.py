"""Collect a source of type salesforce, zoho, dynamics or rest: what changed since the last time, into raw.

Each resource is a raw source of its own, `NAME/RESOURCE`, with its own mapping and its own state, so that several of
them can fill one table of ours, and one that fails takes nothing from those before it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from interactions.sources import raw
from interactions.sources.addresses import check_url
from interactions.sources.collect import Received, laid_on
from interactions.sources.crm.authentication import Access, access_of
from interactions.sources.crm.declaration import VENDORS, Declaration, fields_read, needed
from interactions.sources.crm.extraction import Request, dlt_resource
from interactions.sources.crm.options import Options, rest_options, vendor_options
from interactions.sources.crm.paging import Watch
from interactions.sources.crm.records import Rows
from interactions.sources.crm.session import Bounds, FieldGoneError, Session
from interactions.sources.crm.waiting import Waiting
from interactions.sources.extraction import extract
from interactions.sources.mapping import TableMapping, load
from workspace.errors import RapportError, SettingsError, SourceError
from workspace.folder import Workspace
from workspace.progress import Progress, silent
from workspace.settings import Source

TYPES = (*VENDORS, "rest")


@dataclass(frozen=True)
class _Service:
    """A source made ready: what is declared, the options, how to get in, and how long it may be waited for."""

    workspace: Workspace
    name: str
    options: Options
    declaration: Declaration
    access: Access
    waiting: Waiting
    mapping: TableMapping | None


def collect_crm(
    workspace: Workspace, name: str, source: Source, progress: Progress = silent, waiting: Waiting | None = None
) -> list[Received]:
    """Collect the source `name` of rapport.toml: an answer for each of its resources, in order.

    Raises SettingsError for options or secrets that are missing, MappingError for a mapping that doesn't fit,
    SourceError when the service can't be read; resources before the one that failed have been received whole, it and
    those after it not at all.
    """
    service = _ready(workspace, name, source, waiting)
    wanted = _wanted(service)
    received: list[Received] = []
    for number, resource in enumerate(wanted):

        def report(rows: int, number: int = number, resource: str = resource) -> None:
            progress(f"{resource}: {rows:,} rows", number / len(wanted))

        try:
            received.append(_collect(service, resource, report))
        except RapportError as error:
            raise type(error)(f"{error}{_so_far(received, wanted[number + 1 :])}") from None
    progress(f"{sum(one.rows for one in received if one.new):,} rows", 1.0)
    return received


def _ready(workspace: Workspace, name: str, source: Source, waiting: Waiting | None) -> _Service:
    given: Mapping[str, Any] = getattr(source, "options", None) or {}
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

    return _Service(workspace, name, options, declaration, access_of(declaration, options, ask), waiting, mapping)


def _wanted(service: _Service) -> list[str]:
    known = service.declaration.resources
    return list(service.options.resources or [name for name, one in known.items() if one.default])


def _collect(service: _Service, resource: str, report: Callable[[int], None]) -> Received:
    """One resource; a field that the service doesn't know is asked for no more, unless no row can do without it."""
    gone: set[str] = set()
    while True:
        try:
            return _attempt(service, resource, gone, report)
        except FieldGoneError as error:
            request, _ = _request(service, resource, gone)
            required = {field for fields in request.rows.needed.values() if len(fields) == 1 for field in fields}
            if error.field not in request.fields or error.field in required:
                raise SourceError(str(error)) from None
            gone.add(error.field)


def _attempt(service: _Service, resource: str, gone: set[str], report: Callable[[int], None]) -> Received:
    request, mapping = _request(service, resource, gone)
    what = _what(service, resource)
    session = Session(
        _bounds(service.options, service.declaration, service.declaration.settings["base_url"]),
        service.access,
        service.waiting,
        what,
    )
    raw_source = _raw_source(service, resource)
    with session:
        try:
            received = extract(
                service.workspace,
                raw_source,
                request.resource.table,
                dlt_resource(request, session, report),
                mapping,
                explain=_explain(what),
                documents=True,
            )
        except FieldGoneError:
            raise
        except SourceError as error:
            raise SourceError(f"{error} {_how_far(request)}") from error.__cause__
    _keep_changed_mapping(service.workspace, raw_source, mapping)
    return replace(received, found={**received.found, **_notes(request, gone)})


def _request(service: _Service, name: str, gone: set[str]) -> tuple[Request, TableMapping | None]:
    declaration, options = service.declaration, service.options
    resource = declaration.resources[name]
    place = f"[sources.{service.name}.options.columns.{name}]"
    by_file = isinstance(service.mapping, TableMapping)
    mapping = service.mapping
    if resource.columns or options.columns.get(name):
        mapping = resource.table_mapping(place, options.columns.get(name))
    fields = fields_read(resource, mapping) if mapping is not None else resource.fields
    what = _what(service, name)
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
    return Request(name, declaration, resource, asked, rows, watch, since), mapping


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


def _explain(what: str) -> Callable[[BaseException], RapportError | None]:
    """dlt's complaint about an answer repeats the answer; this one doesn't."""

    def explain(error: BaseException) -> RapportError | None:
        if isinstance(error, ValueError | TypeError | KeyError):
            return SourceError(
                f"{what} answered without what its paging needs, or with something else there. Check `paginator` and "
                "`data` in the source's options; if they are right, the service is at fault: run it again later."
            )
        return None

    return explain


def _keep_changed_mapping(workspace: Workspace, raw_source: str, mapping: TableMapping | None) -> None:
    """Put a changed mapping in force although nothing new came: it fits what was received before, or says so."""
    if mapping is None or raw.mapping_of(workspace.raw, raw_source, mapping.table) in (None, mapping):
        return
    for file in raw.raw_files(workspace.raw, raw_source, mapping.table):
        laid_on(mapping, file.columns, f"{file.file} (collected before as {raw_source})")
    raw.keep_mapping(workspace.raw, raw_source, mapping)


def _raw_source(service: _Service, resource: str) -> str:
    return service.name if list(service.declaration.resources) == ["records"] else f"{service.name}/{resource}"


def _what(service: _Service, resource: str) -> str:
    one = _raw_source(service, resource)
    return one if service.declaration.title == service.name else f"{one} ({service.declaration.title})"


def _how_far(request: Request) -> str:
    return f"{request.rows.rows:,} rows had been read of this resource; none of them was received."


def _notes(request: Request, gone: set[str]) -> dict[str, str]:
    notes = {}
    missing = sorted(gone | request.rows.missing)
    if missing:
        notes["missing"] = f"fields that never came are null: {', '.join(missing)}"
    if request.watch.repeated:
        notes["repeated"] = (
            f"{request.watch.repeated} pages came twice and were taken once; the next collection asks for all again"
        )
    return notes


def _so_far(received: list[Received], after: list[str]) -> str:
    """What became of the other resources, for the text of an error."""
    done = ", ".join(f"{one.source} ({one.rows if one.new else 0:,} new rows)" for one in received)
    parts = [f" Received before it: {done}." if done else "", f" Not reached: {', '.join(after)}." if after else ""]
    return "".join(parts)
