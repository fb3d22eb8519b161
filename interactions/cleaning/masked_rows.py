"""Personal data in the free text of rows masked, each different text looked at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa

from interactions.cleaning import masking
from interactions.cleaning.layers import Layers
from interactions.cleaning.rows import REPAIR
from interactions.sources.mapping import Resolved
from workspace.engine import arrow_tables

if TYPE_CHECKING:
    import ibis.expr.types as ir

FREE_TEXT: dict[str, tuple[str, ...]] = {"interactions": ("content", "response_content"), "surveys": ("comment",)}
_TEXT = pa.schema([("written", pa.string()), ("hidden", pa.string())])


def with_masks(layers: Layers, typed: ir.Table, resolved: Resolved) -> ir.Table:
    """The rows with their free text masked, and a repair flag for each column where any was."""
    for column in FREE_TEXT.get(resolved.mapping.table, ()):
        if column not in resolved.rules:
            continue
        pairs = _pairs(typed, column)
        if not pairs.num_rows:
            continue
        masks = layers.computed(
            f"masks {column}", arrow_tables(layers.backend, {f"hidden {column}": pairs})[f"hidden {column}"]
        )
        joined = typed.left_join(masks, typed[column] == masks.written)
        typed = joined.mutate(
            **{
                column: ibis.coalesce(joined.hidden, joined[column]),
                f"{REPAIR}{column}: personal data masked": joined.hidden.notnull(),
            }
        ).drop("written", "hidden")
    return typed


def _pairs(typed: ir.Table, column: str) -> pa.Table:
    """Texts as written and as masked, of those that hold something to mask."""
    suspects: Any = typed.filter(typed[column].re_search(masking.SUSPECT)).select(column).distinct()
    batches = []
    for batch in suspects.to_pyarrow().to_batches():
        texts = [(text, hidden) for text in batch.column(0).to_pylist() if (hidden := masking.masked(text)) != text]
        columns = [pa.array([pair[place] for pair in texts], pa.string()) for place in (0, 1)]
        batches.append(pa.RecordBatch.from_arrays(columns, schema=_TEXT))
    return pa.Table.from_batches(batches, schema=_TEXT)
