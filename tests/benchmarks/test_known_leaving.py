from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow.compute as pc

from benchmarks.known_leaving import simulate

CUTOFF = datetime(2026, 8, 1, 16, tzinfo=UTC)


def test_as_many_leave_as_the_true_risks_say() -> None:
    company = simulate(3_000, 3, CUTOFF, days=200)
    left = company.tables["customers"]["left_at"]
    before = pc.fill_null(pc.less(left, CUTOFF), False).to_numpy()
    soon = pc.fill_null(pc.less(left, CUTOFF + timedelta(days=90)), False).to_numpy() & ~before
    there, risk = ~before, company.risk(90)
    noise = np.sqrt((risk * (1 - risk))[there].sum()) / there.sum()
    assert abs(soon[there].mean() - risk[there].mean()) < 4 * noise
    assert (company.risk(60) > company.risk(30)).all()


def test_nobody_is_in_touch_once_gone() -> None:
    company = simulate(300, 4, CUTOFF, days=120)
    contacts = company.tables["interactions"].to_pandas()
    people = company.tables["customers"].to_pandas().set_index("customer_id")
    left = contacts["customer_id"].map(people["left_at"])
    assert left.notna().any()
    assert (contacts["occurred_at"] < left)[left.notna()].all()
