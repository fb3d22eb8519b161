"""`rapport backtest volume`: what comes out, and that nothing sees the future."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from features.volume import volume_of
from interactions.demo.company import simulate
from training.volume_backtest import backtest, backtest_volume
from workspace.engine import arrow_tables, connect
from workspace.errors import NotEnoughHistoryError, QueryError
from workspace.folder import open_workspace
from workspace.settings import Company
from workspace.tables import TABLES


def table(counts: np.ndarray, channel: str = "all", minutes: int = 1440) -> pa.Table:
    at = np.datetime64("2025-01-06", "us") + np.arange(len(counts)) * np.timedelta64(minutes, "m")
    return pa.table({"period_local": at, "channel": [channel] * len(counts), "count": counts})


def poisson(total: int, mean: float = 40.0, seed: int = 1) -> np.ndarray:
    week = np.array([1.3, 1.2, 1.1, 1.0, 1.0, 0.8, 0.6])
    return np.random.default_rng(seed).poisson(mean * week[np.arange(total) % 7])


@pytest.mark.slow
@pytest.mark.parametrize("seed", [7, 8])
def test_below_seasonal_naive_on_every_channel_of_the_simulated_company(seed: int) -> None:
    company = simulate(seed=seed)
    backend = connect()
    history = TABLES["volume_history"].schema.empty_table()
    tables = arrow_tables(backend, {"interactions": company.tables["interactions"], "volume_history": history})
    counts = volume_of(tables, Company(), None)
    backend.disconnect()
    found = backtest_volume(counts, horizon=28, windows=4)
    assert set(found["channels"]) > {"phone", "email", "chat", "all"}
    for channel, figures in found["channels"].items():
        assert figures["wape"] < figures["baselines"]["seasonal_naive"]["wape"], channel


def test_the_keys_of_the_design() -> None:
    found = backtest_volume(table(poisson(300)), windows=6)
    promised = {"grain", "horizon", "windows", "series", "wape", "mase", "bias", "coverage", "baselines", "channels"}
    assert set(found) == {*promised, "coverage_spread", "interval_score"}
    assert (found["grain"], found["horizon"], found["windows"], found["series"]) == ("day", 14, 6, 1)
    assert set(found["coverage"]) == {"80", "95"}
    assert set(found["baselines"]["seasonal_naive"]) == {"wape", "mase", "bias", "interval_score"}


@pytest.mark.slow
def test_near_the_best_possible_on_poisson_counts_and_covered_as_promised() -> None:
    counts = poisson(500)
    found = backtest_volume(table(counts), windows=12)
    true = 40 * np.array([1.3, 1.2, 1.1, 1.0, 1.0, 0.8, 0.6])[np.arange(500) % 7]
    judged = slice(500 - 12 * 14, None)
    best = np.abs(counts - true)[judged].sum() / counts[judged].sum()
    assert found["wape"] < 1.12 * best
    assert found["wape"] < 0.85 * found["baselines"]["seasonal_naive"]["wape"]
    assert abs(found["bias"]) < 0.02
    assert found["coverage"]["80"] == pytest.approx(0.8, abs=0.06)
    assert found["coverage"]["95"] == pytest.approx(0.95, abs=0.035)


def test_by_channel_judges_the_channels_together() -> None:
    both = pa.concat_tables([table(poisson(120), "phone"), table(poisson(120, 9.0, 2), "chat")])
    found = backtest_volume(both, windows=3, by="channel")
    assert found["series"] == 2
    assert set(found["channels"]) == {"phone", "chat", "all"}
    total = backtest_volume(both, windows=3)
    assert total["wape"] == total["channels"]["all"]["wape"] != found["wape"]


def test_too_few_windows_before_refuse_a_level_and_keep_the_accuracy() -> None:
    found = backtest_volume(table(poisson(70)), windows=2)
    assert found["coverage"]["95"] is None
    assert found["wape"] is not None


@pytest.mark.parametrize(("grain", "minutes", "total", "horizon"), [("hour", 60, 24 * 56, 168), ("week", 10080, 80, 4)])
def test_other_grains_work(grain: str, minutes: int, total: int, horizon: int) -> None:
    hour = np.arange(total) % 24
    mean = 60.0 if grain == "week" else 5 + 20 * np.exp(-((hour - 13) ** 2) / 18)
    counts = np.random.default_rng(4).poisson(mean, total)
    found = backtest_volume(table(counts, minutes=minutes), grain=grain, windows=3)
    assert found["horizon"] == horizon
    assert found["wape"] < found["baselines"]["seasonal_naive"]["wape"]


def test_a_gap_of_a_month_is_survived() -> None:
    counts = table(poisson(300))
    kept = pa.concat_tables([counts.slice(0, 150), counts.slice(180)])
    assert backtest_volume(kept, windows=4)["wape"] < 0.25


def test_the_same_counts_give_the_same_figures() -> None:
    counts = table(poisson(150))
    assert backtest_volume(counts, windows=2) == backtest_volume(counts, windows=2)


def test_what_can_not_be_judged_is_said() -> None:
    counts = table(poisson(40))
    with pytest.raises(NotEnoughHistoryError, match="shorter horizon"):
        backtest_volume(counts, horizon=28)
    with pytest.raises(QueryError, match="not by `owner`"):
        backtest_volume(counts, by="owner")
    with pytest.raises(QueryError, match="percentage"):
        backtest_volume(counts, levels=(0,))
    with pytest.raises(QueryError, match="no grain `month`"):
        backtest_volume(counts, grain="month")


def test_a_file_is_judged_in_the_place_of_the_workspace(tmp_path: Path) -> None:
    lines = [f"{np.datetime64('2025-01-06') + day},{count}" for day, count in enumerate(poisson(100))]
    file = tmp_path / "history.csv"
    file.write_text("date,calls\n" + "\n".join(lines) + "\n")
    workspace = open_workspace(tmp_path / "workspace", create=True)
    assert backtest(workspace, "day", 14, 2, (80, 95), None, file) == backtest_volume(table(poisson(100)), windows=2)
