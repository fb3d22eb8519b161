"""Message signals of kept interactions: one row for each contact with a text, each different text read once."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from interactions.cleaning.text import signals
from workspace.tables import MESSAGE_SIGNALS


def signals_table(interactions: pa.Table) -> pa.Table:
    """Rows of `message_signals` for rows of `interactions` (their content masked already)."""
    said = interactions.filter(pc.is_valid(interactions["content"]))
    encoded = said["content"].combine_chunks().dictionary_encode()
    found = signals(encoded.dictionary.to_pylist())
    columns = {
        name: pa.array([getattr(one, name) for one in found], MESSAGE_SIGNALS.column(name).type)
        for name in ("language", "sentiment", "words", "questions", "masked")
    }
    given = ("interaction_id", "source", "source_row", "collected_at", "known_at", "is_revision")
    return (
        pa.table(
            {
                **{name: said[name] for name in given},
                **{name: column.take(encoded.indices) for name, column in columns.items()},
            }
        )
        .select(MESSAGE_SIGNALS.schema.names)
        .cast(MESSAGE_SIGNALS.schema)
    )
