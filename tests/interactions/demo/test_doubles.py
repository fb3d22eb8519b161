"""Planted doubles: the truth is whole, and the same seed gives the same."""

import numpy as np
import pytest

from interactions.demo import misspelt
from interactions.demo.company import simulate
from interactions.demo.doubles import DOUBLED, Doubled, plant
from workspace.tables import TABLES


@pytest.fixture(scope="module")
def doubled() -> Doubled:
    return plant(simulate(customers=500, days=120, seed=3), 3)


def test_the_same_seed_gives_the_same(doubled: Doubled) -> None:
    again = plant(simulate(customers=500, days=120, seed=3), 3)
    assert again.pairs == doubled.pairs
    assert all(again.tables[name].equals(table) for name, table in doubled.tables.items())


def test_the_truth_names_customers_of_the_table(doubled: Doubled) -> None:
    names = set(doubled.tables["customers"]["customer_id"].to_pylist())
    assert len(names) == doubled.tables["customers"].num_rows > 500 * (1 + DOUBLED)
    assert {name for pair in doubled.pairs for name in pair} <= names
    assert all(one < other for one, other in doubled.pairs)


def test_what_happened_is_spread_over_the_ids_and_nothing_is_lost(doubled: Doubled) -> None:
    company = simulate(customers=500, days=120, seed=3)
    known_at = dict(
        zip(*(doubled.tables["customers"][name].to_pylist() for name in ("customer_id", "known_at")), strict=True)
    )
    second = 0
    for name, at in (("interactions", "occurred_at"), ("orders", "ordered_at"), ("surveys", "answered_at")):
        table = doubled.tables[name]
        assert table.drop_columns("customer_id").equals(company.tables[name].drop_columns("customer_id"))
        rows = table.filter([str(key).startswith("D") for key in table["customer_id"].to_pylist()])
        second += len(rows)
        pairs = zip(rows["customer_id"].to_pylist(), rows[at].to_pylist(), strict=True)
        assert all(known_at[customer] <= moment for customer, moment in pairs)
    assert second > 50


def test_the_tables_have_their_schemas(doubled: Doubled) -> None:
    assert all(table.schema.equals(TABLES[name].schema) for name, table in doubled.tables.items())


def test_names_addresses_and_numbers_are_written_in_many_ways() -> None:
    rng = np.random.default_rng(1)
    assert len({misspelt.other_name("王小伟", rng) for _ in range(400)}) >= 7
    assert len({misspelt.other_name("Emma Smith", rng) for _ in range(400)}) >= 7
    assert len({misspelt.other_email("ab.cd@gmail.com", rng) for _ in range(400)}) >= 7
    assert len({misspelt.other_phone("13912345670", rng) for _ in range(400)}) >= 8
