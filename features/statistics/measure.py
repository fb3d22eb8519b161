"""What the definition of a statistic consists of."""

from collections.abc import Mapping
from dataclasses import dataclass

import ibis


@dataclass(frozen=True)
class Measure:
    """Two aggregates over the rows of a base: the figure, and the number of rows it rests on."""

    value: ibis.Value
    count: ibis.Value


@dataclass(frozen=True)
class Grouped:
    """A figure in two steps: `parts`, aggregates over each group of rows, then SQL over the groups of what is asked.

    within: what makes a group, columns of the base or "month". value, count: DuckDB aggregates over the parts by name.
    beside: a table joined to the groups by the columns of `within`, whose columns value and count may use too.
    of_any: whether value and count ask of the parts, counts of rows, only whether they are above 0.
    """

    within: tuple[str, ...]
    parts: Mapping[str, ibis.Value]
    value: str
    count: str
    beside: str | None = None
    of_any: bool = False


def mean(amounts: ibis.Value, where: ibis.Value, unit: int) -> Measure:
    """Mean of whole amounts, in units of `unit`: summed exactly, divided once."""
    counted = where & amounts.notnull()
    count = amounts.count(where=counted)
    return Measure(amounts.sum(where=counted) / (count.nullif(0) * unit), count)


def quantile(amounts: ibis.Value, where: ibis.Value, unit: int, at: float = 0.5) -> Measure:
    """A quantile of whole amounts, in units of `unit`; between two amounts it is interpolated."""
    counted = where & amounts.notnull()
    return Measure(amounts.quantile(at, where=counted) / unit, amounts.count(where=counted))


def share(part: ibis.Value, whole: ibis.Value) -> Measure:
    """Rows that are `part` of the rows that are `whole`; null when there are none."""
    count = whole.count(where=whole)
    return Measure(whole.count(where=whole & part) / count.nullif(0), count)
