"""Finding a key's rows in a sorted column."""

import random

import pyarrow as pa
import pytest

from serving import positions
from serving.positions import rows_in, run_of

# Sorted by bytes; nulls last, in two pieces as a mapped file may have them.
COLUMN = pa.chunked_array([["a", "b", "b"], ["b", "c", "客户", "𝄞", None, None]])


@pytest.mark.parametrize(
    ("key", "run"),
    [("a", (0, 1)), ("b", (1, 4)), ("c", (4, 5)), ("客户", (5, 6)), ("𝄞", (6, 7)), ("", (0, 0)), ("bb", (4, 4))],
)
def test_the_run_of_a_key(key: str, run: tuple[int, int]) -> None:
    assert run_of(COLUMN, key) == run


def test_the_order_is_that_of_arrow() -> None:
    keys = ["~", "é", "客", "\ue000", "𝄞", "Z", "a"]
    by_arrow = pa.array(keys).sort().to_pylist()
    column = pa.chunked_array([by_arrow])
    assert [run_of(column, key) for key in by_arrow] == [(row, row + 1) for row in range(len(keys))]


@pytest.mark.parametrize("length", [1, 2, 3, 7, 8, 9, 64, 65, 1000])
def test_runs_of_any_length(length: int) -> None:
    keys = ["a"] * 3 + ["b"] * length + ["c"] * 2
    for last in ([], [None] * 5):
        column = pa.chunked_array([pa.array(keys[:4], pa.string()), pa.array([*keys[4:], *last], pa.string())])
        assert run_of(column, "b") == (3, 3 + length)
        assert run_of(column, "c") == (3 + length, 5 + length)
        assert run_of(column, "bb") == (3 + length, 3 + length)
    assert run_of(pa.array(["b"] * length), "b") == (0, length)


@pytest.mark.parametrize("seed", range(20))
def test_rows_of_sorted_keys(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(positions, "_KEYS", 7)
    chance = random.Random(seed)
    everything = sorted(f"{number}-客"[: chance.randint(1, 9)] + str(number) for number in range(60))
    column, keys = (
        [key for key in everything if chance.random() < share] for share in (chance.choice((0.0, 0.5, 0.9, 1.0)), 0.9)
    )
    cut = chance.randrange(len(column) + 1)
    table = pa.chunked_array([pa.array(column[:cut], pa.string()), pa.array(column[cut:], pa.string())])
    found = rows_in(pa.chunked_array([pa.array(keys, pa.string())]), table)
    assert found.tolist() == [column.index(key) if key in column else -1 for key in keys]
