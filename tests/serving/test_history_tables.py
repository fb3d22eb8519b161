"""Rows made of a request: which of them are later versions of one another, and that it changes no feature."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from serving.histories import History, Interaction, Order, Survey
from serving.history_tables import tables
from serving.remembered_signals import signals
from serving.snapshot import Snapshot

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


def _nobody_has_looked(rows: pa.Table) -> pa.Table:
    if "is_revision" not in rows.schema.names:
        return rows
    at = rows.schema.get_field_index("is_revision")
    return rows.set_column(at, rows.schema.field(at), pa.nulls(len(rows), pa.bool_()))


def test_the_first_row_of_a_key_is_no_version_of_another() -> None:
    twice = [Interaction(interaction_id=key, occurred_at=CUTOFF, channel="chat") for key in ("a", "b", "a", None, None)]
    found = tables([History(interactions=tuple(twice))] * 2, [CUTOFF] * 2, signals)
    assert found["interactions"]["is_revision"].to_pylist() == [False, False, True, False, False] * 2
    assert found["customers"]["is_revision"].to_pylist() == [False, False]


def test_features_are_those_of_rows_at_which_nobody_has_looked(snapshot: Snapshot) -> None:
    draw = np.random.default_rng(5)
    told = [_random(draw) for _ in range(60)]
    found = tables(told, [CUTOFF] * len(told), signals)
    assert any(found["interactions"]["is_revision"].to_pylist())
    assert any(found["message_signals"]["is_revision"].to_pylist())
    unmarked = {name: _nobody_has_looked(rows) for name, rows in found.items()}
    assert snapshot.scorer.features_of(found).equals(snapshot.scorer.features_of(unmarked))
