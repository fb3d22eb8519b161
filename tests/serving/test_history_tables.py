"""Rows made of a request: which of them are later versions of one another, and which of them count."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from features.table import customer_features
from features.windows import Window
from serving import history_tables
from serving.histories import History, Interaction, Order, Survey
from serving.history_tables import tables
from serving.remembered_signals import signals
from serving.snapshot import Snapshot
from workspace.engine import arrow_tables, connect

CUTOFF = datetime(2026, 9, 1, tzinfo=UTC)


def _random(draw: np.random.Generator) -> History:
    """A history in which some keys come again, known later, earlier or at the same time."""
    ids = [None, *(f"id {number}" for number in range(6))]

    def known() -> datetime:
        return CUTOFF - timedelta(days=int(draw.integers(-3, 200)))

    def key() -> Any:
        return ids[int(draw.integers(len(ids)))]

    def rating() -> int:
        return int(draw.integers(1, 6))

    return History(
        interactions=tuple(
            Interaction(
                interaction_id=key(),
                occurred_at=known(),
                channel="email",
                direction="inbound",
                content="bad" if draw.random() < 0.5 else "great, thanks",
                satisfaction=rating(),
                known_at=known(),
            )
            for _ in range(12)
        ),
        orders=tuple(
            Order(order_line_id=key(), ordered_at=known(), amount=rating(), known_at=known())  # type: ignore[arg-type]
            for _ in range(8)
        ),
        surveys=tuple(
            Survey(response_id=key(), answered_at=known(), importance=rating(), satisfaction=rating(), known_at=known())
            for _ in range(8)
        ),
    )


def test_the_first_row_of_a_key_is_no_version_of_another() -> None:
    yesterday = CUTOFF - timedelta(days=1)
    told = [
        Interaction(interaction_id=key, occurred_at=yesterday, channel="chat") for key in ("a", "b", "a", None, None)
    ]
    found = tables([History(interactions=tuple(told))] * 2, [CUTOFF] * 2, signals)
    # The first of "a" doesn't count.
    assert found["interactions"]["source_row"].to_pylist() == [2, 3, 4, 5] * 2
    assert found["interactions"]["is_revision"].to_pylist() == [False, True, False, False] * 2
    assert found["customers"]["is_revision"].to_pylist() == [False, False]


def test_of_rows_that_come_several_times_the_last_known_before_the_cutoff_counts() -> None:
    def told(days: int, rating: int | None, content: str | None = None) -> Interaction:
        known = CUTOFF - timedelta(days=days)
        happened = CUTOFF - timedelta(days=90)
        return Interaction(
            interaction_id="a",
            occurred_at=happened,
            channel="chat",
            satisfaction=rating,
            content=content,
            known_at=known,
        )

    late = [told(30, 1, "bad"), told(10, 2), told(0, 5, "great")]
    found = tables([History(interactions=tuple(late)), History(interactions=(late[2],))], [CUTOFF] * 2, signals)
    assert found["interactions"]["satisfaction"].to_pylist() == [2]
    # What was said counts by itself, as in the lake: the later version said nothing.
    assert found["message_signals"]["source_row"].to_pylist() == [1]
    early = tables([History(interactions=tuple(late))], [CUTOFF + timedelta(days=1)], signals)
    assert early["interactions"]["satisfaction"].to_pylist() == [5]


def test_features_are_those_of_all_versions_in_batch(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(5)
    told = [_random(draw) for _ in range(60)]
    found = snapshot.scorer.features_of(tables(told, [CUTOFF] * len(told), signals))
    monkeypatch.setattr(history_tables, "_that_count", lambda rows, _key, _cutoffs: rows)
    every = tables(told, [CUTOFF] * len(told), signals)
    assert any(every["interactions"]["is_revision"].to_pylist())
    assert any(every["message_signals"]["is_revision"].to_pylist())
    windows = snapshot.manifest["windows"]
    backend = connect()
    try:
        window = Window(CUTOFF, windows["observation_days"], windows["active_days"], snapshot.manifest["event"])
        expected = customer_features(arrow_tables(backend, every), window)
    finally:
        backend.disconnect()
    assert found.sort_by("customer_id").equals(expected.sort_by("customer_id"))
