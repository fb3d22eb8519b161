import dataclasses
from collections import Counter

import pyarrow as pa
import pytest

from serving.answers.places import LEAST, cities


def test_every_customer_is_in_a_city_or_counted_as_left_out(snapshot, callers):
    answer = cities(snapshot, callers["admin"])
    customers = snapshot.tables["customers"]
    counted = Counter(customers["city"].drop_null().to_pylist())
    assert {row["city"]: row["customers"] for row in answer["cities"]} == {
        city: count for city, count in counted.items() if count >= LEAST
    }
    assert answer["left_out"] + sum(row["customers"] for row in answer["cities"]) == len(customers)
    assert [row["customers"] for row in answer["cities"]] == sorted(
        (row["customers"] for row in answer["cities"]), reverse=True
    )


def test_coordinates_are_a_mean_that_names_no_address(snapshot, callers):
    first = cities(snapshot, callers["admin"])["cities"][0]
    rows = [row for row in snapshot.tables["customers"].to_pylist() if row["city"] == first["city"]]
    assert first["longitude"] == pytest.approx(sum(row["longitude"] for row in rows) / len(rows), abs=0.051)
    assert first["latitude"] == pytest.approx(sum(row["latitude"] for row in rows) / len(rows), abs=0.051)
    assert first["latitude"] == round(first["latitude"], 1)


def test_sales_see_where_their_own_customers_are(snapshot, callers, owner):
    answer = cities(snapshot, callers["sales"])
    own = snapshot.tables["customers"]["owner"].to_pylist().count(owner)
    assert answer["left_out"] + sum(row["customers"] for row in answer["cities"]) == own


def test_nobody_with_coordinates_is_an_empty_list(snapshot, callers):
    customers = snapshot.tables["customers"]
    at = customers.schema.get_field_index("longitude")
    bare = customers.set_column(at, "longitude", pa.nulls(len(customers), pa.float64()))
    nowhere = dataclasses.replace(snapshot, tables={**snapshot.tables, "customers": bare})
    assert cities(nowhere, callers["admin"])["cities"] == []
