"""Cases worked out by hand: reopened cases, machines, later versions, empty groups, holidays and clock changes."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from features.business_hours import open_days
from features.statistics.base import interactions_base
from features.statistics.compiled import compiled
from features.statistics.figure import Query, figure
from workspace.engine import arrow_tables, connect, locked_down
from workspace.settings import WEEKDAYS, Company, Settings
from workspace.tables import TABLES

WEEK = dict.fromkeys(WEEKDAYS[:5], "09:00-18:00")
CHINA = Company(hours=WEEK)
NEW_YORK = Company(timezone="America/New_York", calendar="US", hours=WEEK)
START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)

Ask = Callable[..., list[dict[str, Any]]]


def company_of(company: Company, rows: list[dict[str, Any]], people: list[dict[str, Any]] | None = None) -> Ask:
    """Figures of a few contacts, their times on the company's clock; a row is a later version than those before it."""
    contacts = [_contact(company, number, row) for number, row in enumerate(rows)]
    customers = [{**person, "known_at": START, "collected_at": START, "source": "s"} for person in people or []]
    given = {name: TABLES[name].schema.empty_table() for name in ("message_signals",)}
    given["interactions"] = pa.Table.from_pylist(contacts, TABLES["interactions"].schema)
    given["customers"] = pa.Table.from_pylist(customers, TABLES["customers"].schema)
    given["days"] = open_days(company, date(2025, 12, 1), date(2027, 1, 31))
    backend = connect()
    tables = arrow_tables(backend, given)
    base = interactions_base(tables, tables["days"]).to_pyarrow()
    backend.disconnect()
    sql = compiled(Settings(folder=Path(), schema=1, company=company))

    def ask(metric: str, **query: Any) -> list[dict[str, Any]]:
        with locked_down() as connection:
            connection.register("interactions", base)
            return figure(connection, sql, Query(metric, START, END, **query)).to_pylist()

    return ask


def _contact(company: Company, number: int, row: dict[str, Any]) -> dict[str, Any]:
    moments = {name: row[name] for name in ("occurred_at", "responded_at", "resolved_at") if name in row}
    zone = ZoneInfo(company.timezone)
    moments = {name: datetime.fromisoformat(text).replace(tzinfo=zone) for name, text in moments.items()}
    known = datetime(2026, 12, 1, 0, 0, number, tzinfo=UTC)
    said = {"direction": "inbound", "channel": "email", "interaction_id": f"i{number}"}
    return {**said, **row, **moments, "known_at": known, "collected_at": known, "source": "s", "source_row": number}


def test_a_reopened_case_runs_to_its_last_resolution() -> None:
    first = {"interaction_id": "a", "occurred_at": "2026-06-01T10:00", "resolved_at": "2026-06-01T12:00"}
    again = {**first, "resolved_at": "2026-06-03T12:00", "reopened": True}
    ask = company_of(CHINA, [first, again])
    assert ask("resolution_hours_median") == [{"value": 50, "count": 1}]
    assert ask("resolution_business_hours_median") == [{"value": 20, "count": 1}]
    assert ask("reopened_share") == [{"value": 1, "count": 1}]


def test_a_later_version_replaces_a_row_wherever_it_was() -> None:
    moved = {"interaction_id": "a", "occurred_at": "2026-05-01T10:00", "channel": "phone"}
    ask = company_of(CHINA, [moved, {**moved, "occurred_at": "2026-07-01T10:00", "channel": "chat"}])
    found = ask("contacts", by=("channel",), grain="month")
    assert [(row["channel"], row["period_start"].astimezone(CHINA.zone).month) for row in found] == [("chat", 7)]


def test_machines_answer_nobody() -> None:
    contact = {"customer_id": "c", "occurred_at": "2026-06-01T10:00", "responded_at": "2026-06-01T10:30"}
    machine = {"customer_id": "c", "occurred_at": "2026-05-01T08:00", "is_automated": True, "satisfaction": 1}
    reply = {**machine, "occurred_at": "2026-06-01T10:01", "direction": "outbound", "responded_at": "2026-06-01T10:01"}
    ask = company_of(CHINA, [contact, machine, reply])
    assert ask("contacts") == [{"value": 1, "count": 1}]
    assert ask("automated_contacts") == [{"value": 2, "count": 2}]
    assert ask("first_response_minutes_median") == [{"value": 30, "count": 1}]
    assert ask("csat") == [{"value": None, "count": 0}]
    # What a machine sent first doesn't make a customer new: their first contact with a person does.
    months = {
        row["period_start"].astimezone(CHINA.zone).month: row["value"] for row in ask("new_customers", grain="month")
    }
    assert months == {5: 0, 6: 1}


def test_a_group_of_machines_alone_is_there_and_empty() -> None:
    contact = {"customer_id": "c", "occurred_at": "2026-06-01T10:00"}
    machine = {"customer_id": "d", "occurred_at": "2026-06-01T10:00", "is_automated": True}
    people = [{"customer_id": "c", "owner": "Li"}, {"customer_id": "d", "owner": "Wu"}]
    ask = company_of(CHINA, [contact, machine], people)
    assert ask("contacts", by=("owner",)) == [
        {"owner": "Li", "value": 1, "count": 1},
        {"owner": "Wu", "value": 0, "count": 0},
    ]
    for metric in ("csat", "complaint_share", "wait_seconds_p90", "contacts_per_customer", "csat_weighted"):
        assert ask(metric, by=("owner",))[1] == {"owner": "Wu", "value": None, "count": 0}


def test_first_in_the_range_is_not_new() -> None:
    rows = [{"customer_id": "c", "occurred_at": f"2026-0{month}-10T10:00"} for month in (2, 5, 6)]
    rows.append({"customer_id": "d", "occurred_at": "2026-06-11T10:00"})
    ask = company_of(CHINA, rows)
    found = {
        metric: [row["value"] for row in ask(metric, grain="month")]
        for metric in ("unique_customers", "new_customers", "returning_customers")
    }
    assert found == {
        "unique_customers": [1, 1, 2],
        "new_customers": [1, 0, 1],
        "returning_customers": [0, 1, 1],
    }


@pytest.mark.parametrize(
    ("company", "asked", "answered", "minutes"),
    [
        (CHINA, "2026-09-30T17:00", "2026-10-08T10:00", 120),  # over National Day
        (CHINA, "2026-10-09T17:30", "2026-10-10T09:30", 60),  # on to a worked Saturday
        (CHINA, "2026-10-10T17:30", "2026-10-12T09:30", 60),  # and over its Sunday
        (CHINA, "2026-02-14T17:00", "2026-02-24T09:15", 75),  # a worked Saturday, then the Spring Festival
        (NEW_YORK, "2026-03-06T17:00", "2026-03-09T09:30", 90),  # clocks forward on Sunday
        (NEW_YORK, "2026-10-30T17:00", "2026-11-02T09:30", 90),  # clocks back on Sunday
        (NEW_YORK, "2026-07-02T17:00", "2026-07-06T09:30", 90),  # Independence Day is observed on Friday
    ],
)
def test_first_answers_in_business_hours(company: Company, asked: str, answered: str, minutes: float) -> None:
    ask = company_of(company, [{"occurred_at": asked, "responded_at": answered}])
    assert ask("first_response_business_minutes_median") == [{"value": minutes, "count": 1}]


def test_calendar_time_counts_the_hour_that_the_clock_skips() -> None:
    night = {"occurred_at": "2026-03-08T01:00", "responded_at": "2026-03-08T04:00"}
    assert company_of(NEW_YORK, [night])("first_response_minutes_median") == [{"value": 120, "count": 1}]


def test_service_level_counts_who_hung_up_as_not_in_time() -> None:
    calls = [("answered", 20_000), ("answered", 20_001), ("abandoned", 3_000), ("answered", None), ("voicemail", 0)]
    at = "2026-06-01T10:00"
    rows = [{"occurred_at": at, "channel": "phone", "outcome": outcome, "wait_ms": wait} for outcome, wait in calls]
    (found,) = company_of(CHINA, rows)("service_level")
    assert found == {"value": pytest.approx(1 / 3), "count": 3}


def test_weighted_satisfaction_takes_each_stratum_by_its_contacts() -> None:
    def rows(channel: str, ratings: list[int | None], month: int = 6) -> list[dict[str, Any]]:
        at = f"2026-0{month}-01T10:00"
        return [{"occurred_at": at, "channel": channel, "satisfaction": rating} for rating in ratings]

    phone, chat = rows("phone", [5, *[None] * 8, 2]), rows("chat", [5, 4, 5, 1, 5])
    # Of ten callers, half of whom are taken to be satisfied, and five chatters, four of whom are.
    assert company_of(CHINA, phone + chat)("csat_weighted") == [{"value": pytest.approx((5 + 4) / 15), "count": 7}]
    assert company_of(CHINA, phone + chat)("csat") == [{"value": pytest.approx(5 / 7), "count": 7}]
    # Nobody was heard by e-mail, nor in July by phone: the figure is of the others.
    silent = company_of(CHINA, phone + chat + rows("email", [None]) + rows("phone", [None] * 3, month=7))
    assert silent("csat_weighted") == [{"value": pytest.approx(9 / 15), "count": 7}]
    assert silent("csat_weighted", where={"channel": ("email",)}) == [{"value": None, "count": 0}]
