"""History as known later: features of it beside those of tables in which the corrections were known in time."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from features.corrected import corrected
from features.table import customer_features
from features.windows import Window
from workspace.engine import arrow_tables, connect

THEN = datetime(2026, 7, 11, 16, tzinfo=UTC)
NOW = datetime(2026, 9, 1, 16, tzinfo=UTC)

Tables = dict[str, pa.Table]


def features(tables: Tables, cutoff: datetime, as_known: tuple[datetime, datetime] | None = None) -> pa.Table:
    backend = connect()
    try:
        named = arrow_tables(backend, tables)
        return customer_features(corrected(named, *as_known) if as_known else named, Window(cutoff, 200, 60))
    finally:
        backend.disconnect()


def in_time(tables: Tables) -> Tables:
    """Every row known at its event, so that nothing is late."""
    moments = {"interactions": "occurred_at", "orders": "ordered_at", "surveys": "answered_at"}
    known = dict(tables)
    for name, moment in moments.items():
        rows = known[name].filter(pc.invert(pc.fill_null(known[name]["is_revision"], False)))
        known[name] = rows.set_column(rows.schema.get_field_index("known_at"), "known_at", rows[moment])
    signals = known["message_signals"]
    place = signals.schema.get_field_index("known_at")
    early = pa.repeat(pa.scalar(datetime(2020, 1, 1, tzinfo=UTC), signals.schema.field(place).type), signals.num_rows)
    known["message_signals"] = signals.set_column(place, "known_at", early)
    people = known["customers"].filter(pc.less(known["customers"]["known_at"], pa.scalar(THEN)))
    known["customers"] = people
    return known


def test_without_corrections_nothing_differs(tables: Tables) -> None:
    known = in_time(tables)
    assert features(known, THEN, (THEN, NOW)).equals(features(known, THEN))


@pytest.mark.slow
def test_late_rows_count_as_if_known_then(tables: Tables) -> None:
    known = in_time(tables)
    rows = known["interactions"]
    before = pc.less(rows["occurred_at"], pa.scalar(THEN))
    late = pc.and_(before, pc.equal(pc.bit_wise_and(pc.cast(pc.utf8_length(rows["interaction_id"]), pa.int32()), 1), 1))
    some = pc.and_(late, pc.greater(rows["occurred_at"], pa.scalar(THEN - timedelta(days=40))))
    afterwards = pc.if_else(some, pa.scalar(THEN + timedelta(days=5), rows["known_at"].type), rows["known_at"])
    delayed = {
        **known,
        "interactions": rows.set_column(rows.schema.get_field_index("known_at"), "known_at", afterwards),
    }
    assert pc.sum(some).as_py() > 0
    assert not features(delayed, THEN).equals(features(known, THEN))
    assert features(delayed, THEN, (THEN, NOW)).equals(features(known, THEN))


@pytest.mark.slow
def test_nothing_that_happened_from_then_on_is_seen(tables: Tables) -> None:
    later = features(tables, NOW, (THEN, NOW))
    assert pc.min(later["recency_days"]).as_py() >= (NOW - THEN).days
    known = in_time(tables)
    kept = dict(known)
    rows = known["interactions"]
    answered = pc.less(rows["responded_at"], pa.scalar(THEN))
    happened = pc.less(rows["occurred_at"], pa.scalar(THEN))
    kept["interactions"] = rows.filter(happened)
    counted = features(kept, NOW, (THEN, NOW)).select(["customer_id", "response_minutes_median"])
    only = rows.filter(pc.and_(happened, pc.fill_null(answered, False)))
    assert pc.sum(pc.is_valid(counted["response_minutes_median"])).as_py() <= len(pc.unique(only["customer_id"]))
