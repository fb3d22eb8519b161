"""Missing values filled as mappings declare it, from what was known before the cutoff; the lake keeps them missing.

`mean`, `median`, `min`, `max` are those of the same source's known values in the observation window (of customers: as
known at the cutoff), of everybody who may be profiled; `previous` is the customer's own last known value before the
row. Where none is known, the value stays missing. What a source really said stays beside a filled column, as
COLUMN_given: means, sums and shares use what was filled in, counts and the latest rating only what was said.

A mean or median is rounded to what its column can hold (milliseconds, 0.0001 of money or of a rating): exact decimals
that sum to the same bits in any order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import ibis

from features.aggregates import sum_where
from interactions.sources.raw import mapping_of
from interactions.sources.targets import fillable

if TYPE_CHECKING:
    from features.history import History

# The source of rows that come in by request.
REQUEST = "request"

_RATING, _MS, _MONEY = ("decimal(9, 4)", 4), ("int64", 0), ("decimal(18, 4)", 4)
# Type and digits after the point of a filled number; words stay as they are.
_NUMBERS = {
    ("customers", "income"): _MONEY,
    ("interactions", "wait_ms"): _MS,
    ("interactions", "satisfaction"): _RATING,
    ("orders", "amount"): _MONEY,
    ("surveys", "importance"): _RATING,
    ("surveys", "satisfaction"): _RATING,
}


@dataclass(frozen=True)
class Fill:
    """How one source's missing values of a column are filled; `value` is what is put there, known once measured."""

    table: str
    column: str
    source: str
    method: str
    value: Decimal | None = None


Fills = tuple[Fill, ...]


def declared(raw: Path) -> Fills:
    """The fills that the mappings in force declare; `raw` is the workspace's folder of received files."""
    found = []
    for source, table in _collected(raw):
        mapping = mapping_of(raw, source, table)
        methods = mapping.fills if mapping is not None else {}
        # A mapping that an older Rapport stored may fill what no feature reads.
        found += [
            Fill(table, column, source, method)
            for column, method in sorted(methods.items())
            if column in fillable(table)
        ]
    return tuple(found)


def for_requests(fills: Fills, raw: Path) -> Fills:
    """The fills, and those for rows that come in by request: a table's only source speaks for them, too.

    Of several sources none does; a row of a request then names its own.
    """
    tables = [table for _, table in _collected(raw)]
    alone = [fill for fill in fills if tables.count(fill.table) == 1 and fill.source != REQUEST]
    return (*fills, *(replace(fill, source=REQUEST) for fill in alone))


def measured(history: History, fills: Fills) -> Fills:
    """The fills with their values; `history` is that of the same fills without them."""
    wanted = dict.fromkeys((fill.table, fill.column) for fill in fills if fill.method != "previous")
    figures = {(*one, row["source"]): row for one in wanted for row in _figures(history, *one)}
    return tuple(_with_value(fill, figures.get((fill.table, fill.column, fill.source))) for fill in fills)


def filled(rows: ibis.Table, table: str, order: Sequence[str], fills: Fills) -> ibis.Table:
    """Rows of a table (with `source`) with their missing values filled and COLUMN_given beside them.

    `order` is that of a customer's rows, by which one comes before another.
    """
    for column in dict.fromkeys(fill.column for fill in fills if fill.table == table):
        ours = [fill for fill in fills if (fill.table, fill.column) == (table, column)]
        rows = _filled(rows, column, order, ours)
    return rows


def beside(fills: Fills, table: str, given: bool = False) -> tuple[str, ...]:
    """Columns that rows of a table carry for their fills: `source`, and COLUMN_given once they are filled."""
    columns = dict.fromkeys(fill.column for fill in fills if fill.table == table)
    return ("source", *(f"{column}_given" for column in columns if given)) if columns else ()


def said(rows: ibis.Table, column: str) -> Any:
    """A column as its source gave it, whether or not it was filled."""
    return rows[f"{column}_given"] if f"{column}_given" in rows.columns else rows[column]


def total(numbers: Any, where: Any) -> Any:
    """The exact sum of whole numbers or decimals, ready to be divided once."""
    found = sum_where(numbers, where)
    return found.cast("float64") if numbers.type().is_decimal() else found


def _collected(raw: Path) -> list[tuple[str, str]]:
    """(source, table) of every mapping in force."""
    return sorted((unquote(path.parent.parent.name), path.parent.name) for path in raw.glob("*/*/mapping.json"))


def _filled(rows: ibis.Table, column: str, order: Sequence[str], fills: Sequence[Fill]) -> ibis.Table:
    type_ = _NUMBERS.get((fills[0].table, column), ("string", 0))[0]
    branches = [(rows.source == one.source, ibis.literal(one.value, type_)) for one in fills if one.value is not None]
    backward = [fill.source for fill in fills if fill.method == "previous"]
    if backward:
        # A run is a known value and the missing ones after it: its greatest value is the known one.
        by_time = ibis.cumulative_window(group_by="customer_id", order_by=list(order))
        rows = rows.mutate(run=rows[column].count().over(by_time))
        before = rows[column].max().over(ibis.window(group_by=["customer_id", "run"]))
        branches.append((rows.source.isin(backward), before.cast(type_)))
    given = rows[column]
    put_in = [ibis.cases(*branches)] if branches else []
    rows = rows.mutate(**{column: ibis.coalesce(given.cast(type_), *put_in), f"{column}_given": given})
    return rows.drop("run") if backward else rows


def _figures(history: History, table: str, column: str) -> list[dict[str, Any]]:
    """Of each source's known values: source, count, sum, min, max and the two in the middle."""
    rows = getattr(history, table)
    if "is_observed" in rows.columns:
        rows = rows.filter(rows.is_observed)
    known = rows.select("source", value=said(rows, column))
    known = known.filter(known.value.notnull())
    whole = ibis.window(group_by="source")
    in_order = ibis.row_number().over(group_by="source", order_by="value")
    known = known.mutate(place=in_order, values=known.count().over(whole))
    figures = known.group_by("source").aggregate(
        count=known.count(),
        sum=known.value.sum(),
        min=known.value.min(),
        max=known.value.max(),
        lower=known.value.max(where=known.place == (known["values"] - 1) // 2),
        upper=known.value.max(where=known.place == known["values"] // 2),
    )
    found: list[dict[str, Any]] = figures.to_pyarrow().to_pylist()
    return found


def _with_value(fill: Fill, figures: Mapping[str, Any] | None) -> Fill:
    if figures is None or fill.method == "previous":
        return fill
    if fill.method == "mean":
        exact = Fraction(figures["sum"]) / figures["count"]
    elif fill.method == "median":
        exact = (Fraction(figures["lower"]) + Fraction(figures["upper"])) / 2
    else:
        exact = Fraction(figures[fill.method])
    digits = _NUMBERS[fill.table, fill.column][1]
    return replace(fill, value=Decimal(round(exact * 10**digits)).scaleb(-digits))
