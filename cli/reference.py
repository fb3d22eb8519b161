"""The reference pages of docs/, rendered from what the program itself goes by: `make docs`, or python -m cli.reference.

A test renders them anew and compares, so that they can't say anything else than the program does.
"""

import sys
import textwrap
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pyarrow as pa

from features.statistics.catalogue import CATALOGUE, COMPARISONS, GRAINS
from features.statistics.statistic import Statistic
from workspace.feature_columns import CONCEPTS, WORDS
from workspace.tables import CUSTOMER_FEATURES, PROVENANCE, TABLES, Column, Table

_MADE = "*Rendered by `make docs`: change what the program says, not this page.*"
_TYPES = {"string": "text", "int64": "integer", "double": "number", "bool": "true or false"}


def main(folder: Path) -> None:
    """Write every page of PAGES into the folder."""
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")


def features_page() -> str:
    """The customer features: name, type, unit, meaning and formula, concept by concept."""
    parts = [
        "# Customer features",
        _MADE,
        f"One row a customer and cutoff in `{CUSTOMER_FEATURES.name}`, for everybody with an event before the cutoff "
        "who may be profiled. Only what was known before the cutoff counts: of several versions of a row the latest "
        "one known then; an answer, resolution or rating of its own time or later than the cutoff is unknown. Null: "
        "there is nothing to compute it from; a mean over nothing and a division by 0 are null. Where a mapping "
        "fills in missing values, means, sums and shares use them, counts and the latest rating do not.",
        "## Words of the formulas",
        _table(("word", "meaning"), WORDS.items()),
    ]
    for concept, columns in CONCEPTS.items():
        parts += [f"## {concept}", f"`features/customer/{concept}.py`", _features(columns)]
    return _page(parts)


def statistics_page() -> str:
    """The catalogue of statistics: name, definition, unit and exclusions, with the dimensions of each base table."""
    parts = [
        "# Statistics",
        _MADE,
        f"{len(CATALOGUE)} figures, each defined once: `GET /api/v1/statistics/NAME`, cards, charts and exports "
        f"compute the same. Grains: {', '.join(GRAINS)}. Compared with: {', '.join(COMPARISONS)}. `better` says which "
        "direction is good news, where one is.",
    ]
    for base in dict.fromkeys(statistic.table for statistic in CATALOGUE.values()):
        found = [statistic for statistic in CATALOGUE.values() if statistic.table == base]
        parts += [f"## From {base}", f"Dimensions: {', '.join(found[0].dimensions)}.", _statistics(found)]
    return _page(parts)


def tables_page() -> str:
    """Every table with its key and columns; the features have a page of their own."""
    parts = [
        "# Tables",
        _MADE,
        "Times are UTC in microseconds. Durations are whole milliseconds, money has four decimals and the company's "
        "currency. Unknown is null, never an empty text or 0. *Personal*: identifies a person; analysts don't see "
        "it, and it is in no log.",
        "## Where a row came from",
        "The last columns of every collected table, called *provenance* below.",
        _columns(PROVENANCE),
    ]
    for table in TABLES.values():
        parts += [f"## {table.name}", f"{table.meaning} {_key(table)}", _columns(_own(table))]
    return _page(parts)


PAGES: dict[str, Callable[[], str]] = {
    "features.md": features_page,
    "statistics.md": statistics_page,
    "tables.md": tables_page,
}


def _features(columns: Iterable[Column]) -> str:
    rows = ((f"`{one.name}`", _type(one.type), one.unit, one.meaning, one.formula) for one in columns)
    return _table(("feature", "type", "unit", "meaning", "formula"), rows)


def _statistics(found: Iterable[Statistic]) -> str:
    rows = (
        (f"`{one.name}`", f"{one.title_en} {one.title_zh}", one.unit, one.definition, one.exclusions, one.better or "")
        for one in found
    )
    return _table(("figure", "title", "unit", "definition", "left out", "better"), rows)


def _columns(columns: Iterable[Column]) -> str:
    rows = (
        (f"`{one.name}`", _type(one.type), one.unit, "personal" if one.personal else "", one.meaning) for one in columns
    )
    return _table(("column", "type", "unit", "personal", "meaning"), rows)


def _own(table: Table) -> Sequence[Column]:
    """The columns that are told at the table: neither provenance nor, of the features, what has a page of its own."""
    told = {column.name for columns in CONCEPTS.values() for column in columns} if table is CUSTOMER_FEATURES else ()
    whole = table.columns[-len(PROVENANCE) :] == PROVENANCE
    return [column for column in table.columns if column.name not in told and not (whole and column in PROVENANCE)]


def _key(table: Table) -> str:
    key = f"Key: {', '.join(f'`{name}`' for name in table.key)}."
    if table is CUSTOMER_FEATURES:
        return f"{key} Its features: [features.md](features.md)."
    return f"{key} With provenance." if table.columns[-len(PROVENANCE) :] == PROVENANCE else key


def _type(type_: pa.DataType) -> str:
    if pa.types.is_decimal(type_):
        return "money"
    return "time" if pa.types.is_timestamp(type_) else _TYPES[str(type_)]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def _page(parts: Iterable[str]) -> str:
    return "\n\n".join(_wrapped(part) for part in parts) + "\n"


def _wrapped(part: str) -> str:
    """A paragraph in lines of one length; headings and tables as they are."""
    return part if part.startswith(("#", "|")) else textwrap.fill(part, 120, break_on_hyphens=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs"))
