"""Feature tables computed once a cutoff, kept in files and mapped when asked for: many don't fit in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from features.windows import Window, micros_of

# Rows of a batch: a filter takes what it keeps out of one after the other.
_ROWS = 100_000


@dataclass(frozen=True)
class KeptFeatures:
    """Tables in a folder of the workspace's, there for as long as its owner wants them."""

    folder: Path

    def at(self, window: Window, compute: Callable[[], pa.Table]) -> pa.Table:
        """The table of a window, computed at its first call; its columns stay in the file."""
        if window.cutoff is None:
            raise ValueError("features are kept by their cutoff")
        lengths = (window.observation_days, window.active_days, window.event)
        file = self.folder / f"{micros_of(window.cutoff)}-{'-'.join(map(str, lengths))}.arrow"
        if not file.exists():
            _write(file, compute())
        with pa.ipc.open_file(pa.memory_map(str(file))) as reader:
            return reader.read_all()


def _write(file: Path, table: pa.Table) -> None:
    unfinished = file.with_suffix(".new")
    with unfinished.open("wb") as handle, pa.ipc.new_file(handle, table.schema) as writer:
        writer.write_table(table, _ROWS)
    unfinished.rename(file)
