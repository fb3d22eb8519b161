"""Scores and figures of live events are those that a training and a publishing of the same rows would give."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from features.history import HISTORY_TABLES
from features.identity import with_links
from features.statistics.catalogue import CATALOGUE
from features.statistics.figure import Query, figure
from features.table import customer_features
from features.windows import Window
from serving.live import Live
from serving.live_base import LiveBase
from serving.live_events import LiveInteractions
from serving.live_rows import live_rows
from serving.overlay import Overlay
from serving.snapshot import Snapshot
from serving.statistics_tables import bases
from training.bundle.scoring import score
from workspace.engine import arrow_tables, connect, locked_down
from workspace.folder import Workspace
from workspace.journal import Entry

# After the last that the company's data tells of.
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def entries(events: Sequence[dict[str, Any]], published: str) -> list[Entry]:
    """As the journal would give them back, received once all had happened."""
    found: list[Entry] = []
    for position, one in enumerate(LiveInteractions.model_validate(events).interactions, 1):
        event = one.event()
        keys = {published, *(earlier.event["interaction_id"] for earlier in found)}
        known = event["interaction_id"] in keys
        received = (NOW + timedelta(hours=3)).isoformat(timespec="microseconds")
        found.append(Entry(position, received, known, event))
    return found


@pytest.fixture(scope="module")
def customers(snapshot: Snapshot) -> list[str]:
    scored: list[str] = snapshot.tables["customer_scores"]["customer_id"].to_pylist()
    return scored[:6]


@pytest.fixture(scope="module")
def added(customers: list[str], snapshot: Snapshot) -> list[Entry]:
    """New contacts, one in the past, one told twice, one of a customer nobody knew and one of nobody."""
    call = {"channel": "phone", "direction": "inbound", "wait_seconds": 31.0}
    bad = "the delivery is late again, 太差了"
    told = snapshot.rows("interactions", customers[3]).to_pylist()[2]
    return entries(
        [
            {**call, "customer_id": customers[0], "occurred_at": NOW, "content": bad},
            {**call, "customer_id": customers[0], "occurred_at": NOW + timedelta(hours=1), "channel": "chat"},
            {**call, "customer_id": customers[1], "occurred_at": NOW - timedelta(days=40)},
            {**call, "customer_id": customers[2], "interaction_id": "twice", "occurred_at": NOW},
            {
                **call,
                "customer_id": customers[2],
                "interaction_id": "twice",
                "occurred_at": NOW,
                "satisfaction": 1,
                "rated_at": NOW + timedelta(hours=2),
            },
            # A contact that was published, resolved by now.
            {
                "customer_id": customers[3],
                "interaction_id": told["interaction_id"],
                "occurred_at": told["occurred_at"],
                "channel": told["channel"],
                "is_automated": told["is_automated"],
                "direction": "inbound",
                "resolved_at": NOW,
            },
            {**call, "customer_id": "brand-new", "occurred_at": NOW + timedelta(minutes=5)},
            {**call, "occurred_at": NOW + timedelta(minutes=6), "outcome": "abandoned"},
        ],
        told["interaction_id"],
    )


@pytest.fixture(scope="module")
def laid(workspace: Workspace, snapshot: Snapshot, added: list[Entry]) -> Overlay:
    live = Live(snapshot, LiveBase(workspace.settings, snapshot))
    # In two goes, as they would come.
    live.add(added[:4])
    live.add(added[4:])
    return live.overlay()


@pytest.fixture(scope="module")
def collected(workspace: Workspace, added: list[Entry]) -> Iterator[dict[str, Any]]:
    """The lake as it will be once the events are drained."""
    rows = live_rows(added)
    tables = {name: workspace.lake.read(name) for name in HISTORY_TABLES}
    tables |= {name: pa.concat_tables([tables[name], rows[name]]) for name in rows}
    backend = connect()
    yield {**with_links(backend, workspace.lake, ()), **arrow_tables(backend, tables)}
    backend.disconnect()


@pytest.mark.slow
def test_scores_have_the_bits_of_a_batch_at_their_cutoff(
    laid: Overlay,
    collected: dict[str, Any],
    snapshot: Snapshot,
    customers: list[str],
) -> None:
    scored = laid.tables["customer_scores"]
    assert scored["customer_id"].to_pylist() == sorted(["brand-new", *customers[:4]])
    for row in scored.select(["customer_id", "cutoff"]).to_pylist():
        window = Window(row["cutoff"])
        features = customer_features(collected, window, (), [row["customer_id"]])
        found = laid.rows("customer_features", row["customer_id"]).combine_chunks()
        assert found.equals(features.combine_chunks())
        expected = score(features, snapshot.churn, snapshot.segments, snapshot.worth)
        assert laid.rows("customer_scores", row["customer_id"]).combine_chunks().equals(expected.combine_chunks())


def test_a_cutoff_is_right_after_the_last_that_is_known(laid: Overlay, customers: list[str]) -> None:
    moment = timedelta(microseconds=1)
    cutoffs = {row["customer_id"]: row["cutoff"] for row in laid.tables["customer_scores"].to_pylist()}
    assert cutoffs[customers[0]] == NOW + timedelta(hours=1) + moment
    # What was told later is known from when on it was told.
    assert cutoffs[customers[2]] == cutoffs[customers[3]] == NOW + timedelta(hours=3) + moment
    assert laid.until == max(cutoffs.values())


def test_somebody_new_is_a_customer_without_anything_said_of_them(snapshot: Snapshot, laid: Overlay) -> None:
    live = snapshot.with_overlay(laid)
    row = live.row("customers", "brand-new")
    assert row is not None
    assert {value for name, value in row.items() if name != "customer_id"} == {None}
    assert snapshot.row("customers", "brand-new") is None
    assert len(live.listing.select("risk")) == len(snapshot.listing.select("risk")) + 1


@pytest.mark.slow
def test_every_figure_is_that_of_all_rows(
    workspace: Workspace, snapshot: Snapshot, laid: Overlay, collected: dict[str, Any]
) -> None:
    """By cubes and by rows alike, beside the base made anew of everything."""
    live = snapshot.with_overlay(laid)
    scores = snapshot.tables["customer_scores"].select(["customer_id", "segment_id"])
    backend = collected["interactions"].get_backend()
    rows = bases(backend, collected, workspace.settings.company, scores)["interactions"].to_pyarrow()
    assert set(laid.tables["interactions"]["interaction_id"].to_pylist()) <= set(rows["interaction_id"].to_pylist())
    start, end = datetime(2026, 8, 31, 16, tzinfo=UTC), datetime(2026, 11, 30, 16, tzinfo=UTC)
    with locked_down() as connection:
        connection.register("interactions", rows)
        for name in ("orders", "surveys", "customer_values"):
            connection.register(name, snapshot.tables[name])
        for metric in CATALOGUE:
            by = ("channel",) if CATALOGUE[metric].table == "interactions" else ()
            for query in (Query(metric, start, end, grain="week", by=by), Query(metric, start, end)):
                expected = figure(connection, snapshot.statistics_sql, query)
                assert live.figure(query).equals(expected), metric


def test_what_the_version_holds_already_is_scored_and_not_counted(
    workspace: Workspace, snapshot: Snapshot, added: list[Entry]
) -> None:
    from dataclasses import replace

    later = replace(snapshot, manifest={**snapshot.manifest, "journal": added[-1].position})
    live = Live(later, LiveBase(workspace.settings, later))
    live.add(added)
    laid = live.overlay()
    assert laid.tables["interactions"].num_rows == laid.tables["replaced"].num_rows == 0
    assert laid.tables["customer_scores"].num_rows == 5
    assert pc.max(laid.tables["customer_scores"]["cutoff"]).as_py() == NOW + timedelta(hours=3, microseconds=1)
