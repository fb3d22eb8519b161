from datetime import UTC, datetime

import numpy as np
import pyarrow.compute as pc

from benchmarks.known_hazard import simulate

CUTOFF = datetime(2026, 8, 1, 16, tzinfo=UTC)


def test_as_many_fall_silent_as_the_true_risks_say() -> None:
    company = simulate(4_000, 3, CUTOFF, days=300)
    contacts = company.tables["interactions"]
    after = contacts.filter(pc.greater_equal(contacts["occurred_at"], CUTOFF))
    heard = set(after["customer_id"].to_pylist())
    silent = np.array([one not in heard for one in company.customers])
    risk = company.risk(90)
    assert abs(silent.mean() - risk.mean()) < 4 * np.sqrt((risk * (1 - risk)).sum()) / risk.size
    high = risk > np.median(risk)
    assert abs(silent[high].mean() - risk[high].mean()) < 0.03


def test_a_longer_horizon_is_less_often_passed_in_silence() -> None:
    company = simulate(200, 4, CUTOFF, days=120)
    assert (company.risk(60) < company.risk(30)).all()
