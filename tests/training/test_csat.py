"""Satisfaction of everybody, where it is known who would have said what."""

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest

from training.csat import Csat, csat, csat_rows
from workspace.errors import NotEnoughHistoryError

CUTOFF = datetime(2026, 7, 1, tzinfo=UTC)
DAY_US = 86_400_000_000


def served(seed: int, count: int = 3_000, effect: float = 1.0) -> tuple[pa.Table, float]:
    """Contacts of 80 days and their true CSAT: who waits long is less satisfied, and answers far more often."""
    random = np.random.default_rng(seed)
    wait = random.exponential(300_000, count)
    unhappy = 1 / (1 + np.exp(2.0 - effect * wait / 200_000))
    satisfied = random.random(count) > unhappy
    answers = random.random(count) < np.where(wait > 300_000, 0.5, 0.1)
    rating = np.where(satisfied, random.integers(4, 6, count), random.integers(1, 4, count))
    at = int(CUTOFF.timestamp()) * 1_000_000 - random.integers(1, 80 * DAY_US, count)
    table = pa.table(
        {
            "interaction_id": [f"i{number:05d}" for number in range(count)],
            "customer_id": [f"c{number}" for number in random.integers(0, count // 2, count)],
            "at_us": at,
            "rated_us": pa.array(at + 1, mask=~answers),
            "channel": random.choice(["phone", "email"], count).tolist(),
            "kind": pa.nulls(count, pa.string()),
            "outcome": pa.nulls(count, pa.string()),
            "wait_ms": wait.astype(np.int64),
            "response_us": pa.nulls(count, pa.int64()),
            "reopened": pa.nulls(count, pa.bool_()),
            "is_resolved": [True] * count,
            "satisfaction": pa.array(rating, mask=~answers),
            "sentiment": pa.nulls(count, pa.float64()),
        }
    )
    return table, float(satisfied.mean())


def test_the_silent_majority_is_brought_in() -> None:
    table, truth = served(1)
    found = csat(table, CUTOFF)
    assert found.served == "model"
    assert abs(found.everybody - truth) < 0.5 * abs(found.answered - truth)
    assert found.interval[0] < found.everybody < found.interval[1]
    assert found.judged["brier"] < found.judged["brier_of_mean"]  # type: ignore[operator]


@pytest.mark.slow
def test_the_interval_holds_the_truth_as_often_as_promised() -> None:
    hits = sum(
        low <= truth <= high
        for table, truth in (served(seed, 1_000) for seed in range(20))
        for low, high in [csat(table, CUTOFF).interval]
    )
    assert hits >= 16


def test_where_nothing_tells_the_mean_of_answers_is_served() -> None:
    found = [csat(served(seed, effect=0.0)[0], CUTOFF) for seed in range(6)]
    plain = [one for one in found if one.served == "answered"]
    assert plain
    assert all(one.everybody == pytest.approx(one.answered, abs=1e-6) for one in plain)


def test_the_same_in_any_order() -> None:
    table, _ = served(2, 1_000)
    shuffled = table.take(pa.array(np.random.default_rng(0).permutation(len(table))))
    assert csat(table, CUTOFF) == csat(shuffled, CUTOFF)


def test_everybody_rated_is_simply_counted() -> None:
    table, _ = served(3, 800)
    table = table.filter(table["satisfaction"].is_valid())
    found = csat(table, CUTOFF)
    assert isinstance(found, Csat)
    # Nothing is left to chance, but in a sample of them.
    assert found.interval == (found.everybody, found.everybody)
    assert found.everybody == pytest.approx(np.mean(table["satisfaction"].to_numpy() >= 4), abs=1e-6)


@pytest.mark.parametrize("rows", [0, 50])
def test_too_few_ratings_are_said(rows: int) -> None:
    with pytest.raises(NotEnoughHistoryError, match="needs 100 rated"):
        csat(served(4)[0].slice(0, rows), CUTOFF)


def test_one_kind_of_rating_and_an_empty_period_are_said() -> None:
    table, _ = served(5)
    fives = pa.array([5] * len(table))
    with pytest.raises(NotEnoughHistoryError, match="10 lower"):
        csat(table.set_column(table.column_names.index("satisfaction"), "satisfaction", fives), CUTOFF)
    with pytest.raises(NotEnoughHistoryError, match="No contact"):
        csat(table, datetime(2027, 7, 1, tzinfo=UTC))


def test_the_rows_of_the_table() -> None:
    table, _ = served(1, 600)
    rows = csat_rows(table, CUTOFF).to_pylist()
    assert [row["channel"] for row in rows] == ["all", "email", "phone"]
    assert all(row["lower_95"] <= row["everybody"] <= row["upper_95"] for row in rows)
    assert rows[0]["contacts"] == sum(row["contacts"] for row in rows[1:])
    parts = sum(row["everybody"] * row["contacts"] for row in rows[1:])
    assert rows[0]["served"] != "model" or rows[0]["everybody"] * rows[0]["contacts"] == pytest.approx(parts, rel=1e-4)
    assert csat_rows(table.slice(0, 20), CUTOFF).num_rows == 0
