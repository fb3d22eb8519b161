"""Where a page of a list stands in the whole: no list is cut short without saying so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from serving.answers.paging import cursor_for, start_of
from serving.dashboard.visit import Visit

# The interface gives so many rows at once; the page links to as many parts, and says when there are more.
CSV_ROWS = 1000
CSV_PARTS = 10


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


@dataclass(frozen=True)
class Part:
    """Rows `first` to `last` of a list in one CSV file, and the cursor that file begins at."""

    first: int
    last: int
    cursor: str | None


@dataclass(frozen=True)
class Parts:
    """A list as CSV files; `rest` counts the rows beyond the parts linked to."""

    parts: list[Part]
    rest: int


def parts_of(visit: Visit, total: int) -> Parts:
    """The CSV files a list of `total` rows comes in: together they hold every row."""
    starts = range(0, max(total, 1), CSV_ROWS)[:CSV_PARTS]
    version = visit.snapshot.version
    parts = [
        Part(start + 1, min(total, start + CSV_ROWS), cursor_for(version, start) if start else None) for start in starts
    ]
    return Parts(parts, max(0, total - CSV_ROWS * CSV_PARTS))
