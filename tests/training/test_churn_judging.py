from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from benchmarks.known_leaving import Company, simulate
from features.history import HISTORY_TABLES
from features.windows import Window
from training.bundle.churn import ChurnModel
from training.bundle.matrix import FEATURES, matrix
from training.bundle.store import Bundle
from training.churn import train_churn
from training.metrics import auc, calibration_error
from training.observed import observe
from workspace.engine import arrow_tables, connect

CUTOFF = datetime(2026, 8, 1, 16, tzinfo=UTC)


@pytest.fixture(scope="module")
def company() -> Company:
    return simulate(4_000, 2, CUTOFF)


@pytest.mark.slow
def test_risks_of_leaving_come_near_the_true_ones(company: Company) -> None:
    backend = connect()
    try:
        tables = arrow_tables(backend, {name: company.tables[name] for name in HISTORY_TABLES})
        candidate = train_churn(observe(tables, Window(CUTOFF + timedelta(days=90), event="left_at")), (30, 60, 90))
        people = candidate.setting.maker.active(candidate.setting.plan.judged)
    finally:
        backend.disconnect()
    judged = candidate.verdict.judged
    place = dict(zip(company.customers, company.risk(90).tolist(), strict=True))
    known = np.array([place[one] for one in people["customer_id"].to_pylist()])
    assert auc(judged.truth, judged.risk) > auc(judged.truth, known) - 0.02
    assert calibration_error(judged.truth, judged.risk) < 0.04
    # A rule goes the way that the past showed: never clearly worse than chance.
    assert all(auc(judged.truth, ranking) > 0.45 for ranking in judged.rankings.values())
    assert all((judged.rankings[rule] == risk).all() for rule, risk in judged.rule_risks.items())
    assert candidate.manifest["served"] == "model"
    model = ChurnModel.from_bundle(Bundle("abc", "churn", candidate.manifest, candidate.files))
    data = matrix(people, FEATURES)
    curve = model.curve(data, people["cutoff"].to_numpy())
    assert (np.diff(curve, axis=1) >= 0).all()
    assert abs(float(curve[:, -1].mean()) - float(known.mean())) < 0.03
    (reasons,) = model.reasons(data[:1], cutoffs=people["cutoff"].to_numpy()[:1])
    total = reasons.start + sum(one["effect"] for one in reasons.strongest) + reasons.others
    assert total == pytest.approx(curve[0, -1], abs=1e-9)
