"""A sample of contacts is one of customers, and always the same."""

import pyarrow as pa

from training.contacts_known import sampled


def test_a_sample_holds_all_contacts_of_its_customers() -> None:
    table = pa.table({"customer_id": [f"c{number % 2_000}" for number in range(10_000)]})
    found = sampled(table, 2_000)
    counts = found["customer_id"].value_counts().to_pylist()
    assert {row["counts"] for row in counts} == {5}
    assert 1_700 < found.num_rows < 2_300
    again = sampled(table.slice(5_000), 1_000)
    assert set(again["customer_id"].to_pylist()) == set(found["customer_id"].to_pylist())


def test_few_are_all_taken() -> None:
    table = pa.table({"customer_id": ["a", "b"]})
    assert sampled(table, 2) is table
