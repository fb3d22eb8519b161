"""Files that are mapped as they lie: the same rows give the same bytes, however they come."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from serving import arrow_files
from serving.arrow_files import mapped, write_stream, write_table


@pytest.fixture
def rows() -> pa.Table:
    numbers = np.arange(2500)
    known = numbers % 7 > 0
    return pa.table(
        {
            "number": pa.array(numbers, mask=~known),
            "text": pa.array([f"row {number}" if number % 5 else None for number in numbers]),
            "flag": pa.array(numbers % 2 == 0),
        }
    )


def _in_pieces(rows: pa.Table, length: int) -> pa.RecordBatchReader:
    return pa.RecordBatchReader.from_batches(rows.schema, rows.to_batches(max_chunksize=length))


def test_a_stream_is_written_in_pieces_of_one_length(
    rows: pa.Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrow_files, "ROWS_A_BATCH", 1000)
    write_stream(tmp_path / "rows.arrow", _in_pieces(rows, 333))
    found = mapped(tmp_path / "rows.arrow")
    assert found.equals(rows)
    assert [chunk.num_rows for chunk in found.to_batches()] == [1000, 1000, 500]


def test_how_rows_come_makes_no_difference(rows: pa.Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow_files, "ROWS_A_BATCH", 1000)
    # The same rows with other bytes under their nulls.
    hidden = pa.array(np.where(np.arange(2500) % 7 > 0, np.arange(2500), -1), mask=np.arange(2500) % 7 == 0)
    for number, (given, length) in enumerate(((rows, 2500), (rows, 7), (rows.set_column(0, "number", hidden), 1024))):
        write_stream(tmp_path / str(number), _in_pieces(given, length))
    contents = {(tmp_path / str(number)).read_bytes() for number in range(3)}
    assert len(contents) == 1


def test_a_table_lies_in_one_piece(rows: pa.Table, tmp_path: Path) -> None:
    described = pa.concat_tables([rows, rows]).replace_schema_metadata({"by": "whom"})
    write_table(tmp_path / "rows.arrow", described)
    found = mapped(tmp_path / "rows.arrow")
    assert found.equals(described)
    assert found.schema.metadata is None
    assert len(found.to_batches()) == 1


def test_no_rows(rows: pa.Table, tmp_path: Path) -> None:
    write_stream(tmp_path / "stream.arrow", _in_pieces(rows.slice(0, 0), 10))
    write_table(tmp_path / "table.arrow", rows.slice(0, 0))
    for name in ("stream.arrow", "table.arrow"):
        assert mapped(tmp_path / name).equals(rows.slice(0, 0))
