import json
from datetime import datetime, timedelta

import pytest

from interactions.demo.company import Company
from training.backtest import backtest_churn, backtest_segments
from training.cutoffs import default_cutoff
from training.trained import Trained
from workspace.errors import NotEnoughHistoryError, SettingsError
from workspace.folder import Workspace

Both = tuple[Workspace, list[Trained]]
QUALITY = {
    *("auc", "auc_interval", "average_precision", "average_precision_interval", "brier", "log_loss"),
    *("calibration_slope", "calibration_error", "mean_score", "lift_at_10"),
}


@pytest.mark.slow
def test_churn_says_what_the_design_promises(trained: Both) -> None:
    workspace, (_, churn) = trained
    report = backtest_churn(workspace).figures
    assert set(report) == QUALITY | {
        *("as_of", "horizon_days", "active_days", "customers", "churners", "grade", "baselines")
    }
    assert set(report["baselines"]) == {"recency", "frequency"}
    assert set(report["baselines"]["recency"]) == QUALITY
    assert json.loads(json.dumps(report)) == report
    # The model judged in training and by the backtest is the same one, on the same customers.
    figures = {name: value for name, value in report.items() if name != "baselines"}
    assert {name: churn.metrics[name] for name in figures} == figures
    assert set(churn.metrics) - set(figures) == {"calibration_bins", "lift_points"}


@pytest.mark.slow
def test_other_windows_are_judged_too(trained: Both) -> None:
    end = default_cutoff(trained[0])
    report = backtest_churn(trained[0], end - timedelta(days=45), 45, 60, "orders").figures
    assert (report["horizon_days"], report["active_days"]) == (45, 60)
    assert report["as_of"] == (end - timedelta(days=45)).isoformat()


def test_a_horizon_that_is_not_over_can_not_be_judged(trained: Both) -> None:
    with pytest.raises(NotEnoughHistoryError, match="needs 90 days after it"):
        backtest_churn(trained[0], default_cutoff(trained[0]) - timedelta(days=89))
    with pytest.raises(SettingsError, match="interactions, orders or left_at"):
        backtest_churn(trained[0], event="visits")


@pytest.mark.slow
def test_segments_say_what_the_design_promises(trained: Both) -> None:
    report = backtest_segments(trained[0])
    assert set(report) >= {"k", "silhouette", "sizes", "stability", "kept_after_retrain", "clear"}
    assert report["k"] == len(report["stability"])
    assert report["kept_after_retrain"] > 0.8
    assert json.loads(json.dumps(report)) == report


@pytest.mark.slow
def test_leaving_by_date_is_judged_on_dates(trained: Both, company: Company) -> None:
    report = backtest_churn(trained[0], event="left_at").figures
    people = company.tables["customers"].to_pandas()
    judged = datetime.fromisoformat(report["as_of"])
    leaves = (people["left_at"] >= judged) & (people["left_at"] < judged + timedelta(days=90))
    assert 0 < report["churners"] <= leaves.sum()
    assert report["customers"] > 5 * report["churners"]
    assert set(report["baselines"]) == {"recency", "frequency"}
