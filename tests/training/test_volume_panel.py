"""Counts arranged as a matrix."""

import numpy as np
import pyarrow as pa
import pytest

from training.volume_panel import panel
from workspace.errors import NotEnoughHistoryError, QueryError


def table(counts: dict[str, list[int]], first: str = "2026-01-05", minutes: int = 1440) -> pa.Table:
    parts = []
    for channel, values in counts.items():
        at = np.datetime64(first, "us") + np.arange(len(values)) * np.timedelta64(minutes, "m")
        parts.append(pa.table({"period_local": at, "channel": [channel] * len(values), "count": values}))
    return pa.concat_tables(parts)


def test_all_is_the_sum_of_the_channels_and_comes_last() -> None:
    counts = panel(table({"phone": [1] * 21, "chat": [2] * 21}))
    assert counts.channels == ("chat", "phone", "all")
    assert counts.counts[2].tolist() == [3.0] * 21


def test_a_given_total_is_kept() -> None:
    assert panel(table({"phone": [1] * 21, "all": [5] * 21})).counts[1].tolist() == [5.0] * 21


def test_a_period_without_a_row_is_unknown_and_a_zero_is_zero() -> None:
    rows = table({"all": [4, 0, 5] + [1] * 20})
    counts = panel(rows.filter(pa.array([place != 2 for place in range(23)]))).counts[0]
    assert counts[1] == 0
    assert np.isnan(counts[2])


def test_a_channel_is_unknown_before_its_first_contact() -> None:
    counts = panel(table({"chat": [0, 0, 3] + [0] * 20, "phone": [1] * 23}))
    assert np.isnan(counts.counts[0, :2]).all()
    assert counts.counts[0, 3] == 0


def test_a_silent_channel_is_left_out() -> None:
    assert panel(table({"sms": [0] * 21, "phone": [1] * 21})).channels == ("phone", "all")


def test_the_hour_that_daylight_saving_repeats_adds_up() -> None:
    hours = table({"all": [1] * 504}, minutes=60)
    assert panel(pa.concat_tables([hours, hours.slice(2, 1)]), "hour").counts[0, 2] == 2


def test_less_than_three_weeks_is_refused_with_needed_found_and_next_step() -> None:
    with pytest.raises(NotEnoughHistoryError, match=r"needs 3 weeks .*found 20.*rapport collect"):
        panel(table({"all": [1] * 20}))
    with pytest.raises(NotEnoughHistoryError, match="found 0"):
        panel(table({"all": []}))


def test_an_unknown_grain_lists_the_known_ones() -> None:
    with pytest.raises(QueryError, match="30min, hour, day, week"):
        panel(table({"all": [1] * 21}), "year")


def test_local_starts_run_on_into_the_future() -> None:
    counts = panel(table({"all": [1] * 21}))
    assert str(counts.local(np.array([0, 21]))[1]) == "2026-01-26T00:00"
