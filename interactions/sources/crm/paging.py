"""dlt's paginators from a declaration, and the watch that a service doesn't lead round in circles."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from interactions.sources.crm.declaration import Paging
from workspace.errors import SettingsError, SourceError

_MOST_REPEATS = 3


def paginator(paging: Paging, page_size: int | None, place: str) -> Any:
    """dlt's paginator for a declared way of paging.

    Raises SettingsError when the declaration lacks what its kind needs.
    """
    from dlt.sources.helpers.rest_client import paginators

    if paging.kind == "none":
        return paginators.SinglePagePaginator()
    if paging.kind == "link_header":
        return paginators.HeaderLinkPaginator(paging.path or "next")
    if paging.kind == "next_url":
        return paginators.JSONLinkPaginator(_given(paging.path, "path", place))
    if paging.kind == "cursor":
        return paginators.JSONResponseCursorPaginator(
            _given(paging.path, "path", place), paging.param or "cursor", has_more_path=paging.more
        )
    if paging.kind == "page":
        return paginators.PageNumberPaginator(
            base_page=paging.first,
            page_param=paging.param or "page",
            total_path=paging.total,
            has_more_path=paging.more,
        )
    return paginators.OffsetPaginator(
        limit=_given(page_size, "page_size", place),
        offset=paging.first,
        offset_param=paging.param or "offset",
        limit_param=paging.limit_param or "limit",
        total_path=paging.total,
        has_more_path=paging.more,
    )


class Watch:
    """Tells pages that came before. A page of the same records is passed over; the same address twice, or the same
    records over and over, is a circle."""

    def __init__(self, what: str, most_pages: int) -> None:
        self.what, self.most_pages, self.pages, self.repeated = what, most_pages, 0, 0
        self._asked: set[bytes] = set()
        self._seen: set[bytes] = set()
        self._in_a_row = 0

    def ask(self, url: str) -> None:
        """Note a page that is asked for.

        Raises SourceError when it was asked for before, or when there is no end.
        """
        self.pages += 1
        key = hashlib.sha256(url.encode()).digest()[:16]
        if key in self._asked:
            raise self._circle(f"page {self.pages:,} is one that was read before")
        self._asked.add(key)
        if self.pages > self.most_pages:
            raise SourceError(
                f"{self.what} has more than {self.most_pages:,} pages. Raise `max_pages` if that is right."
            )

    def is_new(self, records: Sequence[Any]) -> bool:
        """Whether a page's records came for the first time in this run; an empty page is new.

        Raises SourceError when several pages in a row came before.
        """
        if not records:
            return True
        key = hashlib.sha256(json.dumps(records, sort_keys=True, default=str).encode()).digest()[:16]
        if key not in self._seen:
            self._seen.add(key)
            self._in_a_row = 0
            return True
        self.repeated += 1
        self._in_a_row += 1
        if self._in_a_row >= _MOST_REPEATS:
            raise self._circle(f"{_MOST_REPEATS} pages in a row repeat records of earlier ones")
        return False

    def _circle(self, how: str) -> SourceError:
        return SourceError(
            f"{self.what} leads round in a circle: {how}. Check the paging in the source's options; "
            "if it is right, the service is at fault: run it again later."
        )


def _given(value: Any, name: str, place: str) -> Any:
    if value is None:
        raise SettingsError(f"{place} needs `{name}` for this way of paging. Add it.")
    return value
