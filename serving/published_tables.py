"""The tables of a published version: latest versions of every row, the last scoring, all sorted by key.

Contacts, orders and surveys carry the owner, region, city, country and segment of their customer: the base of the
statistics, which also has the customers' values and the cubes.
Rows keep the customer_id of their source; `persons` says who is known under another id too, as known at the cutoff.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from serving.arrow_files import ROWS_A_BATCH, mapped, write_stream
from serving.batch_engine import batch_engine
from serving.member_lines import member_lines
from serving.statistics_tables import bases, cubes, customer_values
from workspace.engine import lake_tables
from workspace.errors import NotEnoughHistoryError, PublishedError
from workspace.folder import Workspace
from workspace.progress import Progress, silent
from workspace.tables import INTEGER, PROVENANCE, TABLES, TEXT, TIMESTAMP

if TYPE_CHECKING:
    import ibis
    from ibis.backends.duckdb import Backend

_LARGE = ("interactions", "orders", "surveys", "message_signals")
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
    "topics": ("topic_id",),
    "satisfaction_estimate": ("cutoff", "channel"),
    "volume_forecast": ("channel", "period_start"),
    "volume": ("channel", "period_start"),
    "volume_profile": ("channel", "weekday", "minute"),
    "volume_slots": ("period_start",),
    "volume_shares": ("region", "weekday"),
    "persons": ("customer_id",),
    "customer_values": ("customer_id",),
}
_NO_VOLUME = pa.schema(
    [("period_start", TIMESTAMP), ("period_local", pa.timestamp("us")), ("channel", TEXT), ("count", INTEGER)]
)

_SEGMENTS = pa.schema([("customer_id", TEXT), ("segment_id", TEXT)])
_NO_PERSONS = pa.schema([("customer_id", TEXT), ("person_id", TEXT)])


def published_tables(
    workspace: Workspace, folder: Path, progress: Progress = silent
) -> tuple[dict[str, pa.Table], datetime]:
    """Every table of the version by name, and its cutoff (aware, UTC): that of the last scoring.

    Those that have a row a contact, order, survey or message are written to `folder` on the way, NAME.arrow, and
    mapped from there: they may be larger than memory.
    Raises PublishedError when nobody was scored.
    """
    scored = workspace.lake.read("customer_scores", ["cutoff"])
    if len(scored) == 0:
        raise PublishedError("Nobody is scored yet. Run `rapport train` and `rapport score`, then publish.")
    cutoff = pc.max(scored["cutoff"])
    persons = _persons(workspace, cutoff.as_py())
    # The large ones while little else is held.
    large, described = _clean(
        workspace, folder, _segments(_at(workspace, "customer_scores", cutoff), persons), progress
    )
    tables = {
        "persons": persons,
        "customer_scores": _at(workspace, "customer_scores", cutoff),
        "customer_features": _at(workspace, "customer_features", cutoff),
        "segment_profiles": _at(workspace, "segment_profiles", cutoff),
        "topics": _at(workspace, "topics", cutoff),
        "satisfaction_estimate": _at(workspace, "satisfaction_estimate", cutoff),
        "volume_forecast": _upcoming(workspace, cutoff.as_py()),
        "volume": _volume(workspace, cutoff.as_py()),
        "volume_profile": _profile(workspace, cutoff.as_py()),
        "volume_shares": _shares(workspace, cutoff.as_py()),
    }
    tables["volume_slots"] = _slots(workspace, tables["volume_forecast"])
    tables["customers"] = _everybody(described, large)
    tables["customer_values"] = customer_values(workspace, tables)
    tables = {name: _sorted(table, _ORDER[name]) for name, table in tables.items()}
    scores = tables["customer_scores"]
    tables["member_lines"] = member_lines(scores, tables["customers"], _horizon_days(workspace, scores))
    progress("cubes", 0.5)
    return {**tables, **large, **cubes(workspace, folder / "interactions.arrow")}, cutoff.as_py()


def _horizon_days(workspace: Workspace, scores: pa.Table) -> list[int] | None:
    """The days that the risks are of; None where nobody has one."""
    from training.bundle.churn import ChurnModel
    from training.bundle.store import read

    named = scores["churn_version"].drop_null().unique().to_pylist()
    return ChurnModel.from_bundle(read(workspace.bundles, named[0])).risk_days if named else None


def _clean(
    workspace: Workspace, folder: Path, segments: pa.Table, progress: Progress
) -> tuple[dict[str, pa.Table], pa.Table]:
    """The tables of _LARGE, written to the folder in their order; and the customers."""
    from features.versions import latest

    with batch_engine(workspace) as backend:
        lake = lake_tables(backend, workspace.lake, _BASES)
        rows = bases(backend, lake, workspace.settings.company, segments)
        rows["message_signals"] = latest(lake["message_signals"], TABLES["message_signals"].key)
        for number, name in enumerate(_LARGE):
            progress(name, 0.1 + 0.1 * number)
            _write_in_order(backend, _described(rows[name]), _ORDER[name], folder / f"{name}.arrow")
        customers = _described(latest(lake["customers"], TABLES["customers"].key)).to_pyarrow()
    return {name: mapped(folder / f"{name}.arrow") for name in _LARGE}, customers


def _write_in_order(backend: Backend, rows: ibis.Table, order: Sequence[str], file: Path) -> None:
    """Write the rows batch by batch.

    They are put down before they are sorted: windows, joins and a sort in one query hold their memory all at once, and
    4 million contacts of a million customers did not fit into 2.2 GiB; in two steps they fit into 1.2.
    """
    backend.con.execute(f"CREATE TEMP TABLE unsorted AS {backend.compile(rows)}")
    reader = backend.con.table("unsorted").order(", ".join(order)).to_arrow_reader(ROWS_A_BATCH)
    write_stream(file, reader.cast(rows.schema().to_pyarrow()))
    backend.con.execute("DROP TABLE unsorted")


def _persons(workspace: Workspace, cutoff: datetime) -> pa.Table:
    """customer_id, person_id of everybody known under another id too."""
    from features.identity import persons, with_links
    from features.windows import Window

    with batch_engine(workspace) as backend:
        found = persons(with_links(backend, workspace.lake, ()), Window(cutoff))
        return _NO_PERSONS.empty_table() if found is None else found.to_pyarrow().cast(_NO_PERSONS)


def _described(rows: ibis.Table) -> ibis.Table:
    """Without where the rows came from; from when on they were known is what live scores go by."""
    left_out = {column.name for column in PROVENANCE if column.name != "known_at"}
    return rows.select([name for name in rows.columns if name not in left_out])


def _everybody(described: pa.Table, large: Mapping[str, pa.Table]) -> pa.Table:
    """The customers, with an empty row for those whom only contacts, orders or surveys name."""
    named = pa.chunked_array(
        [large[name]["customer_id"].unique() for name in ("interactions", "orders", "surveys")], pa.string()
    )
    named = named.drop_null().unique()
    missing = named.filter(pc.invert(pc.is_in(named, value_set=described["customer_id"].combine_chunks())))
    columns = [
        missing if field.name == "customer_id" else pa.nulls(len(missing), field.type) for field in described.schema
    ]
    return pa.concat_tables([described, pa.Table.from_arrays(columns, schema=described.schema)])


def _segments(scores: pa.Table, persons: pa.Table) -> pa.Table:
    """customer_id, segment_id of everybody who is in one, under each id that the person is known by."""
    others = persons.filter(pc.not_equal(persons["customer_id"], persons["person_id"]))
    found = pc.index_in(others["person_id"], value_set=scores["customer_id"].combine_chunks())
    linked = pa.table([others["customer_id"], pc.take(scores["segment_id"].combine_chunks(), found)], _SEGMENTS)
    # Nobody is scored under an id that is another person's.
    alone = scores.select(_SEGMENTS.names).cast(_SEGMENTS)
    alone = alone.filter(pc.invert(pc.is_in(alone["customer_id"], value_set=others["customer_id"].combine_chunks())))
    return pa.concat_tables([alone, linked])


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


def _profile(workspace: Workspace, cutoff: datetime) -> pa.Table:
    """When on a day its contacts come."""
    from features.volume import volume
    from features.volume_ahead import PROFILE, profile_of

    try:
        return profile_of(volume(workspace, cutoff, "15min"))
    except NotEnoughHistoryError:
        return PROFILE.empty_table()


def _shares(workspace: Workspace, cutoff: datetime) -> pa.Table:
    """Which regions' contacts they are."""
    from features.volume import volume
    from features.volume_shares import SHARES, shares_of

    try:
        return shares_of(volume(workspace, cutoff, "day", "region"))
    except NotEnoughHistoryError:
        return SHARES.empty_table()


def _slots(workspace: Workspace, upcoming: pa.Table) -> pa.Table:
    """The quarters of an hour of the days that are forecast."""
    from features.volume_ahead import SLOTS, slots_ahead

    if len(upcoming) == 0:
        return SLOTS.empty_table()
    last = upcoming.slice(pc.index(upcoming["period_start"], pc.max(upcoming["period_start"])).as_py(), 1).to_pylist()[
        0
    ]
    end = last["period_start"] + timedelta(minutes=last["period_minutes"])
    return slots_ahead(pc.min(upcoming["period_start"]).as_py(), end, workspace.settings.company)


def _sorted(table: pa.Table, keys: Sequence[str]) -> pa.Table:
    """Sorted by key in one piece; rows without a customer last."""
    order = pc.sort_indices(table, sort_keys=[(key, "ascending") for key in keys])
    return table.combine_chunks().take(order)
