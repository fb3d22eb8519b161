"""The columns of ours that a mapping can speak of: which there are, which can have a prefix, which can be filled.

A fill is made by features, from what was known at a cutoff. `keep` (the default) leaves a missing value missing.
`mean`, `median`, `min` and `max` are those of the same source's known values, `previous` is the customer's own last
known one. A column that no feature reads can't be filled: that would do nothing.
"""

from __future__ import annotations

from typing import Literal, get_args

from workspace.tables import PROVENANCE, TABLES, TEXT

ALIASES = {"duration": "duration_ms", "wait": "wait_ms"}

Method = Literal["keep", "mean", "median", "min", "max", "previous"]
METHODS: tuple[str, ...] = tuple(method for method in get_args(Method) if method != "keep")

_NUMBERS = {
    "customers": ("income",),
    "interactions": ("wait_ms", "satisfaction"),
    "orders": ("amount",),
    "surveys": ("importance", "satisfaction"),
}
_WORDS = {"interactions": ("kind", "outcome")}
# Text, but of a vocabulary.
_WORDED = ("channel", "direction", "currency")


def targets(table: str) -> tuple[str, ...]:
    """The columns of a table that a mapping can make."""
    given = {column.name for column in PROVENANCE}
    return (*(name for name in TABLES[table].column_names if name not in given), "known_at")


def plain_text(table: str) -> tuple[str, ...]:
    """Those that hold text as it was received: keys, names, words of the source."""
    texts = {column.name for column in TABLES[table].columns if column.type == TEXT}
    return tuple(name for name in targets(table) if name in texts and name not in _WORDED)


def methods_for(table: str, column: str) -> tuple[str, ...]:
    """The methods that a column can be filled by: all for a number, `previous` for a word, none for most."""
    if column in _NUMBERS.get(table, ()):
        return METHODS
    return ("previous",) if column in _WORDS.get(table, ()) else ()


def fillable(table: str) -> tuple[str, ...]:
    """The columns of a table that can be filled."""
    return (*_NUMBERS.get(table, ()), *_WORDS.get(table, ()))
