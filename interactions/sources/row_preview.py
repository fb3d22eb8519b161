"""The preview of a database's or document store's first rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from interactions.sources import raw
from interactions.sources.batches import ROW, Content, batch
from interactions.sources.collect import laid_on
from interactions.sources.layout import distinct
from interactions.sources.mapping import TableMapping
from workspace.errors import SourceError
from workspace.folder import Workspace
from workspace.source import Source

if TYPE_CHECKING:
    from interactions.cleaning.preview import Preview


def preview_dicts(
    workspace: Workspace, name: str, source: Source, mapping: TableMapping | None, rows: Sequence[Mapping[str, Any]]
) -> Preview:
    """What collecting would make of these rows.

    Raises SourceError when there are none, MappingError when the mapping doesn't fit them.
    """
    from interactions.cleaning.preview import preview_rows  # cleaning brings in Ibis
    from interactions.sources.texts import text_table

    assert source.table is not None
    if not rows:
        raise SourceError(f"[sources.{name}] has no rows yet, so that there is nothing to show.")
    table = text_table(rows, 0)
    names = distinct([column for column in table.column_names if column != ROW])
    arrays = [column.combine_chunks() for column in table.columns]
    content = Content(names, lambda: iter([batch(names, arrays[:-1], arrays[-1])]), {"format": source.type})
    used = mapping or raw.mapping_or_names(workspace.raw, name, source.table)
    laid = laid_on(used, names, name)
    return preview_rows(workspace.settings, name, content, laid)
