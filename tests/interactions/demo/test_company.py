"""The simulated company holds together: schemas, keys, times, and the same arguments give the same bytes."""

from datetime import date

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from interactions.demo.company import Company, simulate
from workspace.tables import CHANNELS, DIRECTIONS, TABLES


def test_tables_have_the_promised_schemas(company: Company) -> None:
    assert set(company.tables) == {"customers", "interactions", "orders", "surveys"}
    for name, table in company.tables.items():
        assert table.schema == TABLES[name].schema
        assert table.num_rows > 0


def test_the_same_arguments_give_the_same_company() -> None:
    first, second = simulate(120, 90, seed=11), simulate(120, 90, seed=11)
    assert all(first.tables[name].equals(second.tables[name]) for name in first.tables)
    assert all(first.truth[name].equals(second.truth[name]) for name in first.truth)


def test_another_seed_gives_another_company() -> None:
    assert (
        not simulate(120, 90, seed=11).tables["interactions"].equals(simulate(120, 90, seed=12).tables["interactions"])
    )


@pytest.mark.parametrize("name", ["customers", "interactions", "orders", "surveys"])
def test_keys_are_unique_and_never_missing(company: Company, name: str) -> None:
    (key,) = TABLES[name].key
    column = company.tables[name][key]
    assert column.null_count == 0
    assert pc.count_distinct(column).as_py() == len(column)


@pytest.mark.parametrize("name", ["interactions", "orders", "surveys"])
def test_every_named_customer_exists(company: Company, name: str) -> None:
    named = company.tables[name]["customer_id"].drop_null()
    assert pc.all(pc.is_in(named, value_set=company.tables["customers"]["customer_id"].combine_chunks())).as_py()


def test_nothing_is_known_from_after_the_last_midnight(company: Company) -> None:
    end = pa.scalar(pd.Timestamp("2026-11-01", tz=company.timezone).tz_convert("UTC"), pa.timestamp("us", "UTC"))
    for table in company.tables.values():
        for field in table.schema:
            if (
                pa.types.is_timestamp(field.type)
                and field.name != "collected_at"
                and table[field.name].null_count < len(table)
            ):
                assert pc.max(table[field.name]).as_py() < end.as_py(), field.name


def test_provenance_is_filled(company: Company) -> None:
    interactions = company.tables["interactions"]
    assert interactions["known_at"].equals(interactions["occurred_at"])
    assert interactions["source_row"].to_pylist() == list(range(1, interactions.num_rows + 1))
    assert pc.unique(interactions["collected_at"]).to_pylist() == [pd.Timestamp("2026-11-01T16:00Z")]


def test_times_of_a_contact_come_in_their_order(company: Company) -> None:
    rows = company.tables["interactions"].to_pandas()
    for earlier, later in (
        ("occurred_at", "responded_at"),
        ("responded_at", "resolved_at"),
        ("responded_at", "rated_at"),
    ):
        both = rows[rows[earlier].notna() & rows[later].notna()]
        assert len(both) > 100
        assert (both[later] >= both[earlier]).all()


def test_nobody_is_in_touch_before_joining_or_after_leaving(company: Company, contacts: pd.DataFrame) -> None:
    joined = company.tables["customers"].to_pandas()[["customer_id", "joined_at"]]
    known = contacts.merge(joined, on="customer_id")
    assert (known["occurred_at"] >= known["joined_at"]).all()
    gone = known[known["left_at_true"].notna()]
    assert len(gone) > 1000
    assert (gone["occurred_at"] <= gone["left_at_true"]).all()


def test_few_leavers_said_goodbye_and_those_told_the_truth(company: Company) -> None:
    known = company.tables["customers"]["left_at"].to_pandas()
    true = company.truth["customers"]["left_at_true"].to_pandas()
    assert (known[known.notna()] == true[known.notna()]).all()
    assert 0.05 < known.notna().sum() / true.notna().sum() < 0.16


def test_words_are_those_of_the_tables(company: Company) -> None:
    interactions = company.tables["interactions"]
    assert set(pc.unique(interactions["channel"]).to_pylist()) <= set(CHANNELS)
    assert set(pc.unique(interactions["direction"]).to_pylist()) == set(DIRECTIONS)
    assert set(pc.unique(company.tables["orders"]["currency"]).to_pylist()) == {"CNY", "USD"}


def test_sizes_are_those_of_a_demo(company: Company) -> None:
    identified = company.tables["interactions"]["customer_id"].drop_null()
    assert 30 < len(identified) / 1500 < 45
    orders = pc.count_distinct(company.tables["orders"]["order_id"]).as_py()
    assert orders < company.tables["orders"].num_rows < 3 * orders


def test_another_zone_and_end_shift_the_days() -> None:
    company = simulate(150, 90, seed=2, end=date(2025, 4, 30), timezone="America/New_York")
    local = company.tables["interactions"]["occurred_at"].to_pandas().dt.tz_convert("America/New_York")
    assert local.min() >= pd.Timestamp("2025-01-31", tz="America/New_York")
    assert local.max() < pd.Timestamp("2025-05-01", tz="America/New_York")
    phone = company.tables["interactions"].filter(pc.equal(company.tables["interactions"]["channel"], "phone"))
    hours = phone["occurred_at"].to_pandas().dt.tz_convert("America/New_York").dt.hour
    assert 9 <= hours.median() <= 16


@pytest.mark.parametrize(("customers", "days"), [(0, 730), (10, 59)])
def test_a_company_needs_customers_and_days(customers: int, days: int) -> None:
    with pytest.raises(ValueError, match="needs 1 customer and 60 days"):
        simulate(customers, days)
