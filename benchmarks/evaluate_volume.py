"""The volume forecast's part of `make evaluate`: accuracy beside AutoTheta, AutoETS and MSTL, intervals, staffing.

Rows of accuracy are WAPE, the peer's beside it; of coverage, the share promised; of interval scores, that of the same
rule around the seasonal naive.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from benchmarks.results_table import Row, compared
from benchmarks.volume_peers import peer_wapes
from benchmarks.volume_series import independent, series, table
from features.volume import volume_of
from interactions.demo.company import simulate
from training.bundle.erlang import least_agents, load, queue
from training.volume_backtest import backtest_volume
from training.volume_history import volume_history
from training.volume_panel import panel
from training.volume_quality import series_of
from workspace.engine import arrow_tables, connect
from workspace.settings import Company
from workspace.tables import TABLES

DAILY_CALLS = Path(__file__).parents[2] / "shared/data/daily_calls/case_data_calls.csv"
PEERS = ("AutoTheta", "AutoETS", "MSTL")
HORIZON = 14
_ZONE = "Asia/Shanghai"
_END = date(2026, 10, 31)


def rows(seeds: int, customers: int) -> list[Row]:
    """Every figure of the volume forecast: `seeds` simulated companies of so many customers, then what is fixed."""
    found = []
    for seed in range(1, seeds + 1):
        found += _company(seed, customers)
    return [*found, *_kinds(), *_independent(), *_regions(), *_daily_calls(), *_staffing()]


def _company(seed: int, customers: int) -> list[Row]:
    """The total of a simulated company, and its channels together, by days and by half hours."""
    days, halves = _counts(seed, customers)
    name = f"volume, company {seed}"
    judged = backtest_volume(days, horizon=HORIZON, windows=13)
    counts = panel(days)
    peers = peer_wapes(counts, series_of(counts, False), HORIZON, 13, PEERS)
    found = [compared(f"{name}, total, beside {peer}", judged["wape"], "WAPE", wape) for peer, wape in peers.items()]
    for channel, figures in judged["channels"].items():
        naive = figures["baselines"]["seasonal_naive"]["wape"]
        found.append(compared(f"{name}, {channel}, beside seasonal naive", figures["wape"], "WAPE", naive))
    fine = backtest_volume(halves, grain="30min", horizon=336, windows=4)
    for rule, figures in fine["baselines"].items():
        found.append(compared(f"{name}, half hours, beside {rule}", fine["wape"], "WAPE", figures["wape"]))
    return found


def _counts(seed: int, customers: int) -> tuple[pa.Table, pa.Table]:
    company = simulate(customers=customers, days=730, seed=seed, end=_END, timezone=_ZONE)
    end = datetime.combine(_END + timedelta(days=1), datetime.min.time(), ZoneInfo(_ZONE)).astimezone(UTC)
    backend = connect()
    try:
        none = TABLES["volume_history"].schema.empty_table()
        tables = arrow_tables(backend, {"interactions": company.tables["interactions"], "volume_history": none})
        settings = Company(timezone=_ZONE)
        return volume_of(tables, settings, end, "day"), volume_of(tables, settings, end, "30min")
    finally:
        backend.disconnect()


def _kinds() -> list[Row]:
    """Series of many kinds: beside AutoTheta and seasonal naive, and how often below the better of the two."""
    found, worse = [], 0
    for kind, counts in series().items():
        judged = backtest_volume(table(counts), horizon=HORIZON, windows=13)
        theta = peer_wapes(panel(table(counts)), [0], HORIZON, 13, ("AutoTheta",))["AutoTheta"]
        naive = judged["baselines"]["seasonal_naive"]["wape"]
        worse += judged["wape"] > min(theta, naive)
        found.append(compared(f"volume, {kind}, beside AutoTheta", judged["wape"], "WAPE", theta))
        found.append(compared(f"volume, {kind}, beside seasonal naive", judged["wape"], "WAPE", naive))
    return [*found, compared("volume, kinds of series above the better of both", worse, "series", None)]


def _independent() -> list[Row]:
    """8 series, 50 windows each: pooled coverage, and interval scores."""
    judged = [
        backtest_volume(table(counts), horizon=HORIZON, windows=50)
        for counts in independent(8, 364 + 26 * 7 + 50 * HORIZON, 77)
    ]
    found = []
    for level, promised in (("80", 0.8), ("95", 0.95)):
        pooled = float(np.mean([one["coverage"][level] for one in judged]))
        found.append(compared(f"volume, 8 series x 50 windows, {level} %", pooled, "coverage", promised))
        ours = float(np.mean([one["interval_score"][level] for one in judged]))
        naive = float(np.mean([one["baselines"]["seasonal_naive"]["interval_score"][level] for one in judged]))
        found.append(compared(f"volume, 8 series x 50 windows, {level} %", ours, "interval score", naive))
    return found


def _regions() -> list[Row]:
    """Four regions of a total, 40 windows: pooled coverage of each region's own ranges."""
    counts = independent(4, 364 + 26 * 7 + 40 * HORIZON, 78)
    total = table(np.sum(counts, axis=0))
    parts = [table(region, f"region {number}") for number, region in enumerate(counts)]
    judged = backtest_volume(pa.concat_tables([*parts, total]), horizon=HORIZON, windows=40, by="region")
    regions = [figures for name, figures in judged["channels"].items() if name != "all"]
    return [
        compared(
            f"volume, 4 regions x 40 windows, {level} %",
            float(np.mean([figures["coverage"][level] for figures in regions])),
            "coverage",
            promised,
        )
        for level, promised in (("80", 0.8), ("95", 0.95))
    ]


def _daily_calls() -> list[Row]:
    """The real calls, where they are: 26 windows beside the peers, 50 for coverage and its limit."""
    if not DAILY_CALLS.exists():
        return []
    counts = volume_history(DAILY_CALLS)
    judged = backtest_volume(counts, horizon=HORIZON, windows=26)
    peers = peer_wapes(panel(counts), [0], HORIZON, 26, PEERS)
    peers["seasonal naive"] = judged["baselines"]["seasonal_naive"]["wape"]
    found = [compared(f"daily_calls, beside {peer}", judged["wape"], "WAPE", wape) for peer, wape in peers.items()]
    longer = backtest_volume(counts, horizon=HORIZON, windows=50)
    for level, promised in (("80", 0.8), ("95", 0.95)):
        allowed = max(0.03, 2 * longer["coverage_spread"][level] / np.sqrt(longer["windows"]))
        name = f"daily_calls, {longer['windows']} windows, {level} %"
        found.append(compared(f"{name}, +/- {allowed:.3f} allowed", longer["coverage"][level], "coverage", promised))
        naive = longer["baselines"]["seasonal_naive"]["interval_score"][level]
        found.append(compared(name, longer["interval_score"][level], "interval score", naive))
    return found


def _staffing() -> list[Row]:
    """The known answer, and 2,000 half hours whose rate varies by 20 %, staffed to their 80 % quantile."""
    known = least_agents(load(np.array([100.0]), 180, 1800), 0.8, 180, 20)
    found = [
        compared("staffing, 100 calls of 180 s in half an hour", float(known.agents[0]), "agents", 14.0),
        compared("staffing, the same", float(known.service_level[0]), "service level", 0.8884),
        compared("staffing, the same", float(known.occupancy[0]), "occupancy", 0.714),
    ]
    return [*found, compared("staffing, half hours that meet the target", _met(5), "share", 0.85)]


def _met(seed: int) -> float:
    """Share of 2,000 half hours, of 10 to 200 expected calls and a rate 20 % around that, whose own Erlang C service
    level meets the target with the agents of the 80 % quantile of their calls."""
    generator = np.random.default_rng(seed)
    expected = generator.uniform(10, 200, 2000)
    rate = expected * generator.gamma(25, 1 / 25, expected.shape)
    likely = generator.poisson(expected[:, None] * generator.gamma(25, 1 / 25, (2000, 1000)))
    planned = np.quantile(likely, 0.8, axis=1)
    agents = least_agents(load(planned, 180, 1800), 0.8, 180, 20).agents
    return float((queue(load(rate, 180, 1800), agents, 180, 20).service_level >= 0.8).mean())
