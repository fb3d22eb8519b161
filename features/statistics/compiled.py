"""Every statistic compiled once into SQL, so that a service worker needs no Ibis."""

from __future__ import annotations

import ibis
import sqlglot
from sqlglot import expressions

from features.statistics.base import interactions_base, orders_base
from features.statistics.catalogue import CATALOGUE
from features.statistics.contacts import contacts
from features.statistics.measure import Measure
from features.statistics.orders import orders
from features.statistics.response import response
from features.statistics.satisfaction import satisfaction
from features.statistics.service import service
from workspace.settings import Settings
from workspace.tables import TABLES


def compiled(settings: Settings) -> dict[str, str]:
    """What `figure` needs besides the data: NAME.value and NAME.count of each statistic as DuckDB expressions over the
    columns of its base, and the company's timezone and week_start.
    """
    texts = {"timezone": settings.company.timezone, "week_start": settings.company.week_start}
    for name, measure in measures().items():
        texts[f"{name}.value"] = _expression(measure.value)
        texts[f"{name}.count"] = _expression(measure.count)
    return texts


def measures() -> dict[str, Measure]:
    """The definition of every statistic of the catalogue, over tables named interactions and orders."""
    tables = {name: ibis.table(ibis.Schema.from_pyarrow(TABLES[name].schema), name=name) for name in _TABLES}
    interactions = interactions_base(tables).schema()
    rows = ibis.table(interactions, name="interactions")
    lines = ibis.table(orders_base(tables).schema(), name="orders")
    found = {**contacts(rows), **service(rows), **response(rows), **satisfaction(rows), **orders(lines)}
    return {name: found[name] for name in CATALOGUE}


_TABLES = ("customers", "interactions", "orders")


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
    return str(statement.selects[0].unalias().sql(dialect="duckdb"))
