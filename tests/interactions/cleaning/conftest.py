"""One engine for tests of expressions, and texts put through one."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pytest
from ibis.backends.duckdb import Backend

from interactions.cleaning.typed import Typed
from workspace.engine import arrow_tables, connect

Evaluate = Callable[[Callable[[ir.Table], Any], Sequence[str | None]], list[dict[str, Any]]]


@pytest.fixture(scope="session")
def backend() -> Iterator[Backend]:
    backend = connect()
    yield backend
    backend.disconnect()


@pytest.fixture(scope="session")
def evaluate(backend: Backend) -> Evaluate:
    """For each text: its `value`, the reasons it is `refused` for and what was `repaired`."""

    def run(make: Callable[[ir.Table], Any], texts: Sequence[str | None]) -> list[dict[str, Any]]:
        rows = pa.table({"text": pa.array(texts, pa.string()), "n": range(len(texts))})
        table = arrow_tables(backend, {"texts": rows})["texts"]
        typed = make(table.text)
        typed = typed if isinstance(typed, Typed) else Typed(typed)
        columns = {"value": typed.value, **typed.refused, **{f"+{name}": flag for name, flag in typed.repaired.items()}}
        found = table.select("n", **columns).order_by("n").to_pyarrow().to_pylist()
        return [
            {
                "value": row["value"],
                "refused": [name for name in typed.refused if row[name]],
                "repaired": [name for name in typed.repaired if row[f"+{name}"]],
            }
            for row in found
        ]

    return run
