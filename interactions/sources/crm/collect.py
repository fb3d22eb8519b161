"""Collect a source of type salesforce, zoho, dynamics or rest: what changed since the last time, into raw.

Each resource is a raw source of its own, `NAME/RESOURCE`, with its own mapping and its own state, so that several of
them can fill one table of ours, and one that fails takes nothing from those before it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from interactions.sources import raw
from interactions.sources.collect import Received, laid_on
from interactions.sources.crm.extraction import Request, dlt_resource, first_page
from interactions.sources.crm.service import Service, ready, request_of
from interactions.sources.crm.session import FieldGoneError
from interactions.sources.crm.waiting import Waiting
from interactions.sources.extraction import extract
from interactions.sources.mapping import TableMapping
from workspace.errors import RapportError, SourceError
from workspace.folder import Workspace
from workspace.progress import Progress, silent
from workspace.source import Source

if TYPE_CHECKING:
    from interactions.cleaning.preview import Preview


def collect_crm(
    workspace: Workspace, name: str, source: Source, progress: Progress = silent, waiting: Waiting | None = None
) -> list[Received]:
    """Collect the source `name` of rapport.toml: an answer for each of its resources, in order.

    Raises SettingsError for options or secrets that are missing, MappingError for a mapping that doesn't fit,
    SourceError when the service can't be read; resources before the one that failed have been received whole, it and
    those after it not at all.
    """
    service = ready(workspace, name, source, waiting)
    wanted = service.wanted
    received: list[Received] = []
    for number, resource in enumerate(wanted):

        def report(rows: int, number: int = number, resource: str = resource) -> None:
            progress(f"{resource}: {rows:,} rows", number / len(wanted))

        try:
            received.append(_collect(service, resource, report))
        except RapportError as error:
            raise type(error)(f"{error}{_so_far(received, wanted[number + 1 :])}") from error.__cause__
    progress(f"{sum(one.rows for one in received if one.new):,} rows", 1.0)
    return received


def preview_crm(workspace: Workspace, name: str, source: Source, waiting: Waiting | None = None) -> Preview:
    """What collecting would make of the first page of the source's first resource; writes nothing.

    Raises as `collect_crm` does, and SourceError when there are no records.
    """
    from interactions.sources.row_preview import preview_dicts

    service = ready(workspace, name, source, waiting)
    resource = service.wanted[0]
    request, mapping = request_of(service, resource)
    with service.session(resource) as session:
        rows = first_page(request, session)
    told = source.model_copy(update={"table": request.resource.table})
    return preview_dicts(workspace, service.raw_source(resource), told, mapping, rows)


def _collect(service: Service, resource: str, report: Callable[[int], None]) -> Received:
    """One resource; a field that the service doesn't know is asked for no more, unless no row can do without it."""
    gone: set[str] = set()
    while True:
        try:
            return _attempt(service, resource, gone, report)
        except FieldGoneError as error:
            request, _ = request_of(service, resource, gone)
            required = {field for fields in request.rows.needed.values() if len(fields) == 1 for field in fields}
            if error.field not in request.fields or error.field in required:
                raise SourceError(str(error)) from None
            gone.add(error.field)


def _attempt(service: Service, resource: str, gone: set[str], report: Callable[[int], None]) -> Received:
    request, mapping = request_of(service, resource, gone)
    what = service.what(resource)
    raw_source = service.raw_source(resource)
    with service.session(resource) as session:
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


def _how_far(request: Request) -> str:
    return f"{request.rows.rows:,} rows had been read of this resource; none of them was received."


def _notes(request: Request, gone: set[str]) -> dict[str, str]:
    notes = {}
    missing = sorted(gone | request.rows.missing)
    if missing:
        notes["missing"] = f"null, as whole pages came without them: {', '.join(missing)}"
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
