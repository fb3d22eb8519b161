from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from training.leaving import NEVER, Leaving

PEOPLE = pa.array(["a", "b", "c", "d"])


def versions(*rows: tuple[str, str, int | None, int]) -> pa.Table:
    names = ("customer_id", "member_id", "left_us", "known_us")
    kinds = (pa.string(), pa.string(), pa.int64(), pa.int64())
    return pa.table({name: pa.array([row[at] for row in rows], kinds[at]) for at, name in enumerate(names)})


def test_what_is_known_later_does_not_count_and_what_is_taken_back_does_not_either() -> None:
    told = Leaving.of(versions(("a", "a", None, 1), ("a", "a", 50, 60), ("a", "a", None, 90), ("b", "b", 7, 5)), PEOPLE)
    assert told.known_by(60).tolist() == [NEVER, 7, NEVER, NEVER, NEVER]
    assert told.known_by(61).tolist() == [50, 7, NEVER, NEVER, NEVER]
    assert told.known_by(91).tolist() == [NEVER, 7, NEVER, NEVER, NEVER]
    assert told.of_any
    assert not Leaving.of(versions(("a", "a", None, 1)), PEOPLE).of_any


def test_a_person_left_when_the_last_of_their_customers_did() -> None:
    told = Leaving.of(
        versions(("c", "c1", 10, 1), ("c", "c2", 20, 15), ("d", "d1", 10, 1), ("d", "d2", None, 1), ("x", "x", 1, 1)),
        PEOPLE,
    )
    assert told.known_by(15).tolist() == [NEVER, NEVER, 10, NEVER, NEVER]
    assert told.known_by(16).tolist() == [NEVER, NEVER, 20, NEVER, NEVER]


def test_nobody_leaves_an_empty_table() -> None:
    told = Leaving.of(versions(), PEOPLE)
    assert told.known_by(NEVER).tolist() == [NEVER] * 5
    assert not told.of_any


@pytest.mark.parametrize("seed", range(5))
def test_random_versions_agree_with_pandas(seed: int) -> None:
    random = np.random.default_rng(seed)
    rows = pd.DataFrame(
        {
            "member_id": random.choice(list("efghijkl"), 60),
            "left_us": [None if random.random() < 0.4 else int(random.integers(0, 100)) for _ in range(60)],
            "known_us": random.integers(0, 100, 60),
        }
    ).sort_values(["member_id", "known_us"], kind="stable")
    rows["customer_id"] = rows["member_id"].map(dict(zip("efghijkl", "aabbccdd", strict=True)))
    table = versions(
        *(
            (row.customer_id, row.member_id, None if pd.isna(row.left_us) else int(row.left_us), int(row.known_us))
            for row in rows.itertuples()
        )
    )
    for moment in (1, 30, 70, 100):
        latest = rows[rows["known_us"] < moment].groupby("member_id").tail(1)
        plain = [
            NEVER if group.empty or group["left_us"].isna().any() else int(group["left_us"].max())
            for group in (latest[latest["customer_id"] == who] for who in "abcd")
        ]
        assert Leaving.of(table, PEOPLE).known_by(moment).tolist() == [*plain, NEVER]
