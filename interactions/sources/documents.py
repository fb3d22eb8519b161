"""MongoDB: a collection's documents through dlt, ordered and fetched by the server piece by piece.

Fields of nested documents are columns `outer.inner`; lists stay JSON. Without a cursor the whole collection is read
each time; what the last time had is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from interactions.sources.databases import PREVIEW_ROWS, address, source_mapping
from interactions.sources.document_errors import UNAUTHORIZED, explained
from interactions.sources.texts import flat
from workspace.errors import SettingsError, SourceError
from workspace.folder import Workspace
from workspace.progress import Progress, silent
from workspace.source import Source

if TYPE_CHECKING:
    from interactions.cleaning.preview import Preview
    from interactions.sources.collect import Received

FETCH_DOCUMENTS = 5_000
_TIMEOUT_MS = 15_000


def collect_documents(workspace: Workspace, name: str, source: Source, progress: Progress = silent) -> list[Received]:
    """Receive the documents of a MongoDB source that are new or changed since the last time.

    Not locked here: the caller holds the workspace. Raises SettingsError for a setting that can't be right, SourceError
    for a server that can't be read, MappingError for a mapping that doesn't fit.
    """
    from interactions.sources.extraction import extract

    assert source.table is not None
    mapping = source_mapping(workspace, source)
    with _opened(name, source, mapping.query_table if mapping else None) as (collection, place):
        nodes = ",".join(sorted(f"{host}:{port}" for host, port in collection.database.client._topology_settings.seeds))
        received = extract(
            workspace,
            name,
            source.table,
            _resource(collection, name, source),
            mapping,
            explain=lambda error: explained(error, place),
            documents=True,
            origin=f"{nodes} {collection.full_name} {source.cursor}",
            progress=progress,
        )
    return [received]


def preview_documents(workspace: Workspace, name: str, source: Source) -> Preview:
    """What collecting would make of the first documents; writes nothing."""
    from interactions.sources.row_preview import preview_dicts

    mapping = source_mapping(workspace, source)
    with _opened(name, source, mapping.query_table if mapping else None) as (collection, place):
        try:
            found = list(collection.find({}, sort=_order(source)).limit(PREVIEW_ROWS))
        except Exception as error:
            known = explained(error, place)
            if known is None:
                raise
            raise known from None
    return preview_dicts(workspace, name, source, mapping, [_row(document) for document in found])


@contextmanager
def _opened(name: str, source: Source, mapped: str | None) -> Iterator[tuple[Any, str]]:
    """The collection of a source, and how errors speak of it. Closed at the end.

    Raises SettingsError for an address that can't be used or names no database.
    """
    import pymongo
    from pymongo.errors import ConfigurationError, InvalidURI

    url = address(name, source)
    if not re.match(r"mongodb(\+srv)?://", url):
        raise SettingsError(
            f"[sources.{name}]: {source.url_env} holds no address such as mongodb://user:password@host/database. "
            "Correct it."
        )
    try:
        client: Any = pymongo.MongoClient(url, tz_aware=True, datetime_conversion="DATETIME_AUTO", **_timeout(url))
    except (ConfigurationError, InvalidURI, ValueError, ImportError):
        raise SettingsError(
            f"[sources.{name}]: the address in {source.url_env} can't be used. Correct it; in a password, @ is written "
            "%40 and / is %2F."
        ) from None
    try:
        database = client.get_default_database(None)
    except ConfigurationError:
        client.close()
        raise SettingsError(
            f"[sources.{name}]: the address in {source.url_env} names no database. Add it: mongodb://host/DATABASE."
        ) from None
    collection = database[source.query_table or mapped or source.table]
    place = f"[sources.{name}]: the MongoDB collection {collection.full_name}"
    try:
        _check(collection, place)
        yield collection, place
    finally:
        client.close()


def _timeout(url: str) -> dict[str, Any]:
    return {} if "serverselectiontimeoutms" in url.lower() else {"serverSelectionTimeoutMS": _TIMEOUT_MS}


def _check(collection: Any, place: str) -> None:
    """The collection must be there: MongoDB takes one that isn't for an empty one."""
    from pymongo.errors import OperationFailure, PyMongoError

    try:
        names = collection.database.list_collection_names()
    except OperationFailure as error:
        if error.code == UNAUTHORIZED:
            return  # a user may read a collection and yet not list them all
        raise explained(error, place) or error from None
    except PyMongoError as error:
        raise explained(error, place) or error from None
    if collection.name not in names:
        has = ", ".join(sorted(names)[:40]) or "none"
        raise SourceError(f"{place} does not exist; the database has {has}. Correct `query_table`.")


def _resource(collection: Any, name: str, source: Source) -> Any:
    """dlt's reading of the collection: from the cursor's last value on, ordered by it and by _id."""
    from interactions.sources.extraction_engine import contained

    with contained():
        import dlt

        from interactions.sources.cursors import incremental

        # dlt knows the cursor by its being the argument's default.
        of_cursor = incremental(source.cursor, source.lag, f"[sources.{name}]") if source.cursor is not None else None

        @dlt.resource(name=collection.name)
        def fetched(cursor: Any = of_cursor) -> Iterator[list[dict[str, Any]]]:
            start = None if cursor is None else cursor.start_value
            found = collection.find(_from(source.cursor, start), sort=_order(source), batch_size=FETCH_DOCUMENTS)
            with found:
                while rows := [_row(document) for document in islice(found, FETCH_DOCUMENTS)]:
                    yield rows

    return fetched


def _row(document: Mapping[str, Any]) -> dict[str, Any]:
    from interactions.sources.bson_values import plain

    return dict(flat(plain(document)))


def _order(source: Source) -> list[tuple[str, int]]:
    return [(name, 1) for name in dict.fromkeys((source.cursor or "_id", "_id"))]


def _from(cursor: str | None, start: Any) -> dict[str, Any]:
    """The documents from a cursor's value on, and those without one."""
    from interactions.sources.bson_values import queried

    if cursor is None or start is None:
        return {}
    return {"$or": [*({cursor: {"$gte": value}} for value in queried(start)), {cursor: None}]}
