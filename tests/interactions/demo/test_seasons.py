"""Seasons show in what happened: week, day, holidays, shopping festivals, growth."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from interactions.demo.company import Company
from interactions.demo.seasons import channel_seasons, hour_shares, order_seasons
from interactions.demo.segments import CHANNELS, PHONE, SOCIAL

DAYS = [date(2024, 11, 1) + timedelta(days=day) for day in range(730)]


@pytest.fixture(scope="module")
def seasons() -> np.ndarray:
    return channel_seasons(DAYS, np.random.default_rng(0))


def test_seasons_vary_around_one(seasons: np.ndarray) -> None:
    assert seasons.shape == (730, len(CHANNELS))
    assert (seasons > 0).all()
    assert np.allclose(seasons.mean(axis=0), 1, atol=0.12)


def test_spring_festival_is_quiet_on_the_phone_and_less_so_on_social_media(seasons: np.ndarray) -> None:
    festival = [DAYS.index(date(2025, 1, 29) + timedelta(days=shift)) for shift in range(5)]
    assert seasons[festival, PHONE].mean() < 0.45
    assert seasons[festival, SOCIAL].mean() > 1.4 * seasons[festival, PHONE].mean()


def test_a_shifted_working_sunday_runs_like_a_working_day(seasons: np.ndarray) -> None:
    shifted, sunday = DAYS.index(date(2025, 4, 27)), DAYS.index(date(2025, 4, 20))
    assert seasons[shifted, PHONE] > 1.3 * seasons[sunday, PHONE]


def test_orders_peak_at_the_shopping_festivals() -> None:
    season = pd.Series(order_seasons(DAYS, np.random.default_rng(0)), index=DAYS)
    assert season.idxmax() in (date(2024, 11, 11), date(2025, 11, 11))
    assert season[date(2026, 6, 18)] > 2.2 * season.median()


def test_hours_add_up_to_a_day() -> None:
    for name in (*CHANNELS, "order"):
        assert hour_shares(name).sum() == pytest.approx(1)


def test_weeks_and_days_show_in_the_contacts(contacts: pd.DataFrame) -> None:
    phone, social = (contacts[contacts["channel"] == name]["local"] for name in ("phone", "social"))
    assert (phone.dt.day_of_week < 5).mean() > (social.dt.day_of_week < 5).mean() + 0.08
    assert phone.dt.hour.between(9, 17).mean() > 0.7
    assert social.dt.hour.between(18, 23).mean() > 0.35


def test_shopping_festival_and_new_year_show_in_the_volume(contacts: pd.DataFrame) -> None:
    daily = contacts.groupby(contacts["local"].dt.date).size()
    usual = daily[[day for day in daily.index if day.month == 10 and day.year == 2025]].median()
    assert daily[date(2025, 11, 11)] > 1.3 * usual
    assert daily[[date(2026, 2, 17) + timedelta(days=shift) for shift in range(5)]].mean() < 0.65 * usual


def test_expected_volume_is_what_came(company: Company, contacts: pd.DataFrame) -> None:
    expected = company.truth["volume"].to_pandas()
    counted = contacts.groupby("channel").size()
    by_channel = expected.groupby("channel")["expected"].sum()
    for channel in ("phone", "email", "chat", "web", "social"):
        assert counted[channel] == pytest.approx(by_channel[channel], rel=0.09)
    daily = contacts.groupby(contacts["local"].dt.date).size()
    assert np.corrcoef(daily, expected.groupby("local_day")["expected"].sum())[0, 1] > 0.85


def test_the_company_grows(contacts: pd.DataFrame) -> None:
    months = contacts.groupby(contacts["local"].dt.to_period("M")).size()
    assert months["2026-10"] > 1.15 * months["2025-10"]
