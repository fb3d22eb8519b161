"""What counts as known before a cutoff, row by row."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import ibis
import pyarrow as pa
import pytest

from features.history import HISTORY_TABLES, History, known
from features.windows import Window
from workspace.engine import arrow_tables
from workspace.tables import TABLES

CUTOFF = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)

Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture
def history(backend: Any) -> Callable[[Rows], History]:
    def of(rows: Rows) -> History:
        tables = {}
        for name in HISTORY_TABLES:
            schema = TABLES[name].schema
            tables[name] = pa.Table.from_pylist(
                [{**dict.fromkeys(schema.names), "known_at": CUTOFF - 10 * HOUR, **row} for row in rows.get(name, [])],
                schema=schema,
            )
        return known(arrow_tables(backend, tables), Window(CUTOFF, observation_days=30))

    return of


def contact(**changes: Any) -> dict[str, Any]:
    return {
        "interaction_id": "i",
        "customer_id": "c",
        "occurred_at": CUTOFF - 20 * HOUR,
        "direction": "inbound",
        **changes,
    }


def only(table: ibis.Table) -> dict[str, Any]:
    (row,) = table.to_pyarrow().to_pylist()
    return row


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({}, True),
        ({"occurred_at": CUTOFF}, False),
        ({"occurred_at": CUTOFF - timedelta(microseconds=1)}, True),
        ({"known_at": CUTOFF}, False),
        ({"known_at": CUTOFF - timedelta(microseconds=1)}, True),
        ({"customer_id": None}, False),
        ({"occurred_at": CUTOFF - timedelta(days=4000)}, True),
    ],
)
def test_event_and_knowledge_lie_before_the_cutoff(history: Callable, changes: dict, counts: bool) -> None:
    found = history({"interactions": [contact(**changes)]}).interactions.to_pyarrow()
    assert found.num_rows == counts


def test_the_age_counts_back_from_the_cutoff(history: Callable) -> None:
    found = history({"interactions": [contact(occurred_at=CUTOFF - timedelta(days=30))]})
    row = only(found.interactions)
    assert (row["age_us"], row["is_observed"], row["is_recent"]) == (30 * 86_400_000_000, True, True)
    found = history({"interactions": [contact(occurred_at=CUTOFF - timedelta(days=30, microseconds=1))]})
    assert not only(found.interactions)["is_observed"]
    assert found.observed_interactions.to_pyarrow().num_rows == 0


def test_the_latest_known_version_counts(history: Callable) -> None:
    versions = [
        contact(kind="inquiry"),
        contact(kind="complaint", known_at=CUTOFF - HOUR),
        contact(kind="refund", known_at=CUTOFF + HOUR),
    ]
    assert only(history({"interactions": versions}).interactions)["kind"] == "complaint"


def test_a_later_version_may_move_a_contact_behind_the_cutoff(history: Callable) -> None:
    versions = [contact(), contact(occurred_at=CUTOFF + HOUR, known_at=CUTOFF - HOUR)]
    assert history({"interactions": versions}).interactions.to_pyarrow().num_rows == 0


def test_versions_known_together_go_by_collection_then_source_then_row(history: Callable) -> None:
    versions = [
        contact(kind="first", collected_at=CUTOFF, source="b", source_row=9),
        contact(kind="last", collected_at=CUTOFF + HOUR, source="b", source_row=2),
        contact(kind="row", collected_at=CUTOFF + HOUR, source="b", source_row=1),
        contact(kind="source", collected_at=CUTOFF + HOUR, source="a", source_row=3),
    ]
    for rows in (versions, versions[::-1]):
        assert only(history({"interactions": rows}).interactions)["kind"] == "last"


def test_an_answer_before_its_own_time_is_unknown(history: Callable) -> None:
    answered = only(history({"interactions": [contact(responded_at=CUTOFF - HOUR)]}).interactions)
    assert answered["response_us"] == 19 * 3_600_000_000
    late = only(history({"interactions": [contact(responded_at=CUTOFF)]}).interactions)
    assert late["response_us"] is None


def test_a_resolution_before_its_own_time_is_unknown(history: Callable) -> None:
    row = only(history({"interactions": [contact(resolved_at=CUTOFF - HOUR, reopened=True)]}).interactions)
    assert (row["is_resolved"], row["reopened"]) == (True, True)
    for unresolved in (CUTOFF, None):
        row = only(history({"interactions": [contact(resolved_at=unresolved, reopened=True)]}).interactions)
        assert (row["is_resolved"], row["reopened"]) == (False, False)


@pytest.mark.parametrize(
    ("times", "known_rating"),
    [
        ({"rated_at": CUTOFF - HOUR}, 2),
        ({"rated_at": CUTOFF}, None),
        ({"responded_at": CUTOFF}, None),
        ({"responded_at": CUTOFF - HOUR}, 2),
        ({"rated_at": CUTOFF - HOUR, "responded_at": CUTOFF + HOUR}, 2),
        ({}, 2),
    ],
)
def test_a_rating_is_known_from_its_own_time_else_that_of_the_answer(
    history: Callable, times: dict, known_rating: int | None
) -> None:
    row = only(history({"interactions": [contact(satisfaction=2, **times)]}).interactions)
    assert row["satisfaction"] == known_rating
    assert (row["rated_age_us"] is None) == (known_rating is None)


def test_who_opted_out_is_in_no_table_even_when_it_came_to_light_later(history: Callable) -> None:
    found = history(
        {
            "customers": [
                {"customer_id": "c"},
                {"customer_id": "c", "do_not_profile": True, "known_at": CUTOFF + HOUR},
                {"customer_id": "back", "do_not_profile": True},
                {"customer_id": "back", "do_not_profile": False, "known_at": CUTOFF + HOUR},
            ],
            "interactions": [contact(), contact(interaction_id="j", customer_id="back")],
            "orders": [{"order_line_id": "o", "customer_id": "c", "ordered_at": CUTOFF - HOUR}],
            "surveys": [{"response_id": "s", "customer_id": "c", "answered_at": CUTOFF - HOUR}],
        }
    )
    assert only(found.customers)["customer_id"] == "back"
    assert only(found.interactions)["customer_id"] == "back"
    assert found.orders.to_pyarrow().num_rows == found.surveys.to_pyarrow().num_rows == 0


def test_a_customer_known_only_by_contacts_counts(history: Callable) -> None:
    assert only(history({"interactions": [contact()]}).interactions)["customer_id"] == "c"


@pytest.mark.parametrize(
    ("changes", "begun"),
    [
        ({}, True),
        ({"direction": "unknown"}, True),
        ({"direction": None}, True),
        ({"direction": "outbound"}, False),
        ({"is_automated": True}, False),
        ({"is_automated": False}, True),
    ],
)
def test_who_began_a_contact(history: Callable, changes: dict, begun: bool) -> None:
    assert only(history({"interactions": [contact(**changes)]}).interactions)["is_contact"] == begun
