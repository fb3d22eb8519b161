"""Contacts counted by each dimension: what is counted, under which name, and what was known of the customer."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from features.identity import LINKS
from features.volume_contacts import DIMENSIONS, contacts
from workspace.engine import arrow_tables, connect
from workspace.tables import TABLES

AT = datetime(2026, 1, 5, 9, 7, tzinfo=UTC)
QUARTER = 1_767_603_600 // 900  # 09:00


def day(number: int) -> datetime:
    return datetime(2026, 1, number, tzinfo=UTC)


@pytest.fixture
def grouped(backend: Any) -> Callable[..., dict[str, int]]:
    """Counts by group of contacts at one moment, all in one quarter, sorted; customers and links as dicts."""

    def of(
        by: str,
        rows: Sequence[dict],
        customers: Sequence[dict] = (),
        links: Sequence[dict] | None = None,
        until: datetime | None = None,
    ) -> dict[str, int]:
        given = {
            "interactions": table(
                "interactions",
                [{"interaction_id": str(number), "occurred_at": AT, **row} for number, row in enumerate(rows)],
            ),
            "customers": table("customers", customers),
            **({} if links is None else {LINKS: table(LINKS, links)}),
        }
        found = contacts(arrow_tables(backend, given), until, by).to_pyarrow()
        assert found.column_names == ["quarter", by, "count"]
        assert set(found["quarter"].to_pylist()) <= {QUARTER}
        assert found[by].to_pylist() == sorted(found[by].to_pylist())
        return dict(zip(found[by].to_pylist(), found["count"].to_pylist(), strict=True))

    return of


def table(name: str, rows: Sequence[dict]) -> pa.Table:
    schema = TABLES[name].schema
    full = [{**dict.fromkeys(schema.names), "known_at": AT, "source": "s", **row} for row in rows]
    return pa.Table.from_pylist(full, schema=schema)


def customer(customer_id: str, region: str | None, owner: str | None = None, known_at: datetime = day(1)) -> dict:
    return {"customer_id": customer_id, "region": region, "owner": owner, "known_at": known_at}


def test_machines_and_the_companys_own_contacts_are_not_counted(grouped: Callable) -> None:
    rows = [
        {"kind": "inquiry"},
        {"kind": "inquiry", "direction": "inbound", "is_automated": False},
        {"kind": "inquiry", "direction": "unknown"},
        {"kind": "auto_reply", "is_automated": True},
        {"kind": "campaign", "direction": "outbound"},
    ]
    assert grouped("kind", rows) == {"inquiry": 3}


def test_what_is_not_known_has_a_name_of_its_own(grouped: Callable) -> None:
    people = [customer("a", "north", "Ann"), customer("b", None)]
    rows = [{"customer_id": name} for name in ("a", "b", "never described", None)]
    assert grouped("region", rows, people) == {"north": 1, "unknown": 3}
    assert grouped("owner", rows, people) == {"Ann": 1, "unknown": 3}
    assert grouped("kind", [{"kind": "refund"}, {}]) == {"refund": 1, "unknown": 1}
    assert grouped("channel", [{"channel": "phone"}, {}]) == {"other": 1, "phone": 1}


@pytest.mark.parametrize("by", ["region", "kind"])
def test_a_group_called_all_is_not_the_total(grouped: Callable, by: str) -> None:
    assert grouped(by, [{"customer_id": "a", "kind": "all"}], [customer("a", "all")]) == {'"all"': 1}


class TestVersions:
    """Of a row the latest version known before `until` counts."""

    rows = (
        {"interaction_id": "same", "kind": "inquiry", "customer_id": "a"},
        {"interaction_id": "same", "kind": "complaint", "customer_id": "b", "known_at": day(9)},
    )
    people = (
        customer("a", "north"),
        customer("b", "east"),
        customer("a", "south", known_at=day(7)),
        # Collected before the other, known after it.
        {**customer("a", "west", known_at=day(8)), "collected_at": day(2)},
    )

    @pytest.mark.parametrize(("until", "kind"), [(day(9), "inquiry"), (day(10), "complaint"), (None, "complaint")])
    def test_of_a_contact(self, grouped: Callable, until: datetime | None, kind: str) -> None:
        assert grouped("kind", self.rows, until=until) == {kind: 1}

    @pytest.mark.parametrize(
        ("until", "region"), [(day(6), "north"), (day(8), "south"), (day(9), "west"), (day(10), "east"), (None, "east")]
    )
    def test_of_a_customer(self, grouped: Callable, until: datetime | None, region: str) -> None:
        assert grouped("region", self.rows, self.people, until=until) == {region: 1}

    def test_a_customer_who_becomes_known_later_is_unknown(self, grouped: Callable) -> None:
        people = [customer("a", "north", known_at=day(20))]
        assert grouped("region", [{"customer_id": "a"}], people, until=day(20)) == {"unknown": 1}
        assert grouped("region", [{"customer_id": "a"}], people, until=day(21)) == {"north": 1}

    def test_a_contact_put_off_beyond_until_has_not_happened(self, grouped: Callable) -> None:
        rows = [
            {"interaction_id": "same", "kind": "visit"},
            {"interaction_id": "same", "kind": "visit", "occurred_at": day(20), "known_at": day(6)},
        ]
        assert grouped("kind", rows, until=day(6)) == {"visit": 1}
        assert grouped("kind", rows, until=day(10)) == {}


class TestPersons:
    """Customers who are one person have the region that is last known of any of them."""

    people = (customer("a", "north"), customer("b", "south", known_at=day(3)), customer("c", None, known_at=day(4)))
    rows = tuple({"customer_id": name} for name in "abc")
    links = tuple({"customer_id": name, "person_id": "a", "known_at": day(7)} for name in "abc")

    def test_from_the_day_a_link_is_known(self, grouped: Callable) -> None:
        expected = {"north": 1, "south": 1, "unknown": 1}
        assert grouped("region", self.rows, self.people, self.links, day(7)) == expected
        assert grouped("region", self.rows, self.people, self.links, day(8)) == {"south": 3}
        assert grouped("region", self.rows, self.people, self.links) == {"south": 3}
        assert grouped("region", self.rows, self.people) == expected

    def test_an_undone_link_joins_nobody(self, grouped: Callable) -> None:
        undone = [{**link, "undone_at": day(9)} for link in self.links]
        assert grouped("region", self.rows, self.people, undone) == {"north": 1, "south": 1, "unknown": 1}


@pytest.mark.spark
@pytest.mark.slow
@pytest.mark.parametrize("until", [None, datetime(2026, 6, 1, 7, tzinfo=UTC)])
@pytest.mark.parametrize("by", DIMENSIONS)
def test_spark_counts_the_same(spark: Any, tables: dict[str, pa.Table], by: str, until: datetime | None) -> None:
    names = ("interactions", "customers")
    joined = [{"customer_id": f"C{n:06d}", "person_id": f"C{n - n % 3:06d}"} for n in range(1, 60)]
    rows = {**{name: tables[name] for name in names}, LINKS: table(LINKS, joined)}
    backend = connect()
    expected = contacts(arrow_tables(backend, rows), until, by).to_pyarrow()
    backend.disconnect()
    assert contacts(arrow_tables(spark, rows), until, by).to_pyarrow().equals(expected)
    assert expected.num_rows > 100
