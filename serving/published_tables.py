"""The tables of a published version: latest versions of every row, the last scoring, all sorted by key.

Contacts, orders and surveys carry the owner, region, city, country and segment of their customer: the base of the
statistics, which also has the customers' values and the cubes.
Rows keep the customer_id of their source; `persons` says who is known under another id too, as known at the cutoff.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from serving.statistics_tables import bases, cubes, customer_values
from workspace.engine import connect, lake_tables
from workspace.errors import NotEnoughHistoryError, PublishedError
from workspace.folder import Workspace
from workspace.tables import INTEGER, PROVENANCE, TABLES, TEXT, TIMESTAMP

_BASES = ("customers", "interactions", "message_signals", "orders", "surveys")
_ORDER = {
    "customers": ("customer_id",),
    "interactions": ("customer_id", "occurred_at", "interaction_id"),
    "orders": ("customer_id", "ordered_at", "order_line_id"),
    "surveys": ("customer_id", "answered_at", "response_id"),
    "message_signals": ("interaction_id",),
    "customer_features": ("customer_id",),
    "customer_scores": ("customer_id",),
    "segment_profiles": ("segment_id",),
    "volume_forecast": ("channel", "period_start"),
    "volume": ("channel", "period_start"),
    "persons": ("customer_id",),
    "customer_values": ("customer_id",),
}
_NO_VOLUME = pa.schema(
    [("period_start", TIMESTAMP), ("period_local", pa.timestamp("us")), ("channel", TEXT), ("count", INTEGER)]
)

_NO_PERSONS = pa.schema([("customer_id", TEXT), ("person_id", TEXT)])


def published_tables(workspace: Workspace) -> tuple[dict[str, pa.Table], datetime]:
    """Every table of the version by name, and its cutoff (aware, UTC): that of the last scoring.

    Raises PublishedError when nobody was scored.
    """
    scored = workspace.lake.read("customer_scores")
    if len(scored) == 0:
        raise PublishedError("Nobody is scored yet. Run `rapport train` and `rapport score`, then publish.")
    cutoff = pc.max(scored["cutoff"])
    scores = scored.filter(pc.equal(scored["cutoff"], cutoff))
    tables = {
        **_clean(workspace),
        "persons": _persons(workspace, cutoff.as_py()),
        "customer_scores": scores,
        "customer_features": _at(workspace, "customer_features", cutoff),
        "segment_profiles": _at(workspace, "segment_profiles", cutoff),
        "volume_forecast": _upcoming(workspace, cutoff.as_py()),
        "volume": _volume(workspace, cutoff.as_py()),
    }
    tables["customers"] = _everybody(tables)
    for name in ("interactions", "orders", "surveys"):
        tables[name] = _with_segment(tables[name], scores, tables["persons"])
    tables["customer_values"] = customer_values(workspace, tables)
    tables = {name: _sorted(table, _ORDER[name]) for name, table in tables.items()}
    return {**tables, **cubes(workspace, tables["interactions"])}, cutoff.as_py()


def _clean(workspace: Workspace) -> dict[str, pa.Table]:
    from features.versions import latest

    backend = connect(workspace.settings.limits, str(workspace.temp))
    try:
        lake = lake_tables(backend, workspace.lake, _BASES)
        rows = bases(backend, lake, workspace.settings.company)
        for name in ("customers", "message_signals"):
            rows[name] = latest(lake[name], TABLES[name].key)
        found = {name: table.to_pyarrow() for name, table in rows.items()}
    finally:
        backend.disconnect()
    return {name: _without_provenance(table) for name, table in found.items()}


def _persons(workspace: Workspace, cutoff: datetime) -> pa.Table:
    """customer_id, person_id of everybody known under another id too."""
    from features.identity import persons, with_links
    from features.windows import Window

    backend = connect(workspace.settings.limits, str(workspace.temp))
    try:
        found = persons(with_links(backend, workspace.lake, ()), Window(cutoff))
        return _NO_PERSONS.empty_table() if found is None else found.to_pyarrow().cast(_NO_PERSONS)
    finally:
        backend.disconnect()


def _without_provenance(table: pa.Table) -> pa.Table:
    described = {column.name for column in PROVENANCE}
    return table.select([name for name in table.column_names if name not in described])


def _everybody(tables: dict[str, pa.Table]) -> pa.Table:
    """The customers, with an empty row for those whom only contacts, orders or surveys name."""
    described = tables["customers"]
    named = pa.chunked_array(
        [chunk for name in ("interactions", "orders", "surveys") for chunk in tables[name]["customer_id"].chunks],
        pa.string(),
    )
    named = named.drop_null().unique()
    missing = named.filter(pc.invert(pc.is_in(named, value_set=described["customer_id"].combine_chunks())))
    columns = [
        missing if field.name == "customer_id" else pa.nulls(len(missing), field.type) for field in described.schema
    ]
    return pa.concat_tables([described, pa.Table.from_arrays(columns, schema=described.schema)])


def _with_segment(rows: pa.Table, scores: pa.Table, persons: pa.Table) -> pa.Table:
    """Rows with the segment that the person their customer is is in now."""
    linked = pc.index_in(rows["customer_id"], value_set=persons["customer_id"].combine_chunks())
    people = pc.coalesce(pc.take(persons["person_id"].combine_chunks(), linked), rows["customer_id"])
    found = pc.index_in(people, value_set=scores["customer_id"].combine_chunks())
    at = rows.schema.get_field_index("segment_id")
    return rows.set_column(at, "segment_id", pc.take(scores["segment_id"].combine_chunks(), found))


def _at(workspace: Workspace, name: str, cutoff: pa.Scalar) -> pa.Table:
    table = workspace.lake.read(name)
    return table.filter(pc.equal(table["cutoff"], cutoff))


def _upcoming(workspace: Workspace, cutoff: datetime) -> pa.Table:
    """The forecast from the cutoff on."""
    table = workspace.lake.read("volume_forecast")
    return table.filter(pc.greater_equal(table["period_start"], pa.scalar(cutoff, table["period_start"].type)))


def _volume(workspace: Workspace, cutoff: datetime) -> pa.Table:
    from features.volume import volume

    try:
        return volume(workspace, cutoff, "day").select(_NO_VOLUME.names)
    except NotEnoughHistoryError:
        # A company that keeps orders alone has no contacts to count.
        return _NO_VOLUME.empty_table()


def _sorted(table: pa.Table, keys: Sequence[str]) -> pa.Table:
    """Sorted by key in one piece; rows without a customer last."""
    order = pc.sort_indices(table, sort_keys=[(key, "ascending") for key in keys])
    return table.combine_chunks().take(order)
