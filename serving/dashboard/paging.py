"""Where a page of a list stands in the whole: no list is cut short without saying so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from serving.answers.paging import start_of
from serving.dashboard.visit import Visit


@dataclass(frozen=True)
class Page:
    """Rows `first` to `last` of `total`, and the cursor of the next page."""

    first: int
    last: int
    total: int
    next: str | None


def page_of(visit: Visit, answer: dict[str, Any]) -> Page:
    """The place of an answer's `customers` among its `total`."""
    start = start_of(visit.text("cursor"), visit.snapshot.version)
    return Page(start + 1, start + len(answer["customers"]), answer["total"], answer["next"])
