"""The engine of publish: it leaves a part of `[limits] memory` to Python and to what Arrow holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from workspace.engine import connect
from workspace.folder import Workspace
from workspace.sizes import bytes_of

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend

# The engine takes all that it may have, so the rest of the process has to be left out of it: about 1.3 GB with half
# a million customers.
SHARE = 0.6


@contextmanager
def batch_engine(workspace: Workspace) -> Iterator[Backend]:
    """DuckDB with three fifths of the memory that the settings allow, and room for temporary files."""
    backend = connect(workspace.settings.limits, str(workspace.temp))
    try:
        backend.raw_sql(f"SET memory_limit = '{int(SHARE * bytes_of(workspace.settings.limits.memory))}B'")
        yield backend
    finally:
        backend.disconnect()
