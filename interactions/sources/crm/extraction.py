"""A declared resource as a dlt resource: dlt's REST client and paginators, its cursor kept between collections."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from interactions.sources.crm.declaration import Cursor, Declaration, Resource, asked_for
from interactions.sources.crm.paging import Watch, paginator
from interactions.sources.crm.records import Rows
from interactions.sources.crm.session import Session
from workspace.errors import SettingsError, SourceError


@dataclass(frozen=True)
class Request:
    """What is asked of a service for one resource: `fields` are those to name, `rows` makes rows of what comes."""

    name: str
    declaration: Declaration
    resource: Resource
    fields: tuple[str, ...]
    rows: Rows
    watch: Watch
    since: str | int | None
    parents: Request | None = None


def dlt_resource(request: Request, session: Session, progress: Callable[[int], None]) -> Any:
    """The dlt resource that fetches what changed since the last collection; `progress` hears of the rows read."""
    import dlt

    cursor = request.declaration.cursor
    if cursor is None:
        return dlt.resource(lambda: _pages(request, session, progress, None), name=request.name)
    changed: Any = dlt.sources.incremental(
        cursor.field, initial_value=request.since, last_value_func=latest, on_cursor_value_missing="include"
    )

    def pages(changed: Any = changed) -> Iterator[list[dict[str, Any]]]:
        state = dlt.current.resource_state()["incremental"][cursor.field]
        before = deepcopy(dict(state))
        yield from _pages(request, session, progress, changed.last_value)
        if request.watch.repeated:
            # A page that came twice may have taken the place of another: the next collection asks for all again.
            state.clear()
            state.update(before)

    return dlt.resource(pages, name=request.name)


def first_page(request: Request, session: Session) -> list[dict[str, Any]]:
    """The rows of the first page, from the beginning; none when there are no records."""
    return next(_pages(request, session, lambda _: None, request.since), [])


def latest(values: Iterable[Any]) -> Any:
    """The greatest of cursor values: times by their moment, whatever zone they are written in, numbers by size."""
    return max(values, key=_order)


def since_text(value: Any, cursor: Cursor | None) -> str | None:
    """A cursor value as the service wants to be asked for what is newer."""
    if value is None or cursor is None:
        return None
    moment = _moment(value)
    if cursor.format is None or moment is None:
        return str(value)
    return moment.strftime(cursor.format)


def _pages(
    request: Request, session: Session, progress: Callable[[int], None], last: Any
) -> Iterator[list[dict[str, Any]]]:
    if request.parents is None:
        yield from _listed(request, session, progress, last, None)
        return
    key = str(request.resource.parent_key)
    for parents in _listed(request.parents, session, lambda _: None, request.parents.since, None):
        for parent in parents:
            yield from _listed(request, session, progress, None, str(parent[key]))


def _listed(
    request: Request, session: Session, progress: Callable[[int], None], last: Any, parent: str | None
) -> Iterator[list[dict[str, Any]]]:
    """The pages of one list of records; those that belong to a `parent` record say so in their field `parent`."""
    from dlt.common.configuration.specs.runtime_configuration import RuntimeConfiguration
    from dlt.sources.helpers.rest_client.client import RESTClient

    declaration = request.declaration
    said = _said(request, last) | ({} if parent is None else {"parent": quote(parent, safe="")})
    place = f"The paging of {session.what}"
    size = declaration.settings.get("page_size")
    # With a configuration of its own, dlt looks for none in folders and environment.
    client = RESTClient(declaration.settings["base_url"], session=session, config=RuntimeConfiguration())
    for page in client.paginate(
        declaration_path(request, said),
        params=_filled({**declaration.params, **request.resource.params}, said),
        headers=_filled(declaration.headers, said),
        paginator=paginator(declaration.paging, int(size) if size else None, place),
        data_selector=declaration.data,
        hooks={"response": [_stop_when_empty]},
    ):
        request.watch.ask(str(page.response.url))
        _check_data(declaration, page.response.json(), session.what)
        if parent is not None:
            page[:] = [{**one, "parent": parent} if isinstance(one, dict) else one for one in page]
        if request.watch.is_new(page):
            yield request.rows.page(page)
            progress(request.rows.rows)


def declaration_path(request: Request, said: Mapping[str, str]) -> str:
    """The path of a resource under the base address; never another address."""
    path = _filled({"path": request.resource.path}, said)["path"]
    if "://" in path or path.startswith("//"):
        raise SourceError(f"The path of `{request.name}` is a whole address. Split it into `base_url` and `path`.")
    return path


def _said(request: Request, last: Any) -> dict[str, str]:
    """What stands for the names in braces; `since` is missing as long as nothing was collected."""
    fields = asked_for(request.fields, request.declaration.nested)
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    since = since_text(last, request.declaration.cursor)
    separator = ", " if request.declaration.nested == "path" else ","
    said = {**request.declaration.settings, "fields": separator.join(fields), "now": now}
    return said if since is None else {**said, "since": since}


def _filled(templates: Mapping[str, str], said: Mapping[str, str]) -> dict[str, str]:
    """Templates with the names in braces replaced; what asks for what is newer is left out as long as nothing came.

    Raises SettingsError for a name that nothing stands for.
    """
    wanted = {name: text for name, text in templates.items() if "since" in said or "{since}" not in text}
    try:
        return {name: text.format_map(said) for name, text in wanted.items()}
    except (KeyError, ValueError, IndexError, AttributeError):
        known = ", ".join(f"{{{name}}}" for name in said)
        raise SettingsError(f"A path or parameter has braces round what isn't one of {known}. Correct it.") from None


def _check_data(declaration: Declaration, content: Any, what: str) -> None:
    """A missing list of records is not an empty one."""
    first = (declaration.data or "").partition(".")[0]
    if first and first != "$" and not (isinstance(content, dict) and first in content):
        raise SourceError(
            f"{what} answered without `{declaration.data}`, where its records should be. Check `data` and the path in "
            "the source's options; if they are right, the service is at fault: run it again later."
        )


def _stop_when_empty(response: Any, *_: Any, **__: Any) -> None:
    from dlt.sources.helpers.rest_client.exceptions import IgnoreResponseException

    if response.status_code in (204, 304):
        raise IgnoreResponseException


def _order(value: Any) -> tuple[int, Any]:
    if isinstance(value, int | float):
        return 0, value
    text = str(value)
    if text.isascii() and text.isdigit():
        return 0, int(text)
    moment = _moment(text)
    return (2, text) if moment is None else (1, moment)


def _moment(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
