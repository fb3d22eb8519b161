"""Every statistic compiled once into SQL, so that a service worker needs no Ibis."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import ibis
import pyarrow as pa
import sqlglot
from sqlglot import expressions

from features.statistics.additive import Additive
from features.statistics.base import interactions_base, orders_base, surveys_base
from features.statistics.catalogue import CATALOGUE
from features.statistics.contacts import contacts
from features.statistics.counted_once import counted_once
from features.statistics.filtered import filtered
from features.statistics.measure import Grouped, Measure
from features.statistics.orders import orders
from features.statistics.response import response
from features.statistics.satisfaction import satisfaction
from features.statistics.scores import scores
from features.statistics.service import service
from features.statistics.simplified import simplified
from features.statistics.surveys import surveys
from workspace.settings import Settings
from workspace.tables import TABLES

_TABLES = ("customers", "interactions", "message_signals", "orders", "surveys")


def compiled(settings: Settings) -> dict[str, str]:
    """What `figure` needs besides the data, as DuckDB expressions: the company's timezone and week_start, and of each
    statistic NAME.value and NAME.count over the columns of its base.

    Where it is made in two steps (measure.Grouped), NAME.within (names, by spaces), NAME.part.PART over the base's
    columns, NAME.beside (a table) and value and count over the parts. An additive one has the same over the columns of
    a cube as NAME.cube.value and NAME.cube.count, or NAME.cube.part.PART; cube.COLUMN is what the cube holds.
    NAME.only.where, NAME.only.value and NAME.only.count are the same over the rows of that condition alone, where it is
    no additive one and has one condition (filtered.py).
    NAME.each.PART is a part of one row, where a customer's first one stands for all of them.
    NAME.once is the value with different customers counted by the contacts where the column "once" is true (once.py).
    """
    return {"timezone": settings.company.timezone, "week_start": settings.company.week_start, **_texts()}


def measures() -> dict[str, Measure | Grouped]:
    """The definition of every statistic of the catalogue, over tables named interactions, orders and surveys."""
    tables = {name: ibis.table(ibis.Schema.from_pyarrow(TABLES[name].schema), name=name) for name in _TABLES}
    rows = ibis.table(interactions_base(tables).schema(), name="interactions")
    lines = ibis.table(orders_base(tables).schema(), name="orders")
    answers = ibis.table(surveys_base(tables).schema(), name="surveys")
    found: dict[str, Measure | Grouped] = {**contacts(rows), **service(rows), **response(rows), **satisfaction(rows)}
    found = {**found, **scores(rows), **orders(lines), **surveys(answers)}
    return {name: found[name] for name in CATALOGUE}


def base_sql(open_days: pa.Schema | None) -> str:
    """`interactions_base` as DuckDB SQL over tables named interactions, customers and message_signals.

    open_days: the schema of that table of features/business_hours.py, which is needed too; None for always open.
    """
    tables = {name: ibis.table(ibis.Schema.from_pyarrow(TABLES[name].schema), name=name) for name in _TABLES}
    days = None if open_days is None else ibis.table(ibis.Schema.from_pyarrow(open_days), name="open_days")
    return str(ibis.to_sql(interactions_base(tables, days), dialect="duckdb"))


@cache
def _texts() -> Mapping[str, str]:
    texts: dict[str, str] = {}
    cube = Additive()
    for name, measure in measures().items():
        over_rows = _of_rows(measure)
        texts |= {f"{name}.{part}": text for part, text in over_rows.items()}
        if isinstance(measure, Grouped):
            texts |= {**_of_groups(name, measure), **_each(name, measure, over_rows)}
        elif CATALOGUE[name].table == "interactions":
            texts |= _once(name, over_rows["value"])
        if CATALOGUE[name].table == "interactions" and (isinstance(measure, Measure) or _in_cube(measure)):
            summed = _over_cube(name, over_rows, cube)
            texts |= summed or _only(name, measure, over_rows)
    return {**texts, **{f"cube.{column}": text for text, column in cube.columns.items()}}


def _once(name: str, value: str) -> dict[str, str]:
    """The value with different customers counted by the first contact of each, where it counts them."""
    found = counted_once(sqlglot.parse_one(value, dialect="duckdb"))
    return {} if found is None else {f"{name}.once": str(found.sql(dialect="duckdb"))}


def _only(name: str, measure: Measure | Grouped, over_rows: Mapping[str, str]) -> dict[str, str]:
    found = filtered(over_rows) if isinstance(measure, Measure) else None
    return {f"{name}.only.{part}": text for part, text in (found or {}).items()}


def _over_cube(name: str, over_rows: Mapping[str, str], cube: Additive) -> dict[str, str]:
    """The same expressions over a cube; none where one of them can't be."""
    found: dict[str, str] = {}
    for part, text in over_rows.items():
        over = cube.over_cube(text)
        if over is None:
            return {}
        found[f"{name}.cube.{part}"] = over
    return found


def _of_rows(measure: Measure | Grouped) -> dict[str, str]:
    """The expressions over the rows of a base by their part of the name."""
    if isinstance(measure, Grouped):
        return {f"part.{part}": _expression(aggregate) for part, aggregate in measure.parts.items()}
    return {"value": _expression(measure.value), "count": _expression(measure.count)}


def _of_groups(name: str, measure: Grouped) -> dict[str, str]:
    texts = {f"{name}.within": " ".join(measure.within), f"{name}.value": measure.value, f"{name}.count": measure.count}
    return texts if measure.beside is None else {**texts, f"{name}.beside": measure.beside}


def _each(name: str, measure: Grouped, over_rows: Mapping[str, str]) -> dict[str, str]:
    """The parts of one row instead of a customer's; none where they say more than whether there is any."""
    if measure.within != ("customer_id",) or not measure.of_any:
        return {}
    found = filtered(over_rows)
    return (
        {}
        if found is None
        else {f"{name}.each.{part.removeprefix('part.')}": f"CAST({found['where']} AS INTEGER)" for part in over_rows}
    )


def _in_cube(measure: Grouped) -> bool:
    """Every cube knows the channel and the month."""
    return set(measure.within) <= {"channel", "month"}


def _expression(aggregate: ibis.Value) -> str:
    """The SQL of one aggregate alone, its columns unqualified."""
    statement = sqlglot.parse_one(str(ibis.to_sql(aggregate.name("figure"), dialect="duckdb")), dialect="duckdb")
    if (
        not isinstance(statement, expressions.Select)
        or len(statement.selects) != 1
        or statement.find(expressions.Subquery) is not None
    ):
        raise ValueError("a statistic must be one aggregate over the rows of its base")
    for column in statement.find_all(expressions.Column):
        column.set("table", None)
    return str(simplified(statement.selects[0].unalias()).sql(dialect="duckdb"))
