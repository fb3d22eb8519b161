"""What can be asked of a statistic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from features.statistics.catalogue import CATALOGUE, COMPARISONS, GRAINS, Statistic
from workspace.errors import QueryError


@dataclass(frozen=True)
class Query:
    """What is asked: a metric of the catalogue over `[start, end)` (aware moments).

    by: dimensions to split by. grain: one row a period of the company's calendar. where: values allowed of a dimension;
    None stands for unknown. compare: "previous", the period of the same length before (with a grain: each period's
    predecessor), or "last_year", the same dates a year before (weeks: 52 weeks).
    """

    metric: str
    start: datetime
    end: datetime
    by: tuple[str, ...] = ()
    grain: str | None = None
    compare: str | None = None
    where: Mapping[str, Sequence[str | None]] = field(default_factory=lambda: MappingProxyType({}))


def checked(query: Query, sql: Mapping[str, str]) -> Statistic:
    """The statistic that is asked for.

    Raises QueryError for what doesn't exist, naming what does.
    """
    if query.metric not in CATALOGUE:
        raise QueryError(f"There is no statistic {query.metric!r}; choose one of {', '.join(CATALOGUE)}.")
    if f"{query.metric}.value" not in sql:
        raise QueryError(
            f"{query.metric} is not in the published version, which an older Rapport wrote. "
            "Run `rapport publish` again."
        )
    statistic = CATALOGUE[query.metric]
    for name in (*query.by, *query.where):
        if name not in statistic.dimensions:
            raise QueryError(
                f"{query.metric} has no dimension {name!r}; choose from {', '.join(statistic.dimensions)}."
            )
    if len(set(query.by)) != len(query.by):
        raise QueryError(f"A dimension can be named once; found {', '.join(query.by)}.")
    if query.grain is not None and query.grain not in GRAINS:
        raise QueryError(f"There is no grain {query.grain!r}; choose one of {', '.join(GRAINS)}.")
    if query.compare is not None and query.compare not in COMPARISONS:
        raise QueryError(f"There is no comparison {query.compare!r}; choose one of {', '.join(COMPARISONS)}.")
    if query.start.utcoffset() is None or query.end.utcoffset() is None:
        raise QueryError("The start and end of a statistic need a time zone.")
    if query.start >= query.end:
        raise QueryError(
            f"The period is empty: it starts at {query.start} and ends at {query.end}. Choose a later end."
        )
    return statistic
