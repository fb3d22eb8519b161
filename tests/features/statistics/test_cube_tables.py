"""Which cubes are made of which rows, and that their cells are sums of these."""

import pandas as pd
import pyarrow as pa
import pytest

from features.statistics import cube_tables as made_of
from features.statistics.catalogue import STORED_DIMENSIONS
from features.statistics.cube_tables import cube_tables
from workspace.engine import locked_down


def test_a_cube_for_the_channel_with_each_other_dimension(cubed: dict[str, pa.Table], frames) -> None:
    others = [name for name in STORED_DIMENSIONS if name != "channel"]
    assert list(cubed) == ["cube-hour-channel", *(f"cube-hour-channel-{name}" for name in others)]
    table = cubed["cube-hour-channel-owner"].to_pandas()
    assert list(table.columns[:3]) == ["at_us", "channel", "owner"]
    rows = frames["interactions"]
    rows = rows[rows.is_automated.ne(True)]
    cells = rows.groupby([rows.occurred_at.dt.floor("h"), "channel", "owner"], dropna=False).size()
    found = (
        table.assign(at=pd.to_datetime(table.at_us, unit="us", utc=True)).set_index(["at", "channel", "owner"]).sum_0
    )
    assert found[found > 0].sort_index().tolist() == cells.sort_index().tolist()
    assert (table.at_us % 3_600_000_000 == 0).all()
    # Counts of an hour are small.
    assert cubed["cube-hour-channel-owner"].schema.field("sum_0").type == pa.int16()


def test_the_cube_of_channels_alone_is_summed_from_a_finer_one(
    bases: dict[str, pa.Table], cubed: dict[str, pa.Table], sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(made_of, "SMALL_CELLS", 20_000)
    # Made from the rows it must be the same, sums without a row among them null, counts 0.
    monkeypatch.setattr(made_of, "_finer", lambda _cube, _made: None)
    with locked_down() as connection:
        connection.register("interactions", bases["interactions"])
        from_rows = cube_tables(connection, sql)["cube-hour-channel"]
    assert from_rows.equals(cubed["cube-hour-channel"])
    assert any(from_rows[name].null_count for name in from_rows.column_names if name.startswith("sum_"))


def test_a_cube_is_summed_where_there_is_a_finer_one(bases, sql, monkeypatch: pytest.MonkeyPatch) -> None:
    summed: list[str] = []
    monkeypatch.setattr(made_of, "SMALL_CELLS", 20_000)
    monkeypatch.setattr(made_of, "_summed", lambda _, cube, finer: summed.append(cube.name) or finer)
    with locked_down() as connection:
        connection.register("interactions", bases["interactions"])
        cube_tables(connection, sql)
    assert summed == ["cube-hour-channel"]


def test_the_same_rows_give_the_same_bytes(
    cubed: dict[str, pa.Table], bases: dict[str, pa.Table], sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(made_of, "SMALL_CELLS", 20_000)
    with locked_down(threads=2) as connection:
        connection.register("interactions", bases["interactions"])
        again = cube_tables(connection, sql)
    assert list(again) == list(cubed)
    assert all(again[name].equals(table) for name, table in cubed.items())


def test_too_many_cells_become_days_and_then_nothing(
    bases: dict[str, pa.Table], sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(made_of, "ROWS_A_CELL", 1)
    monkeypatch.setattr(made_of, "SMALL_CELLS", 0)
    with locked_down() as connection:
        connection.register("interactions", bases["interactions"].slice(0, 1500))
        found = cube_tables(connection, sql)
        assert all(table.num_rows <= 1.1 * 1500 for table in found.values())
        monkeypatch.setattr(made_of, "ROWS_A_CELL", 2)
        fewer = cube_tables(connection, sql)
        monkeypatch.setattr(made_of, "ROWS_A_CELL", 1_000_000)
        assert cube_tables(connection, sql) == {}
    assert all(table.num_rows <= 1.1 * 750 for table in fewer.values())
    assert {name.split("-")[1] for name in fewer} == {"day"}


def test_no_rows_no_cubes(bases: dict[str, pa.Table], sql) -> None:
    with locked_down() as connection:
        connection.register("interactions", bases["interactions"].slice(0, 0))
        assert cube_tables(connection, sql) == {}
