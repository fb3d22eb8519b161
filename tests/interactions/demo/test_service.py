"""Busy hours make people wait, give up, and get worse answers; ratings follow."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from interactions.demo.clock import make_clock
from interactions.demo.company import Company
from interactions.demo.segments import CHANNELS, CHAT, EMAIL, PHONE
from interactions.demo.service import Contacts, Handling, Service, open_service

COUNT = 4000


@pytest.fixture(scope="module")
def service() -> Service:
    clock = make_clock(date(2026, 10, 31), 90, "Asia/Shanghai")
    return open_service(np.random.default_rng(0), clock, np.full((7, len(CHANNELS)), 50.0))


def _handled(service: Service, channel: int, load: float) -> Handling:
    contacts = Contacts(
        customer=np.zeros(COUNT, dtype=np.int64),
        channel=np.full(COUNT, channel),
        at=np.full(COUNT, 10 * 3600),
        complaint=np.zeros(COUNT, dtype=np.bool_),
        patience=np.full(COUNT, 240.0),
        priority=np.ones(COUNT),
        desk=np.zeros(COUNT),
    )
    return service.handle(np.random.default_rng(1), contacts, np.full((len(CHANNELS), 24), load))


@pytest.mark.parametrize("channel", [PHONE, CHAT])
def test_callers_wait_longer_and_give_up_more_under_load(service: Service, channel: int) -> None:
    calm, busy = _handled(service, channel, 0.7), _handled(service, channel, 1.4)
    assert busy.wait.mean() > 2 * calm.wait.mean()
    assert busy.abandoned.mean() > 3 * calm.abandoned.mean()
    assert busy.experience.mean() < calm.experience.mean() - 0.2
    assert not (busy.abandoned & busy.answered).any()


def test_mail_is_answered_later_and_lost_more_under_load(service: Service) -> None:
    calm, busy = _handled(service, EMAIL, 0.7), _handled(service, EMAIL, 1.4)
    first = [np.median(handling.responded[handling.answered]) for handling in (calm, busy)]
    assert first[1] > first[0]
    assert (~busy.answered).mean() > 2 * (~calm.answered).mean()
    assert (calm.wait == -1).all()


def test_load_is_work_over_staff(service: Service) -> None:
    usual = np.full(len(CHANNELS), 50.0)
    calm = service.load(np.random.default_rng(2), 3, usual, usual)
    double = service.load(np.random.default_rng(2), 3, 2 * usual, 2 * usual)
    assert np.all(double >= calm)
    assert np.median(double / calm) == pytest.approx(2, rel=0.1)


def test_the_planner_learns(service: Service) -> None:
    before = service.planned[2].copy()
    monday = (2 - service.first_weekday) % 7
    service.learn(monday, before * 2)
    assert (service.planned[2] > before).all()
    service.planned[2] = before


def test_waits_follow_the_load_of_their_hour(company: Company, contacts: pd.DataFrame) -> None:
    load = company.truth["load"].to_pandas()
    phone = contacts[contacts["channel"] == "phone"].assign(local_hour=lambda rows: rows["local"].dt.floor("h"))
    joined = phone.merge(load[load["channel"] == "phone"], on="local_hour")
    assert len(joined) == len(phone)
    by_load = joined.groupby(pd.qcut(joined["load"], 4, labels=False))
    waits = by_load["wait_ms"].mean()
    assert waits.is_monotonic_increasing
    assert waits.iloc[-1] > 2 * waits.iloc[0]
    abandoned = by_load["outcome"].agg(lambda outcome: (outcome == "abandoned").mean())
    assert abandoned.iloc[-1] > 2 * abandoned.iloc[0]


def test_only_some_rate_and_ratings_follow_service(contacts: pd.DataFrame) -> None:
    answered = contacts[contacts["responded_at"].notna() & contacts["customer_id"].notna()]
    assert 0.1 < answered["satisfaction"].notna().mean() < 0.5
    assert contacts[contacts["responded_at"].isna()]["satisfaction"].isna().all()
    assert contacts["satisfaction"].notna().equals(contacts["rated_at"].notna())
    rated = answered[answered["satisfaction"].notna()]
    assert set(rated["satisfaction"]) == {1, 2, 3, 4, 5}
    phone = rated[rated["channel"] == "phone"]
    assert phone["satisfaction"][phone["wait_ms"] > 150_000].mean() < phone["satisfaction"].mean() - 0.4
    reopened = rated["reopened"].eq(True)
    assert rated["satisfaction"][reopened].mean() < rated["satisfaction"].mean() - 0.4


def test_durations_are_what_files_can_hold(contacts: pd.DataFrame) -> None:
    assert (contacts["duration_ms"].dropna() % 1000 == 0).all()
    assert (contacts[contacts["channel"] == "chat"]["duration_ms"].dropna() % 3000 == 0).all()
    assert contacts[contacts["outcome"] == "abandoned"]["duration_ms"].isna().all()
