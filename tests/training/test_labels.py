from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from features.windows import micros_of
from training.bundle.hazard import steps
from training.labels import Events, churned, followed

CUTOFF = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = {
    "ann": [-5, 0],
    "bob": [-5, 10, 40],
    "cat": [-5, 29.999],
    "dan": [-5, 30],
    "eve": [-5],
    "fay": [-5, 3],
}
LEFT = {"fay": 20.0, "bob": -3.0}


def at(day: float) -> int:
    return micros_of(CUTOFF + timedelta(days=day))


@pytest.fixture
def events() -> Events:
    rows = [(who, at(day)) for who, days in DAYS.items() for day in days]
    np.random.default_rng(0).shuffle(rows)
    happened = pa.table({"customer_id": [who for who, _ in rows], "at_us": [int(when) for _, when in rows]})
    left = pa.table({"customer_id": list(LEFT), "left_us": [at(day) for day in LEFT.values()]})
    return Events.of(happened, left)


IDS = pa.chunked_array([sorted(DAYS, reverse=True)])


def test_who_fell_silent(events: Events) -> None:
    found = dict(zip(IDS.to_pylist(), churned(events, IDS, CUTOFF, 30).tolist(), strict=True))
    # An event at the cutoff counts, one at the horizon's end doesn't; leaving within it is churn in any case.
    assert found == {"ann": 0, "bob": 0, "cat": 0, "dan": 1, "eve": 1, "fay": 1}
    assert churned(events, IDS, CUTOFF, 31).sum() == 2


def test_somebody_without_events_is_silent(events: Events) -> None:
    assert churned(events, pa.chunked_array([["nobody"]]), CUTOFF, 30).tolist() == [1]


def test_steps_follow_those_still_silent(events: Events) -> None:
    seen = followed(events, IDS, CUTOFF, steps((30, 60)), CUTOFF + timedelta(days=60))
    ids = IDS.to_pylist()
    rows = {(ids[row], int(step)): back for row, step, back in zip(seen.row, seen.step, seen.happened, strict=True)}
    assert rows == {
        ("ann", 0): 1, ("bob", 0): 1, ("cat", 0): 1, ("dan", 0): 0, ("eve", 0): 0, ("fay", 0): 0,
        ("dan", 1): 1, ("eve", 1): 0, ("fay", 1): 0,
    }  # fmt: skip


def test_a_step_that_is_not_over_is_not_seen(events: Events) -> None:
    cut = steps((30, 60))
    almost = followed(events, IDS, CUTOFF, cut, CUTOFF + timedelta(days=60) - timedelta(microseconds=1))
    assert set(almost.step.tolist()) == {0}
    assert followed(events, IDS, CUTOFF, cut, CUTOFF + timedelta(days=29)).row.size == 0


def test_leaving_after_the_limit_is_not_known(events: Events) -> None:
    seen = followed(events, IDS, CUTOFF, steps((10,)), CUTOFF + timedelta(days=12))
    fay = IDS.to_pylist().index("fay")
    assert seen.happened[seen.row == fay].tolist() == [1]


def test_random_events_agree_with_a_plain_loop() -> None:
    random = np.random.default_rng(1)
    ids = [f"c{number}" for number in range(60)]
    days = {who: sorted(random.uniform(-50, 120, random.integers(1, 8)).tolist()) for who in ids}
    table = pa.table(
        {
            "customer_id": [who for who in ids for _ in days[who]],
            "at_us": [at(day) for who in ids for day in days[who]],
        }
    )
    events = Events.of(table, pa.table({"customer_id": pa.array([], pa.string()), "left_us": pa.array([], pa.int64())}))
    column = pa.chunked_array([ids])
    for horizon in (7, 30, 90):
        plain = [float(not any(0 <= day < horizon for day in days[who])) for who in ids]
        assert churned(events, column, CUTOFF, horizon).tolist() == plain
    cut = steps((30, 60, 90))
    seen = followed(events, column, CUTOFF, cut, CUTOFF + timedelta(days=90))
    plain_rows = [
        (row, step, float(any(30 * step <= day < 30 * step + 30 for day in days[who])))
        for step in range(3)
        for row, who in enumerate(ids)
        if not any(0 <= day < 30 * step for day in days[who])
    ]
    assert list(zip(seen.row.tolist(), seen.step.tolist(), seen.happened.tolist(), strict=True)) == plain_rows
