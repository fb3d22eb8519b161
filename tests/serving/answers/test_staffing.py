"""Staffing over HTTP: by the forecast of a published company, by a number of contacts, and refused where it must be."""

from datetime import datetime

import httpx
import numpy as np
import pytest

from serving.answers.periods_ahead import ahead
from serving.snapshot import Snapshot
from training.bundle.erlang import least_agents

Served = tuple[httpx.Client, dict[str, str]]


def asked(served: Served, query: str, status: int = 200):
    client, keys = served
    answer = client.get(f"/api/v1/staffing?{query}", headers={"authorization": f"Bearer {keys['analyst']}"})
    assert answer.status_code == status, answer.text
    return answer.json()


def test_the_known_answer(served: Served) -> None:
    found = asked(served, "contacts=100&handle_seconds=180&grain=30min")
    (row,) = found["rows"]
    assert row["agents"] == row["scheduled"] == 14
    assert row["service_level"] == pytest.approx(0.8884, abs=5e-5)
    assert row["occupancy"] == pytest.approx(0.714, abs=5e-4)
    assert found["basis"] == "given"
    assert asked(served, "contacts=100&handle_seconds=180&shrinkage=0.3")["rows"][0]["scheduled"] == 20


def test_a_week_of_half_hours_of_the_channel_by_default(served: Served, snapshot: Snapshot) -> None:
    found = asked(served, "")
    assert (found["channel"], found["grain"], found["rule"], found["handle_measured"]) == (
        "phone",
        "30min",
        "erlang_c",
        True,
    )
    assert len(found["rows"]) == 7 * 48
    starts = [datetime.fromisoformat(row["period_start"]) for row in found["rows"]]
    assert starts[0] == snapshot.cutoff
    assert sum(row["expected"] for row in found["rows"]) == pytest.approx(70.0)
    for row in found["rows"]:
        again = least_agents(np.array([row["planned_for"] * found["handle_seconds"] / 1800]), 0.8, 200, 20)
        assert row["agents"] >= (row["planned_for"] > 0)
        assert row["erlangs"] == pytest.approx(again.erlangs[0])
        assert row["planned_for"] >= row["expected"]
        assert row["service_level"] >= 0.8


def test_more_certainty_takes_more_agents(served: Served) -> None:
    careful, plain = (asked(served, f"handle_seconds=1800&quantile={share}") for share in (0.95, 0.5))
    assert careful["scheduled_hours"] > plain["scheduled_hours"]
    assert plain["rows"][0]["planned_for"] == pytest.approx(plain["rows"][0]["expected"], abs=0.3)


def test_letters_are_staffed_by_their_deadline_with_one_number(served: Served) -> None:
    soon, later = (asked(served, f"rule=deadline&handle_seconds=3600&deadline_hours={hours}") for hours in (1, 48))
    assert {row["agents"] for row in soon["rows"]} != {0}
    assert len({row["agents"] for row in later["rows"]}) == 1
    assert later["most_scheduled"] < soon["most_scheduled"]
    assert later["rows"][0]["service_level"] is None
    assert max(row["left"] for row in later["rows"]) > 0


def test_parts_of_days_add_up_to_the_stored_days(snapshot: Snapshot) -> None:
    days = ahead(snapshot, "phone", "day")
    for grain, a_day in (("hour", 24), ("30min", 48), ("15min", 96)):
        parts = ahead(snapshot, "phone", grain)
        assert len(parts.starts) == 28 * a_day
        assert parts.mean.reshape(28, a_day).sum(axis=1) == pytest.approx(days.mean)
    weeks = ahead(snapshot, "phone", "week")
    # The data ends on a Saturday: the first whole week begins two days later.
    assert [start.isoformat()[:10] for start in weeks.starts] == ["2026-11-01", "2026-11-08", "2026-11-15"]
    assert weeks.mean.tolist() == [70.0, 70.0, 70.0]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("channel=canary", "`channel` must be one of"),
        ("channel=chat", "The forecast has the channels: all, phone"),
        ("grain=day", "`grain` must be one of 15min, 30min, hour"),
        ("service_level=1", "`service_level` must be a number from 0.01 to 0.999"),
        ("service_level=80", "`service_level` must be"),
        ("within_seconds=-1", "`within_seconds` must be"),
        ("handle_seconds=0", "`handle_seconds` must be"),
        ("quantile=nan", "`quantile` must be a number from 0.5 to 0.95"),
        ("shrinkage=1", "`shrinkage` must be"),
        ("from=2026-11-03&to=2026-11-02", "`from` must lie before `to`"),
        ("from=2030-01-01", "The forecast reaches from 2026-10-31T16:00:00Z"),
        ("contacts=1000000&handle_seconds=86400", "Check the handling time's unit"),
        ("agents=3", "It knows: channel, contacts"),
    ],
)
def test_what_can_not_be_answered_is_a_problem(served: Served, query: str, said: str) -> None:
    problem = asked(served, query, 400)
    assert said in problem["detail"]


def test_it_is_a_list_as_csv_too(served: Served) -> None:
    client, keys = served
    headers = {"authorization": f"Bearer {keys['sales']}", "accept": "text/csv"}
    lines = client.get("/api/v1/staffing?to=2026-11-02", headers=headers).content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("period_start,minutes,expected,planned_for,erlangs,agents,scheduled")
    assert len(lines) == 1 + 48


@pytest.mark.parametrize(("grain", "rows"), [("hour", 28 * 24), ("30min", 28 * 48), ("15min", 28 * 96), ("week", 3)])
def test_the_forecast_has_every_grain(served: Served, grain: str, rows: int) -> None:
    client, keys = served
    answer = client.get(f"/api/v1/forecast?grain={grain}", headers={"authorization": f"Bearer {keys['analyst']}"})
    assert answer.status_code == 200
    assert len(answer.json()["rows"]) == rows


def test_regions_add_up_to_the_total(served: Served) -> None:
    client, keys = served
    headers = {"authorization": f"Bearer {keys['analyst']}"}
    total = client.get("/api/v1/forecast", headers=headers).json()["rows"]
    rows = client.get("/api/v1/forecast?by=region", headers=headers).json()["rows"]
    by_day: dict[str, float] = {}
    for row in rows:
        by_day[row["period_start"]] = by_day.get(row["period_start"], 0.0) + row["mean"]
    assert by_day == {row["period_start"]: row["mean"] for row in total}
    assert len({row["region"] for row in rows}) > 1
    refused = client.get("/api/v1/forecast?by=region&grain=week", headers=headers)
    assert refused.status_code == 400
    assert "by the day" in refused.json()["detail"]
