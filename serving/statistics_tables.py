"""What the statistics of a published version are computed from: bases, the customers' values, and cubes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow.dataset import dataset

from serving.batch_engine import batch_engine
from workspace.engine import arrow_tables
from workspace.folder import Workspace
from workspace.settings import Company
from workspace.tables import FLOAT, TEXT

if TYPE_CHECKING:
    import ibis
    from ibis.backends.duckdb import Backend

VALUES = pa.schema(
    [("customer_id", TEXT), ("score", FLOAT), ("income", FLOAT), ("frequency", FLOAT), ("loyalty", FLOAT)]
)
_MOMENTS = ("occurred_at", "responded_at", "resolved_at")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def bases(
    backend: Backend, lake: Mapping[str, ibis.Table], company: Company, segments: pa.Table
) -> dict[str, ibis.Table]:
    """The interactions, orders and surveys that figures are computed from; see features/statistics/base.py.

    segments: customer_id and segment_id of everybody who is in one.
    """
    from features.statistics.base import interactions_base, orders_base, surveys_base

    found = {
        "interactions": interactions_base(lake, _open_days(backend, lake["interactions"], company)),
        "orders": orders_base(lake),
        "surveys": surveys_base(lake),
    }
    known = arrow_tables(backend, {"segments": segments})["segments"]
    return {name: _with_segment(rows, known) for name, rows in found.items()}


def _with_segment(rows: ibis.Table, segments: ibis.Table) -> ibis.Table:
    joined = rows.drop("segment_id").left_join(segments, "customer_id")
    return joined.select(rows.columns)


def _open_days(backend: Backend, interactions: ibis.Table, company: Company) -> ibis.Table | None:
    """The company's open days from the first moment of any contact to the last; None when it is always open."""
    from features.business_hours import open_days
    from features.clock import micros

    if not company.hours:
        return None
    moments = [micros(interactions[name]) for name in _MOMENTS]
    ends = [(at.min(), at.max()) for at in moments]
    named = {f"{end}_{place}": at for place, pair in enumerate(ends) for end, at in zip(("a", "b"), pair, strict=True)}
    found = [at for at in interactions.aggregate(**named).to_pyarrow().to_pylist()[0].values() if at is not None]
    first, last = (_EPOCH + timedelta(microseconds=at) for at in (min(found, default=0), max(found, default=0)))
    days = open_days(company, first.date(), last.date())
    return None if days is None else arrow_tables(backend, {"open_days": days})["open_days"]


def customer_values(workspace: Workspace, tables: Mapping[str, pa.Table]) -> pa.Table:
    """The value of every scored customer with its parts, under each id they are known by; see VALUES.

    Needs customer_features, customer_scores and persons. Empty without segments, which know what values are ranked by.
    """
    from training.bundle.scoring import value, value_parts
    from training.bundle.segments import SegmentModel
    from training.bundle.store import read

    named = tables["customer_scores"]["segments_version"].drop_null().unique().to_pylist()
    if len(named) != 1:
        return VALUES.empty_table()
    segments = SegmentModel.from_bundle(read(workspace.bundles, named[0]))
    features = tables["customer_features"]
    columns = {"score": value(features, segments), **value_parts(features, segments)}
    scored = pa.table(
        [features["customer_id"], *(pa.array(columns[name], FLOAT, from_pandas=True) for name in VALUES.names[1:])],
        schema=VALUES,
    )
    return pa.concat_tables([scored, _under_other_ids(scored, tables["persons"])])


def _under_other_ids(scored: pa.Table, persons: pa.Table) -> pa.Table:
    """The same values for the other ids of a person."""
    others = persons.filter(pc.not_equal(persons["customer_id"], persons["person_id"]))
    found = pc.index_in(others["person_id"], value_set=scored["customer_id"].combine_chunks())
    others, found = others.filter(pc.is_valid(found)), found.drop_null()
    return scored.take(found).set_column(0, "customer_id", others["customer_id"]).cast(VALUES)


def cubes(workspace: Workspace, interactions: Path) -> dict[str, pa.Table]:
    """The cubes of the interactions base, an Arrow file, by their names; see features/statistics/cube_tables.py."""
    from features.statistics.compiled import compiled
    from features.statistics.cube_tables import cube_tables

    with batch_engine(workspace) as backend:
        # Read, not mapped: what is mapped counts as this process's memory.
        backend.con.register("interactions", dataset(interactions, format="arrow"))
        return cube_tables(backend.con, compiled(workspace.settings))
