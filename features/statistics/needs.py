"""The needs map: how much each topic of the surveys matters to customers, and how well it is met."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from features.statistics.query import Query

# Fewer customers could be told by who they are.
FEWEST = 5
_METRICS = {"importance": "survey_importance", "satisfaction": "survey_satisfaction", "need_gap": "need_gap"}
_RANGES = {"importance": (1.0, 5.0), "satisfaction": (1.0, 5.0), "need_gap": (0.0, 20.0)}
_BEST = 5
# Of the normal distribution: 95 % of it lie within so many standard errors.
_ERRORS = 1.959964


def needs(
    figure: Callable[[Query], pa.Table],
    surveys: pa.Table,
    start: datetime,
    end: datetime,
    where: Mapping[str, Sequence[str | None]],
) -> tuple[list[dict[str, Any]], int]:
    """Every topic answered over [start, end), the largest need gap first; and how many topics were left out.

    A row: topic (null: not named), answers (with importance and satisfaction), customers, and importance, satisfaction
    (1 to 5) and need_gap (importance x (5 - satisfaction)), the figures of the statistics by topic, each with its 95 %
    NAME_interval over customers. Topics of fewer than five customers are left out. figure: answers a Query; surveys:
    the rows it answers from, with answered_at, topic, customer_id, importance, satisfaction and the columns of `where`.
    """
    figures = {
        name: {row["topic"]: row for row in figure(Query(metric, start, end, by=("topic",), where=where)).to_pylist()}
        for name, metric in _METRICS.items()
    }
    rows = _asked(surveys, start, end, where)
    found = []
    for topic in figures["need_gap"]:
        answered = rows.filter(_is(rows["topic"], [topic]))
        people = _people(answered)
        if np.unique(people).size >= FEWEST and figures["need_gap"][topic]["count"]:
            found.append({"topic": topic, **_described(answered, people, {n: figures[n][topic] for n in _METRICS})})
    found.sort(key=lambda row: (-row["need_gap"], row["topic"] or ""))
    return found, len(figures["need_gap"]) - len(found)


def _described(rows: pa.Table, people: npt.NDArray[np.int64], figures: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    importance, satisfaction = (_numbers(rows[name]) for name in ("importance", "satisfaction"))
    answers = {
        "importance": importance,
        "satisfaction": satisfaction,
        "need_gap": importance * (_BEST - satisfaction),
    }
    found: dict[str, Any] = {"answers": figures["need_gap"]["count"], "customers": int(np.unique(people).size)}
    for name, values in answers.items():
        mean = float(figures[name]["value"])
        found |= {name: mean, f"{name}_interval": interval(values, people, mean, _RANGES[name])}
    return found


def interval(
    values: npt.NDArray[np.float64], people: npt.NDArray[np.int64], mean: float, bounds: tuple[float, float]
) -> list[float]:
    """95 % interval of a mean of answers (NaN: not given), within `bounds`; one person's answers count as one draw.

    The cluster-robust standard error of a mean (Liang and Zeger 1986). All of `bounds` with fewer than two people.
    """
    given = ~np.isnan(values)
    _, who = np.unique(people[given], return_inverse=True)
    groups = int(who.max()) + 1 if who.size else 0
    if groups < 2:
        return list(bounds)
    away = np.bincount(who, weights=values[given] - mean)
    error = float(np.sqrt((away**2).sum() * groups / (groups - 1))) / who.size
    return [max(bounds[0], mean - _ERRORS * error), min(bounds[1], mean + _ERRORS * error)]


def _asked(rows: pa.Table, start: datetime, end: datetime, where: Mapping[str, Sequence[str | None]]) -> pa.Table:
    kind = rows.schema.field("answered_at").type
    begin, until = pa.scalar(start, kind), pa.scalar(end, kind)
    kept = pc.and_(pc.greater_equal(rows["answered_at"], begin), pc.less(rows["answered_at"], until))
    for name, allowed in where.items():
        kept = pc.and_(kept, _is(rows[name], allowed))
    return rows.select(["topic", "customer_id", "importance", "satisfaction"]).filter(kept)


def _is(column: pa.ChunkedArray, allowed: Sequence[str | None]) -> pa.ChunkedArray:
    return pc.is_in(column, value_set=pa.array(allowed, column.type))


def _people(rows: pa.Table) -> npt.NDArray[np.int64]:
    """A number for each row's customer; who gave no name is somebody else each time."""
    known: pa.ChunkedArray = rows["customer_id"]
    places = pc.index_in(known, value_set=pc.unique(known).drop_null())
    alone = -1 - np.arange(rows.num_rows)
    found: npt.NDArray[np.int64] = np.where(
        known.is_null().to_numpy(), alone, pc.fill_null(places, 0).to_numpy().astype(np.int64)
    )
    return found


def _numbers(column: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    found: npt.NDArray[np.float64] = column.cast(pa.float64()).to_numpy()
    return found
