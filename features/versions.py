"""Of every key its latest version: the tables are append-only, and a later row of a known key corrects the earlier."""

from __future__ import annotations

import ibis

from features.apart import read_apart

# Last known, then last collected; ties go to the last row of the last source.
VERSION_ORDER = ("known_at", "collected_at", "source", "source_row")


def latest(rows: ibis.Table, key: tuple[str, ...]) -> ibis.Table:
    """Of every key the latest version, by VERSION_ORDER.

    Rows are compared only under keys of which one is, or may be, a later version (is_revision): nearly all are spared.
    """
    revised = read_apart(rows.filter(rows.is_revision.fill_null(True)).select(*key).distinct())
    order = [ibis.desc(name) for name in VERSION_ORDER]
    several = read_apart(rows).semi_join(revised, list(key))
    several = several.filter(ibis.row_number().over(group_by=list(key), order_by=order) == 0)
    return _without(rows, revised, key).union(several)


def _without(rows: ibis.Table, keys: ibis.Table, key: tuple[str, ...]) -> ibis.Table:
    """An anti join, written so that DuckDB still skips rows by what is asked of them after a union."""
    marks = keys.rename({f"its_{name}": name for name in key})
    joined = rows.left_join(marks, [rows[name] == marks[f"its_{name}"] for name in key])
    return joined.filter(joined[f"its_{key[0]}"].isnull()).select(rows.columns)
