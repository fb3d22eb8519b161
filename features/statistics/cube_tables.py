"""The cubes of a published version, made once from its rows by DuckDB."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

import pyarrow as pa
import pyarrow.compute as pc

from features.statistics.catalogue import STORED_DIMENSIONS
from features.statistics.cube import Cube, cube_named, has_whole_hours
from features.statistics.periods import local

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# A cube with more cells than a twentieth of the rows saves little: its cells are days then, or it isn't made.
ROWS_A_CELL = 20
SMALL_CELLS = 5_000

_DIMENSIONS = (("channel",), *(("channel", name) for name in STORED_DIMENSIONS if name != "channel"))
_MOMENT = 'epoch_us("occurred_at")'
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def cube_tables(connection: DuckDBPyConnection, sql: Mapping[str, str]) -> dict[str, pa.Table]:
    """Every cube worth having by its name: at_us, dimensions, exact sums; sorted by these.

    connection: DuckDB with the base registered as `interactions`. sql: of `compiled`.
    Cells are hours, or days of the company where there would be too many hours, or the zone's aren't those of UTC.
    """
    rows, first, last = connection.sql(
        f'SELECT count(*), min({_MOMENT}), max({_MOMENT}) FROM "interactions"'
    ).fetchall()[0]
    if rows == 0:
        return {}
    start, end = (_EPOCH + timedelta(microseconds=at) for at in (first, last + 1))
    cells = {
        "hour": f"date_trunc('hour', make_timestamp({_MOMENT}))",
        "day": f"date_trunc('day', {local(_MOMENT, sql['timezone'], start, end)})",
    }
    grains: tuple[Literal["hour", "day"], ...] = ("hour", "day")
    if not has_whole_hours(sql["timezone"], start, end):
        grains = ("day",)
    candidates = [Cube(grain, dimensions) for dimensions in _DIMENSIONS for grain in grains]
    sizes = _sizes(connection, candidates, cells)
    allowed = max(rows // ROWS_A_CELL, SMALL_CELLS)
    chosen: dict[tuple[str, ...], Cube] = {}
    for cube, size in zip(candidates, sizes, strict=True):
        if size <= allowed:
            chosen.setdefault(cube.dimensions, cube)
    made: dict[str, pa.Table] = {}
    # The finest first, of which others are sums.
    for cube in sorted(chosen.values(), key=lambda cube: -len(cube.dimensions)):
        finer = _finer(cube, made)
        if finer is None:
            table = connection.sql(_cells(cube, cells[cube.grain], sql, "interactions")).to_arrow_table()
        else:
            table = _summed(connection, cube, finer)
        made[cube.name] = _narrow(table, {name for name in table.column_names if name.startswith("sum_")})
    return {cube.name: made[cube.name] for cube in chosen.values()}


def _sizes(connection: DuckDBPyConnection, cubes: list[Cube], cells: Mapping[str, str]) -> tuple[int, ...]:
    """About how many cells each would have; the same rows always give the same estimate."""
    counted = [
        f"approx_count_distinct(hash({', '.join((cells[cube.grain], *_quoted(cube)))}))::BIGINT" for cube in cubes
    ]
    sizes: tuple[int, ...] = connection.sql(f'SELECT {", ".join(counted)} FROM "interactions"').fetchall()[0]
    return sizes


def _cells(cube: Cube, cell: str, sql: Mapping[str, str], rows: str) -> str:
    """The cells of a cube from a table of the base's rows."""
    sums = {name.removeprefix("cube."): text for name, text in sql.items() if name.startswith("cube.")}
    columns = [f"{cell} AS cell", *_quoted(cube)]
    columns += [f'CAST({text} AS BIGINT) AS "{name}"' for name, text in sums.items()]
    keys = ", ".join(str(place + 1) for place in range(1 + len(cube.dimensions)))
    # A day's start in UTC takes a calendar, which is slow: once a cell, not once a row.
    at = f"timezone('{'UTC' if cube.grain == 'hour' else sql['timezone']}', cell)"
    text = f'SELECT {", ".join(columns)} FROM "{rows}" GROUP BY {keys}'
    return f"SELECT epoch_us({at}) AS at_us, * EXCLUDE (cell) FROM ({text}) ORDER BY {keys}"


def cells_since(cube: Cube, sql: Mapping[str, str]) -> str:
    """What a cube gains by the rows of `since` and loses with those of `replaced`, as SQL: its cells with sums to add.

    Both are tables of the base; sql: of `compiled`.
    """
    cell = f"date_trunc('hour', make_timestamp({_MOMENT}))"
    if cube.grain == "day":
        cell = f"date_trunc('day', timezone('{sql['timezone']}', \"occurred_at\"))"
    sums = [name.removeprefix("cube.") for name in sql if name.startswith("cube.")]
    keys = ["at_us", *_quoted(cube)]
    gained = [f'"{name}"' for name in sums]
    lost = [f'-"{name}" AS "{name}"' for name in sums]
    return (
        f"SELECT {', '.join(keys + gained)} FROM ({_cells(cube, cell, sql, 'since')}) UNION ALL "
        f"SELECT {', '.join(keys + lost)} FROM ({_cells(cube, cell, sql, 'replaced')})"
    )


def _finer(cube: Cube, made: Mapping[str, pa.Table]) -> pa.Table | None:
    """The smallest of the cubes made that has the same cells, split further; None where there is none."""
    split = [
        table
        for name, table in made.items()
        if (finer := cube_named(name)) is not None
        and finer.grain == cube.grain
        and set(finer.dimensions) > set(cube.dimensions)
    ]
    return min(split, key=len, default=None)


def _summed(connection: DuckDBPyConnection, cube: Cube, finer: pa.Table) -> pa.Table:
    """A cube of a finer one's cells: sums of sums, the very numbers that the rows would give."""
    keys = ["at_us", *_quoted(cube)]
    sums = [f'CAST(SUM("{name}") AS BIGINT) AS "{name}"' for name in finer.column_names if name.startswith("sum_")]
    connection.register("finer", finer)
    found = connection.sql(f"SELECT {', '.join([*keys, *sums])} FROM finer GROUP BY ALL ORDER BY {', '.join(keys)}")
    table = found.to_arrow_table()
    connection.unregister("finer")
    return table


def _narrow(table: pa.Table, sums: set[str]) -> pa.Table:
    """Every sum in as few bytes as its largest value needs: most are small counts."""
    columns = [_fitted(table[name]) if name in sums else table[name] for name in table.column_names]
    return pa.table(columns, names=table.column_names)


def _fitted(column: pa.ChunkedArray) -> pa.ChunkedArray:
    largest = pc.max(pc.abs(column)).as_py() or 0
    for bits, type_ in ((15, pa.int16()), (31, pa.int32())):
        if largest < 2**bits:
            return column.cast(type_)
    return column


def _quoted(cube: Cube) -> list[str]:
    return [f'"{name}"' for name in cube.dimensions]
