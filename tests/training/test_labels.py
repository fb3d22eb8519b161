from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from features.windows import micros_of
from training.bundle.hazard import steps
from training.labels import Events, churned, followed, still_there

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
    seen = followed(events, events.place(IDS), CUTOFF, steps((30, 60)), CUTOFF + timedelta(days=60))
    ids = IDS.to_pylist()
    rows = {(ids[row], int(step)): back for row, step, back in zip(seen.row, seen.step, seen.happened, strict=True)}
    assert rows == {
        ("ann", 0): 1, ("bob", 0): 1, ("cat", 0): 1, ("dan", 0): 0, ("eve", 0): 0, ("fay", 0): 0,
        ("dan", 1): 1, ("eve", 1): 0, ("fay", 1): 0,
    }  # fmt: skip


def test_a_step_that_is_not_over_is_not_seen(events: Events) -> None:
    cut = steps((30, 60))
    almost = followed(events, events.place(IDS), CUTOFF, cut, CUTOFF + timedelta(days=60) - timedelta(microseconds=1))
    assert set(almost.step.tolist()) == {0}
    assert followed(events, events.place(IDS), CUTOFF, cut, CUTOFF + timedelta(days=29)).row.size == 0


def test_leaving_after_the_limit_is_not_known(events: Events) -> None:
    seen = followed(events, events.place(IDS), CUTOFF, steps((10,)), CUTOFF + timedelta(days=12))
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
    seen = followed(events, events.place(column), CUTOFF, cut, CUTOFF + timedelta(days=90))
    plain_rows = [
        (row, step, float(any(30 * step <= day < 30 * step + 30 for day in days[who])))
        for step in range(3)
        for row, who in enumerate(ids)
        if not any(0 <= day < 30 * step for day in days[who])
    ]
    assert list(zip(seen.row.tolist(), seen.step.tolist(), seen.happened.tolist(), strict=True)) == plain_rows


def test_by_date_silence_does_not_count(events: Events) -> None:
    found = dict(zip(IDS.to_pylist(), churned(events, IDS, CUTOFF, 30, "left_at").tolist(), strict=True))
    assert found == {"ann": 0, "bob": 0, "cat": 0, "dan": 0, "eve": 0, "fay": 1}
    assert churned(events, IDS, CUTOFF, 20, "left_at").sum() == 0
    there = dict(zip(IDS.to_pylist(), still_there(events, IDS, CUTOFF).tolist(), strict=True))
    assert there == {**dict.fromkeys(DAYS, True), "bob": False}


def test_by_date_steps_follow_those_still_there(events: Events) -> None:
    seen = followed(events, events.place(IDS), CUTOFF, steps((10, 20, 30)), CUTOFF + timedelta(days=30), "left_at")
    ids = IDS.to_pylist()
    rows = {(ids[row], int(step)): left for row, step, left in zip(seen.row, seen.step, seen.happened, strict=True)}
    stayed = {(who, step): 0 for who in ("ann", "cat", "dan", "eve", "fay") for step in range(3)}
    assert rows == {**stayed, ("fay", 2): 1}


def test_a_leaving_that_became_known_late_is_no_label_before() -> None:
    happened = pa.table({"customer_id": ["ann", "bob"], "at_us": [at(-5), at(-4)]})
    left = pa.table({"customer_id": ["ann"], "left_us": [at(3)], "known_us": [at(40)]})
    events, ids = Events.of(happened, left), pa.chunked_array([["ann", "bob"]])
    month, later = CUTOFF + timedelta(days=30), CUTOFF + timedelta(days=41)
    cut = steps((30,))
    assert churned(events, ids, CUTOFF, 30, "left_at", month).tolist() == [0, 0]
    assert churned(events, ids, CUTOFF, 30, "left_at", later).tolist() == [1, 0]
    assert followed(events, events.place(ids), CUTOFF, cut, month, "left_at").happened.tolist() == [0, 0]
    assert followed(events, events.place(ids), CUTOFF, cut, later, "left_at").happened.tolist() == [1, 0]


def test_dates_of_leaving_agree_with_pandas() -> None:
    random = np.random.default_rng(4)
    rows = pd.DataFrame({"customer_id": [f"c{number:02d}" for number in range(80)]})
    rows["left"] = random.uniform(-60, 150, 80)
    rows.loc[random.random(80) < 0.4, "left"] = np.nan
    rows["known"] = rows["left"] + random.uniform(-20, 40, 80)
    told = rows.dropna()
    events = Events.of(
        pa.table({"customer_id": rows["customer_id"], "at_us": [at(-1)] * 80}),
        pa.table(
            {
                "customer_id": told["customer_id"],
                "left_us": [at(day) for day in told["left"]],
                "known_us": [at(day) for day in told["known"]],
            }
        ),
    )
    ids = pa.chunked_array([rows["customer_id"].tolist()])
    for horizon, seen_by in ((30, 30), (30, 60), (90, 90)):
        known = rows["left"].where(rows["known"] < seen_by)
        plain = known.between(0, horizon, inclusive="left").astype(float)
        limit = CUTOFF + timedelta(days=seen_by)
        assert churned(events, ids, CUTOFF, horizon, "left_at", limit).tolist() == plain.tolist()
    gone = (rows["left"] < 0) & (rows["known"] < 0)
    assert still_there(events, ids, CUTOFF).tolist() == (~gone).tolist()
