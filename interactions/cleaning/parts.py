"""The rows of a raw file judged in parts, as many side by side as there are cores, each in the order of its rows."""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from interactions.cleaning.columns import constants
from interactions.cleaning.duplicates import FIRST, STATE
from interactions.cleaning.layers import Layers
from interactions.cleaning.received import Received
from interactions.cleaning.rows import REASONS, REPAIR
from interactions.cleaning.versions import known_at
from interactions.sources.batches import BROKEN, ROW
from interactions.sources.mapping import Resolved
from interactions.sources.raw import RawFile
from workspace.tables import QUARANTINE, TABLES

if TYPE_CHECKING:
    import ibis.expr.types as ir

Taken = TypeVar("Taken")
_REFUSED = "refused rows"


@dataclass(frozen=True)
class Part:
    """What some rows came to: rows for the file's table and for quarantine, both by source_row, rows by outcome and
    kept rows by repair."""

    kept: pa.Table
    refused: pa.Table
    states: Counter[str]
    repairs: Counter[str]


class Judge:
    """Makes parts of a file's judged rows, which the view "received" decides.

    `judged`: the rows with STATE and FIRST, of the columns that rules make.
    """

    def __init__(self, layers: Layers, file: RawFile, resolved: Resolved, judged: ir.Table) -> None:
        self._layers = layers
        self._file = file
        self._constants = constants(resolved)
        self._judged = layers.backend.compile(self._selected(judged))
        self._quarantined = layers.backend.compile(self._as_received())

    def parts(self, source: Received, size: int, take: Callable[[int, Part], Taken]) -> Iterator[Taken]:
        """What `take` makes of each part and its number, in their order."""
        given = [self._layers.backend.compile(rows) for rows in source.parts(size)]
        if len(given) == 1:
            yield take(0, self._part(self._layers.backend.con, given[0]))
            return
        side_by_side = min(len(given), pa.cpu_count())
        connections = [self._layers.beside() for _ in range(side_by_side)]
        free = deque(connections)

        def work(number: int) -> Taken:
            connection = free.popleft()
            try:
                return take(number, self._part(connection, given[number]))
            finally:
                free.append(connection)

        with ThreadPoolExecutor(side_by_side) as pool:
            try:
                waiting: list[Future[Taken]] = [pool.submit(work, number) for number in range(len(given))]
                for one in waiting:
                    yield one.result()
            finally:
                pool.shutdown(cancel_futures=True)
                for connection in connections:
                    connection.close()

    def _selected(self, judged: ir.Table) -> ir.Table:
        file = self._file
        known = judged if "known_at" in judged.columns else judged.mutate(known_at=ibis.null("timestamp('UTC', 6)"))
        made = [name for name in TABLES[file.table].schema.names if name in judged.columns]
        flags = [name for name in judged.columns if name.startswith(REPAIR)]
        selected = known.mutate(known_at=known_at(known, file.table, file.collected_at), is_revision=~known[FIRST])
        return selected.select(*dict.fromkeys([*made, "known_at", "is_revision", STATE, REASONS, *flags]))

    def _as_received(self) -> ir.Table:
        columns = dict.fromkeys(self._file.columns, "string") | {ROW: "int64", BROKEN: "string"}
        received = ibis.table(columns, "received")
        refused = ibis.table({"refused_row": "int64", REASONS: "string"}, _REFUSED)
        joined = refused.join(received, refused.refused_row == received[ROW]).order_by("refused_row")
        return joined.select("refused_row", REASONS, BROKEN, *self._file.columns)

    def _part(self, connection: Any, received: str) -> Part:
        connection.execute(f'CREATE OR REPLACE TEMPORARY VIEW "received" AS {received}')
        rows = _in_order(connection.sql(self._judged).to_arrow_table())
        flags = [name for name in rows.column_names if name.startswith(REPAIR)]
        states = Counter({one["values"]: one["counts"] for one in pc.value_counts(rows[STATE]).to_pylist()})
        kept = rows.filter(pc.equal(rows[STATE], "kept"))
        repairs = Counter({flag.removeprefix(REPAIR): pc.sum(kept[flag]).as_py() or 0 for flag in flags})
        refused = rows.filter(pc.equal(rows[STATE], "quarantined")).select(["source_row", REASONS])
        return Part(self._complete(kept), self._refused(connection, refused), states, +repairs)

    def _complete(self, kept: pa.Table) -> pa.Table:
        """The rows in their table's schema: with what is the same for all of them."""
        schema = TABLES[self._file.table].schema
        same = {"source": self._file.source, "collected_at": self._file.collected_at}
        same |= {name: value for name, value in self._constants.items() if name != "known_at"}
        columns = [
            pa.repeat(pa.scalar(same[one.name], one.type), kept.num_rows) if one.name in same else kept[one.name]
            for one in schema
        ]
        return pa.table(dict(zip(schema.names, columns, strict=True))).cast(schema)

    def _refused(self, connection: Any, refused: pa.Table) -> pa.Table:
        """The refused rows as they were received, as JSON, with their reasons."""
        if not refused.num_rows:
            return QUARANTINE.schema.empty_table()
        connection.register(_REFUSED, refused.rename_columns(["refused_row", REASONS]))
        found = connection.sql(self._quarantined).to_arrow_table()
        connection.unregister(_REFUSED)
        columns = self._file.columns
        values = zip(*(found[name].to_pylist() for name in (BROKEN, *columns)), strict=True)
        as_json = [
            json.dumps(
                {"line": line} if line is not None else dict(zip(columns, texts, strict=True)), ensure_ascii=False
            )
            for line, *texts in values
        ]
        count = found.num_rows
        return (
            pa.table(
                {
                    "table": [self._file.table] * count,
                    "row": as_json,
                    "reasons": found[REASONS],
                    "source": [self._file.source] * count,
                    "source_row": found["refused_row"],
                    "collected_at": [self._file.collected_at] * count,
                }
            )
            .select(QUARANTINE.schema.names)
            .cast(QUARANTINE.schema)
        )


def _in_order(rows: pa.Table) -> pa.Table:
    """By source_row, as they come from one core, but not from several."""
    numbers = rows["source_row"].to_numpy()
    return rows if bool((np.diff(numbers) > 0).all()) else rows.take(np.argsort(numbers))
