from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from features.identity import LINKS
from features.volume import volume, volume_of
from features.volume_contacts import DIMENSIONS
from features.volume_periods import LONGEST
from features.volume_series import schema
from workspace.engine import arrow_tables, connect
from workspace.errors import NotEnoughHistoryError, QueryError
from workspace.folder import open_workspace
from workspace.settings import Company
from workspace.tables import TABLES

BERLIN = Company(timezone="Europe/Berlin")


@pytest.fixture
def counted(backend: Any) -> Callable[..., pd.DataFrame]:
    """Volume of contacts, given as (moment, channel) or dicts, and of older totals (start, channel, minutes, count)."""

    def of(
        contacts: Sequence[Any], older: Sequence[tuple] = (), company: Company = BERLIN, until=None, grain="day"
    ) -> pd.DataFrame:
        rows = [
            {
                "interaction_id": str(number),
                **(row if isinstance(row, dict) else {"occurred_at": row[0], "channel": row[1]}),
            }
            for number, row in enumerate(contacts)
        ]
        totals = [dict(zip(("period_start", "channel", "period_minutes", "count"), row, strict=True)) for row in older]
        tables = {
            "interactions": _table("interactions", rows, "occurred_at"),
            "volume_history": _table("volume_history", totals, "period_start"),
        }
        found = volume_of(arrow_tables(backend, tables), company, until, grain)
        assert found.schema.equals(schema("channel"))
        return found.to_pandas()

    return of


def _table(name: str, rows: list[dict], event_time: str) -> pa.Table:
    schema = TABLES[name].schema
    full = [{**dict.fromkeys(schema.names), "known_at": row[event_time], **row} for row in rows]
    return pa.Table.from_pylist(full, schema=schema)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def counts(found: pd.DataFrame, channel: str = "all") -> dict[str, int]:
    rows = found[found.channel == channel]
    return {f"{local:%m-%d %H:%M}": count for local, count in zip(rows.period_local, rows["count"], strict=True)}


NEW_YORK = Company(
    timezone="America/New_York",
    week_start="sunday",
    calendar="US",
    hours={"monday": "09:00-17:00", "saturday": "10:00-12:00"},
)
UNTIL = utc(2026, 7, 11, 16)


@pytest.fixture(scope="session")
def moved(tables: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """The company's tables, with customers who move or whose region nobody knows, links, and older totals."""
    customers = tables["customers"].to_pylist()
    for number, row in enumerate(customers):
        row["owner" if number % 3 else "region"] = None if number % 7 == 0 else row["owner" if number % 3 else "region"]
    later = [
        {**row, "region": "moved", "owner": None, "known_at": utc(2026, 2 + number % 9, 3), "is_revision": True}
        for number, row in enumerate(customers)
        if number % 5 == 0
    ]
    ids = sorted({row["customer_id"] for row in customers})
    links = [
        {"customer_id": one, "person_id": ids[number - number % 3], "known_at": utc(2026, 1 + number % 12, 9)}
        for number, one in enumerate(ids[:60])
    ]
    totals = [
        {
            **{"period_start": utc(2025, 12, 1, 5) + timedelta(days=number), "count": number % 11},
            **{"channel": ("phone", "all", "email")[number % 3], "period_minutes": (15, 30, 60, 1440)[number % 4]},
            "known_at": utc(2025, 12, 1, 5) + timedelta(days=2 * number),
        }
        for number in range(150)
    ]
    recent = pc.greater_equal(tables["interactions"]["occurred_at"], utc(2026, 3, 1))
    return {
        "interactions": tables["interactions"].filter(recent),
        "customers": pa.Table.from_pylist(customers + later, schema=TABLES["customers"].schema),
        LINKS: _table(LINKS, links, "known_at"),
        "volume_history": _table("volume_history", totals, "period_start"),
    }


@pytest.mark.parametrize("until", [None, UNTIL])
@pytest.mark.parametrize("grain", list(LONGEST))
@pytest.mark.parametrize("by", DIMENSIONS)
def test_equals_plain_pandas(
    by: str, grain: str, until: datetime | None, backend: Any, moved: dict[str, pa.Table]
) -> None:
    found = volume_of(arrow_tables(backend, moved), NEW_YORK, until, grain, by)
    assert found.schema.equals(schema(by))
    rows = found.to_pandas()
    sizes = rows.groupby(by).size()
    spans = rows.period_start[rows[by] == "all"].reset_index(drop=True)
    assert rows[by].tolist() == [group for group in sorted(sizes.index) for _ in range(sizes[group])]
    for group, size in sizes.items():
        assert (
            rows.period_start[rows[by] == group]
            .reset_index(drop=True)
            .equals(spans.iloc[-size:].reset_index(drop=True))
        )

    expected = oracle(moved, by, grain, until)
    at = expected.index.get_level_values(1)
    counted = rows[rows["count"] > 0].set_index([by, "period_start"])["count"]
    assert counted.to_dict() == expected[at.isin(spans)].to_dict()
    cut = at[~at.isin(spans)].unique()
    assert all((cut < spans.min()) | (cut > spans.max())), "only periods cut by the ends are left out"
    assert len(cut) <= 2


def oracle(given: dict[str, pa.Table], by: str, grain: str, until: datetime | None) -> pd.Series:
    """Contacts, and older totals before their first day, by group and start of the period; no zeros."""
    rows = latest(given["interactions"], ["interaction_id"], until)
    rows = rows[rows.direction.ne("outbound") & rows.is_automated.ne(True)]
    if until is not None:
        rows = rows[rows.occurred_at < until]
    if by in ("region", "owner"):
        rows = rows.assign(**{by: whose(given, rows.customer_id, by, until)})
    rows = rows.assign(group=rows[by].fillna("other" if by == "channel" else "unknown"), at=rows.occurred_at, count=1)
    first = rows["at"].min().tz_convert("America/New_York").normalize()
    totals = latest(given["volume_history"], ["period_start", "channel"], until)
    totals = totals[totals.period_minutes.le(LONGEST[grain]) & (totals.period_start < first)]
    # A day of the made totals has one row, of "all" or of a channel.
    totals = totals.assign(group=totals.channel, at=totals.period_start)
    named = totals[totals.group.ne("all")] if by == "channel" else totals.iloc[:0]
    both = pd.concat(
        [part[["group", "at", "count"]] for part in (rows, rows.assign(group="all"), totals.assign(group="all"), named)]
    )
    summed = both.groupby(["group", start(both["at"], grain)])["count"].sum()
    return summed[summed > 0]


def latest(table: pa.Table, key: list[str], until: datetime | None) -> pd.DataFrame:
    rows = table.to_pandas()
    rows = rows if until is None else rows[rows.known_at < until]
    return rows.sort_values(["known_at", "collected_at", "source", "source_row"]).groupby(key).tail(1)


def whose(given: dict[str, pa.Table], customers: pd.Series, by: str, until: datetime | None) -> pd.Series:
    """The region or owner of each customer: of all customers that are one person the last known that has one."""
    links = given[LINKS].to_pandas()
    links = links if until is None else links[links.known_at < until]
    person = dict(zip(links.customer_id, links.person_id, strict=True))
    described = latest(given["customers"], ["customer_id"], until)
    described = described.assign(person=[person.get(one, one) for one in described.customer_id])
    described = described[described[by].notna()].sort_values(["known_at", "collected_at", "source", "source_row"])
    known = described.groupby("person")[by].last()
    return customers.map(lambda one: known.get(person.get(one, one)))


def start(at: pd.Series, grain: str) -> pd.Series:
    """The start of each moment's period in New York, whose offset is a whole number of hours."""
    if grain in ("15min", "30min", "hour"):
        return at.dt.floor("h" if grain == "hour" else grain)
    days = at.dt.tz_convert("America/New_York").dt.tz_localize(None).dt.normalize()
    if grain == "week":
        days -= pd.to_timedelta((days.dt.day_of_week + 1) % 7, unit="D")
    return days.dt.tz_localize("America/New_York").dt.tz_convert("UTC")


def test_gaps_are_zero_for_every_channel(counted: Callable) -> None:
    found = counted([(utc(2026, 1, 5, 9), "phone"), (utc(2026, 1, 8, 9), "email")])
    assert list(counts(found).values()) == [1, 0, 0, 1]
    assert list(counts(found, "phone").values()) == [1, 0, 0, 0]
    assert list(counts(found, "email").values()) == [0, 0, 0, 1]


def test_contacts_of_the_company_and_of_machines_are_no_volume(counted: Callable) -> None:
    at = {"occurred_at": utc(2026, 1, 5, 9), "channel": "phone"}
    found = counted(
        [
            at,
            {**at, "direction": "outbound"},
            {**at, "is_automated": True},
            {**at, "direction": "unknown"},
            {**at, "channel": None},
        ]
    )
    assert found.groupby("channel")["count"].sum().to_dict() == {"all": 3, "other": 1, "phone": 2}


def test_days_of_23_and_25_hours(counted: Callable) -> None:
    nights = [utc(2026, 3, 28, 23, 30), utc(2026, 3, 29, 21, 59), utc(2026, 3, 29, 22, 1), utc(2026, 10, 25, 22, 30)]
    found = counted([(at, "phone") for at in nights])
    days = counts(found, "phone")
    assert (days["03-29 00:00"], days["03-30 00:00"], days["10-25 00:00"]) == (2, 1, 1)
    lengths = found[found.channel == "phone"].set_index("period_local").period_start.diff()
    assert lengths[pd.Timestamp("2026-03-30")] == pd.Timedelta(hours=23)
    assert lengths[pd.Timestamp("2026-10-25")] == pd.Timedelta(hours=24)


def test_the_hour_that_comes_twice_is_two_periods(counted: Callable) -> None:
    found = counted([(utc(2026, 10, 25, 0, 15), "phone"), (utc(2026, 10, 25, 1, 15), "phone")], grain="hour")
    rows = found[(found.channel == "phone") & (found.period_local == pd.Timestamp("2026-10-25 02:00"))]
    assert rows["count"].tolist() == [1, 1]
    assert len(found[found.channel == "phone"]) == 25


def test_a_week_begins_when_the_company_says_and_is_whole(counted: Callable) -> None:
    contacts = [(utc(2026, 1, day, 12), "phone") for day in range(1, 23)]  # 1 January 2026 is a Thursday
    assert counts(counted(contacts, grain="week")) == {"01-05 00:00": 7, "01-12 00:00": 7}
    sundays = Company(timezone="Europe/Berlin", week_start="sunday")
    assert counts(counted(contacts, company=sundays, grain="week")) == {"01-04 00:00": 7, "01-11 00:00": 7}


def test_until_leaves_out_the_period_it_cuts_and_what_was_not_known(counted: Callable) -> None:
    contacts = [
        {"occurred_at": utc(2026, 1, 5, 9), "channel": "phone"},
        {"occurred_at": utc(2026, 1, 5, 9), "channel": "phone", "known_at": utc(2026, 1, 9)},
        {"occurred_at": utc(2026, 1, 7, 9), "channel": "phone"},
    ]
    assert counts(counted(contacts, until=utc(2026, 1, 7, 12))) == {"01-05 00:00": 1, "01-06 00:00": 0}
    assert counts(counted(contacts))["01-05 00:00"] == 2


def test_the_latest_version_counts_once(counted: Callable) -> None:
    first = {"interaction_id": "same", "occurred_at": utc(2026, 1, 5, 9), "channel": "phone"}
    later = {**first, "channel": "chat", "known_at": utc(2026, 1, 6)}
    found = counted([first, later, (utc(2026, 1, 8), "phone")])
    assert found.groupby("channel")["count"].sum().to_dict() == {"all": 2, "chat": 1, "phone": 1}


class TestOlderTotals:
    """volume_history in front of the interactions."""

    contacts = ((utc(2026, 1, 5, 9), "phone"),)

    def test_totals_of_all_are_joined_in_front(self, counted: Callable) -> None:
        older = [
            (utc(2026, 1, 1, 23), "all", 1440, 70),
            (utc(2026, 1, 3, 23), "all", 1440, 50),
            (utc(2026, 1, 4, 23), "all", 1440, 99),
        ]
        found = counted(self.contacts, older)
        # The day that has contacts of its own keeps them.
        assert list(counts(found).values()) == [70, 0, 50, 1]
        assert list(counts(found, "phone").values()) == [1]

    def test_named_channels_are_summed_where_there_is_no_total(self, counted: Callable) -> None:
        older = [
            *((utc(2026, 1, 2, 23), "phone", 1440, 3), (utc(2026, 1, 2, 23), "email", 1440, 4)),
            *((utc(2026, 1, 3, 23), "phone", 1440, 5), (utc(2026, 1, 3, 23), "all", 1440, 11)),
        ]
        found = counted(self.contacts, older)
        assert list(counts(found).values()) == [7, 11, 1]
        assert list(counts(found, "phone").values()) == [3, 5, 1]
        assert list(counts(found, "email").values()) == [4, 0, 0]

    def test_finer_totals_are_added_up_and_coarser_ones_left_out(self, counted: Callable) -> None:
        older = [(utc(2026, 1, 3, hour), "all", 60, 2) for hour in (8, 9, 23)] + [
            (utc(2025, 12, 1), "all", 10_080, 700)
        ]
        assert list(counts(counted(self.contacts, older)).values()) == [4, 2, 1]

    def test_totals_alone_are_enough(self, counted: Callable) -> None:
        older = [(utc(2026, 1, day, 23), "all", 1440, day) for day in (1, 2, 3)]
        assert list(counts(counted([], older)).values()) == [1, 2, 3]


def test_errors(counted: Callable, tmp_path: Path) -> None:
    with pytest.raises(QueryError, match="15min, 30min, hour, day, week"):
        counted([(utc(2026, 1, 5), "phone")], grain="month")
    with pytest.raises(QueryError, match="by 'agent_id'; choose one of channel, region, owner, kind"):
        volume(open_workspace(tmp_path / "agents", create=True), None, "day", "agent_id")
    with pytest.raises(NotEnoughHistoryError, match="No complete week"):
        counted([(utc(2026, 1, 5), "phone")], grain="week")
    with pytest.raises(NotEnoughHistoryError, match="No complete day"):
        volume(open_workspace(tmp_path / "empty", create=True), None)


@pytest.mark.parametrize("by", DIMENSIONS)
def test_a_workspace_gives_the_same(tmp_path: Path, moved: dict[str, pa.Table], by: str) -> None:
    workspace = open_workspace(tmp_path / "w", create=True)
    for name, rows in moved.items():
        workspace.lake.append(name, rows)
    backend = connect()
    expected = volume_of(arrow_tables(backend, moved), workspace.settings.company, UNTIL, "hour", by)
    backend.disconnect()
    assert volume(workspace, UNTIL, "hour", by).equals(expected)


def test_without_customers_everybody_is_unknown(tmp_path: Path, tables: dict[str, pa.Table]) -> None:
    workspace = open_workspace(tmp_path / "w", create=True)
    workspace.lake.append("interactions", tables["interactions"])
    found = volume(workspace, None, "week", "owner").to_pandas()
    assert set(found.owner) == {"all", "unknown"}
    assert found[found.owner == "all"]["count"].tolist() == found[found.owner == "unknown"]["count"].tolist()


class TestOlderTotalsByRegion:
    """Totals of channels say nothing of regions: they are in "all" alone."""

    def test_regions_begin_with_the_contacts(self, backend: Any) -> None:
        rows = [{"interaction_id": "1", "customer_id": "a", "occurred_at": utc(2026, 1, 5, 9)}]
        people = [{"customer_id": "a", "region": "north", "known_at": utc(2026, 1, 1)}]
        older = [
            {"period_start": utc(2026, 1, 2, 23), "channel": "phone", "period_minutes": 1440, "count": 3},
            {"period_start": utc(2026, 1, 2, 23), "channel": "email", "period_minutes": 1440, "count": 4},
        ]
        given = {
            "interactions": _table("interactions", rows, "occurred_at"),
            "customers": _table("customers", people, "known_at"),
            "volume_history": _table("volume_history", older, "period_start"),
        }
        found = volume_of(arrow_tables(backend, given), BERLIN, None, "day", "region").to_pandas()
        series = {region: rows["count"].tolist() for region, rows in found.groupby("region")}
        assert series == {"all": [7, 0, 1], "north": [1]}


def test_a_day_of_25_hours_is_no_longer_than_a_day(counted: Callable) -> None:
    older = [(utc(2026, 10, 24, 22), "all", 1500, 25), (utc(2026, 10, 25, 23), "all", 1440, 24)]
    assert list(counts(counted([(utc(2026, 10, 27, 9), "phone")], older)).values()) == [25, 24, 1]


def test_open_minutes_tell_a_closed_period_from_a_quiet_one(counted: Callable) -> None:
    company = Company(
        timezone="Europe/Berlin", calendar="DE", hours={"friday": "09:00-17:00", "saturday": "10:00-12:00"}
    )
    # Good Friday 3 April 2026.
    found = counted([(utc(2026, 3, 27, 9), "phone"), (utc(2026, 4, 4, 9), "phone")], company=company)
    phone = found[found.channel == "phone"]
    assert phone.open_minutes.tolist() == [480, 120, 0, 0, 0, 0, 0, 0, 120]
    assert phone["count"].tolist() == [1, 0, 0, 0, 0, 0, 0, 0, 1]
    assert set(counted([(utc(2026, 3, 28, 9), "phone"), (utc(2026, 3, 29, 9), "phone")]).open_minutes) == {1440, 1380}


CHANGES = {
    "interactions": {"kind": "refund", "channel": "fax", "customer_id": "somebody else", "is_automated": False},
    "customers": {"region": "elsewhere", "owner": "somebody else"},
    "volume_history": {"count": 1000, "period_minutes": 15},
    LINKS: {"person_id": "nobody"},
}


# A smaller example would be as hard to read, and takes minutes to find.
@pytest.mark.slow
@settings(
    max_examples=20,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    until=st.integers(0, 230 * 86_400).map(lambda seconds: utc(2026, 3, 9) + timedelta(seconds=seconds)),
    what=st.sampled_from(["deleted", "doubled", "changed"]),
    by=st.sampled_from(DIMENSIONS),
    grain=st.sampled_from(list(LONGEST)),
)
def test_what_becomes_known_later_is_not_seen(
    moved: dict[str, pa.Table], until: datetime, what: str, by: str, grain: str
) -> None:
    """Everything known at `until` or after it deleted, doubled or changed: the same counts."""
    later = {name: _after(name, rows, until, what) for name, rows in moved.items()}
    found = []
    for given_rows in (moved, later):
        backend = connect()
        found.append(volume_of(arrow_tables(backend, given_rows), NEW_YORK, until, grain, by))
        backend.disconnect()
    assert max(found[0]["period_start"].to_pylist()) < until
    assert found[1].equals(found[0])


def _after(name: str, rows: pa.Table, until: datetime, what: str) -> pa.Table:
    known, unknown = [], []
    for row in rows.to_pylist():
        (known if row["known_at"] < until else unknown).append(row)
    assert known or name == LINKS
    if what == "deleted":
        unknown = []
    elif what == "changed":
        unknown = [{**row, **CHANGES[name]} for row in unknown]
    else:
        # What was known, once more, as of later.
        unknown += [{**row, **CHANGES[name], "known_at": until, "is_revision": None} for row in known]
        known = [{**row, "is_revision": None} for row in known]
    return pa.Table.from_pylist(known + unknown, schema=rows.schema)
