"""Feature tables are computed once a window and read back as they were, wherever they are kept."""

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from features.windows import Window
from training.kept_features import KeptFeatures
from workspace.tables import CUSTOMER_FEATURES

CUTOFF = datetime(2026, 8, 1, tzinfo=UTC)


def table(rows: int) -> pa.Table:
    columns = [pa.nulls(rows, field.type) for field in CUSTOMER_FEATURES.schema]
    columns[0] = pa.array([f"c{number:06}" for number in range(rows)], pa.string())
    return pa.table(columns, CUSTOMER_FEATURES.schema)


@pytest.mark.parametrize("rows", [0, 3, 250_000])
def test_a_table_comes_back_as_it_was_and_is_computed_once(tmp_path: Path, rows: int) -> None:
    kept, asked = KeptFeatures(tmp_path), []

    def compute() -> pa.Table:
        asked.append(rows)
        return table(rows)

    window = Window(CUTOFF)
    found = [kept.at(window, compute), KeptFeatures(tmp_path).at(window, compute)]
    assert asked == [rows]
    for one in found:
        assert one.schema.equals(CUSTOMER_FEATURES.schema)
        assert one.equals(table(rows))


def test_every_window_has_its_own(tmp_path: Path) -> None:
    kept = KeptFeatures(tmp_path)
    windows = [Window(CUTOFF), Window(CUTOFF, 300), Window(CUTOFF, 365, 60), Window(CUTOFF, event="orders")]
    for rows, window in enumerate(windows):
        kept.at(window, lambda rows=rows: table(rows))
    # Were one computed again, it would have nine rows.
    assert [kept.at(window, lambda: table(9)).num_rows for window in windows] == [0, 1, 2, 3]


def test_what_broke_off_is_computed_again(tmp_path: Path) -> None:
    kept = KeptFeatures(tmp_path)

    def broken() -> pa.Table:
        raise MemoryError

    with pytest.raises(MemoryError):
        kept.at(Window(CUTOFF), broken)
    assert kept.at(Window(CUTOFF), lambda: table(2)).num_rows == 2


def test_a_window_without_a_cutoff_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cutoff"):
        KeptFeatures(tmp_path).at(Window(None), lambda: table(0))
