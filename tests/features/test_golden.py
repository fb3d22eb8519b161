"""Customer features by hand: clock changes, holidays, reopened cases, machines, empty groups, later versions."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from features.history import HISTORY_TABLES
from features.table import customer_features
from features.windows import Window
from workspace.engine import arrow_tables, connect
from workspace.tables import CUSTOMER_FEATURES, TABLES

NEW_YORK, SHANGHAI = ZoneInfo("America/New_York"), ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)


def features(cutoff: datetime, **given: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The features of each customer from a few rows, which are known from when they happened unless they say more."""
    tables = {}
    for name in HISTORY_TABLES:
        table = TABLES[name]
        rows = [_row(name, number, row) for number, row in enumerate(given.get(name, []))]
        tables[name] = pa.Table.from_pylist(rows, table.schema)
    backend = connect()
    try:
        found = customer_features(arrow_tables(backend, tables), Window(cutoff))
    finally:
        backend.disconnect()
    assert found.schema.equals(CUSTOMER_FEATURES.schema)
    return {row["customer_id"]: row for row in found.to_pylist()}


def _row(name: str, number: int, row: dict[str, Any]) -> dict[str, Any]:
    table = TABLES[name]
    known = row.get("known_at", row.get(str(table.event_time)))
    own = {table.key[0]: f"{name} {number}", "customer_id": "c", "source": "s", "source_row": number}
    said = {"direction": "inbound"} if name == "interactions" else {}
    return {**dict.fromkeys(table.column_names), **own, **said, **row, "known_at": known, "collected_at": known}


def test_a_day_of_23_hours_and_the_midnight_after_it() -> None:
    """On 8 March 2026 New York has no 02:30; the company's midnight is the cutoff."""
    cutoff = datetime(2026, 3, 9, tzinfo=NEW_YORK)
    moments = [(7, 12, 0), (8, 12, 0), (8, 23, 30), (9, 0, 0)]
    local = [datetime(2026, 3, day, hour, minute, tzinfo=NEW_YORK) for day, hour, minute in moments]
    contacts = [{"occurred_at": at.astimezone(UTC)} for at in local]
    found = features(cutoff, interactions=contacts)["c"]
    assert found["cutoff"] == datetime(2026, 3, 9, 4, tzinfo=UTC)
    assert found["frequency"] == 3
    assert found["recency_days"] == pytest.approx(0.5 / 24)
    assert found["tenure_days"] == pytest.approx(35 / 24)
    # From noon to noon it was 23 hours, then 11.5 to the evening.
    assert found["gap_days_median"] == pytest.approx((23 + 11.5) / 2 / 24)


def test_a_day_of_25_hours() -> None:
    cutoff = datetime(2026, 11, 2, tzinfo=NEW_YORK)
    contacts = [{"occurred_at": datetime(2026, 11, 1, tzinfo=NEW_YORK).astimezone(UTC)}]
    assert features(cutoff, interactions=contacts)["c"]["recency_days"] == pytest.approx(25 / 24)


def test_an_answer_after_a_holiday_took_as_long_as_it_took() -> None:
    """Features count the customer's time; business hours and holidays are the statistics' (test_golden.py there)."""
    asked = datetime(2026, 9, 30, 17, tzinfo=SHANGHAI)
    answered = datetime(2026, 10, 8, 10, tzinfo=SHANGHAI)
    contact = {"occurred_at": asked.astimezone(UTC), "responded_at": answered.astimezone(UTC), "outcome": "answered"}
    at_work = features(answered + HOUR, interactions=[contact])["c"]
    assert at_work["response_minutes_median"] == (7 * 24 + 17) * 60
    assert at_work["unanswered_share"] == 0
    amid = features(datetime(2026, 10, 3, tzinfo=SHANGHAI), interactions=[contact])["c"]
    assert amid["response_minutes_median"] is None


def test_a_reopened_case_is_one_from_when_its_last_resolution_is_known() -> None:
    start = datetime(2026, 5, 4, 9, tzinfo=UTC)
    first = {"interaction_id": "a", "occurred_at": start, "resolved_at": start + 2 * HOUR, "known_at": start + 3 * HOUR}
    again = {**first, "reopened": True, "resolved_at": start + 50 * HOUR, "is_revision": True}
    told_early, told_late = {**again, "known_at": start + 20 * HOUR}, {**again, "known_at": start + 60 * HOUR}
    shares = {}
    for name, rows in {"early": [first, told_early], "late": [first, told_late]}.items():
        cutoffs = [start + hours * HOUR for hours in (10, 30, 55, 70)]
        found = [features(cutoff, interactions=rows)["c"]["reopened_share"] for cutoff in cutoffs]
        shares[name] = found
    # Known to be open again, it is not resolved; not known, it is still the case that was closed.
    assert shares == {"early": [0, None, 1, 1], "late": [0, 0, 0, 1]}


def test_machines_keep_nobody_alive() -> None:
    at = datetime(2026, 5, 4, 9, tzinfo=UTC)
    machine = {"is_automated": True, "channel": "email"}
    rows = [
        {"occurred_at": at, "channel": "phone"},
        {**machine, "occurred_at": at + 24 * HOUR},
        {**machine, "occurred_at": at + 48 * HOUR, "direction": "outbound"},
        {**machine, "occurred_at": at, "customer_id": "only machines"},
    ]
    found = features(at + 72 * HOUR, interactions=rows)
    assert list(found) == ["c"]
    expected = {"frequency": 1, "recency_days": 3.0, "phone_share": 1.0, "email_share": 0.0, "channels_used": 1}
    expected |= {"outbound_count": 1, "outbound_share": 1 / 3}
    assert {name: found["c"][name] for name in expected} == expected


def test_who_only_ordered_has_nothing_that_contacts_say() -> None:
    at = datetime(2026, 5, 4, 9, tzinfo=UTC)
    line = {"ordered_at": at, "order_id": "o", "amount": 12}
    found = features(at + 24 * HOUR, orders=[line, {**line, "amount": 8}])["c"]
    counts = {
        name: found[name] for name in ("frequency", "order_count", "channels_used", "rating_count", "outbound_count")
    }
    assert counts == {"frequency": 1, "order_count": 1, "channels_used": 0, "rating_count": 0, "outbound_count": 0}
    assert (found["order_amount"], found["order_amount_mean"]) == (20, 20)
    nothing = ("phone_share", "rating_mean", "complaint_share", "wait_seconds_mean", "need_gap", "sentiment_mean")
    assert {name: found[name] for name in nothing} == dict.fromkeys(nothing)
    assert features(at, orders=[line]) == {}


def test_a_later_version_counts_from_when_it_is_known() -> None:
    at = datetime(2026, 5, 4, 9, tzinfo=UTC)
    first = {"interaction_id": "a", "occurred_at": at, "channel": "phone", "kind": "inquiry"}
    other = {**first, "is_revision": True, "customer_id": "d", "kind": "complaint", "known_at": at + 48 * HOUR}
    before = features(at + 48 * HOUR, interactions=[first, other])
    after = features(at + 48 * HOUR + timedelta(microseconds=1), interactions=[first, other])
    assert {name: row["complaint_share"] for name, row in before.items()} == {"c": 0}
    assert {name: row["complaint_share"] for name, row in after.items()} == {"d": 1}
