"""The customers table: when people join, what they are called, where they live."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from interactions.demo.arrays import Flags, Floats, Ints
from interactions.demo.clock import DAY, NEVER, OLDEST_DAYS, Clock, draw_hours, seconds_within
from interactions.demo.money import money
from interactions.demo.places import CITIES, REPS
from interactions.demo.seasons import hour_shares
from interactions.demo.segments import People

_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
_GIVEN_MAN = "伟强磊军勇杰涛明超刚辉鹏斌浩宇轩博文俊峰志远建平海波"
_GIVEN_WOMAN = "芳娜敏静丽娟艳秀霞婷雪慧莹倩琳玉梅佳怡欣悦雨桐思颖"
_GIVEN_ANY = "子一小晓文嘉天新永春国家安乐林"
_FIRST_MAN = ("James", "Daniel", "Oliver", "Kenji", "Lucas", "Henry", "Wei Ming", "Samuel", "Arjun", "Noah")
_FIRST_WOMAN = ("Emma", "Sophie", "Yuki", "Olivia", "Hannah", "Mei Ling", "Chloe", "Priya", "Alice", "Naomi")
_LAST = ("Tan", "Smith", "Sato", "Wilson", "Lim", "Brown", "Nguyen", "Taylor", "Suzuki", "Clark", "Patel", "Walker")

STARTED_BEFORE = 0.30  # of all customers were there before the first day
SAID_GOODBYE = 0.10  # of those who left told the company so


@dataclass(frozen=True)
class Register:
    """What the CRM knows of each customer beside their person: arrays of [customers], times in local seconds."""

    city: Ints
    owner: Ints
    joined: Ints


def customer_ids(customers: int) -> pa.Array:
    """C000001, C000002 ..."""
    return pa.array([f"C{number:06d}" for number in range(1, customers + 1)])


def draw_joins(rng: np.random.Generator, clock: Clock, customers: int, order_season: Floats) -> Ints:
    """When each customer joined, local seconds, in rising order: some before the first day, ever more after it."""
    before = rng.random(customers) < STARTED_BEFORE
    pace = (0.7 + 0.6 * np.arange(clock.days) / clock.days) * np.clip(order_season, 0.5, 2.0)
    new = rng.choice(clock.days, size=customers, p=pace / pace.sum())
    old = -1 - np.minimum(rng.exponential(420, customers), OLDEST_DAYS - 10).astype(np.int64)
    day = np.where(before, old, new)
    cumulative = np.tile(np.cumsum(hour_shares("web")), (customers, 1))
    return np.sort(day * DAY + seconds_within(rng, draw_hours(rng, cumulative)))


def customers_table(
    rng: np.random.Generator, clock: Clock, people: People, register: Register, left: Ints
) -> dict[str, pa.Array]:
    """The columns of the customers table, in the order of joining; provenance is added by company.py."""
    count = len(people)
    woman = rng.random(count) < 0.52
    abroad = np.array([CITIES[city].team == "overseas" for city in register.city])
    gender = np.where(woman, "female", "male")
    income = np.maximum(np.round(people.income, -2), 12_000).astype(np.int64)
    told = (left != NEVER) & (rng.random(count) < SAID_GOODBYE)
    birth = clock.end.year - people.age.astype(np.int64)
    return {
        "customer_id": customer_ids(count),
        "name": pa.array(_names(rng, woman, abroad)),
        "email": _sometimes(rng, _emails(count), 0.06),
        "phone": _sometimes(rng, _phones(rng, abroad), 0.04),
        "gender": pa.array(gender, mask=rng.random(count) < 0.04),
        "birth_year": pa.array(birth, mask=rng.random(count) < 0.08),
        **_places(register),
        "income": money(income * 10_000, missing=rng.random(count) < 0.10),
        "joined_at": clock.timestamps(register.joined),
        "left_at": clock.timestamps(np.where(told, left, NEVER)),
        "marketing_consent": pa.array(people.consent),
        "do_not_profile": pa.array(rng.random(count) < 0.012),
    }


def _places(register: Register) -> dict[str, pa.Array]:
    def of_city(name: str) -> pa.Array:
        return pa.array([getattr(city, name) for city in CITIES]).take(pa.array(register.city))

    return {
        "country": of_city("country"),
        "region": of_city("region"),
        "city": of_city("name"),
        "latitude": of_city("latitude"),
        "longitude": of_city("longitude"),
        "owner": pa.array([rep.name for rep in REPS]).take(pa.array(register.owner)),
    }


def _sometimes(rng: np.random.Generator, values: list[str], missing: float) -> pa.Array:
    return pa.array(values, mask=rng.random(len(values)) < missing)


def _names(rng: np.random.Generator, woman: Flags, abroad: Flags) -> list[str]:
    """A made-up name for each: Chinese at home, others abroad."""
    draws = rng.integers(0, 1_000_000, (len(woman), 3))
    names = []
    for is_woman, is_abroad, (first, second, third) in zip(woman, abroad, draws.tolist(), strict=True):
        if is_abroad:
            given = _FIRST_WOMAN if is_woman else _FIRST_MAN
            names.append(f"{given[first % len(given)]} {_LAST[second % len(_LAST)]}")
            continue
        own = _GIVEN_WOMAN if is_woman else _GIVEN_MAN
        middle = _GIVEN_ANY[third % len(_GIVEN_ANY)] if third % 10 < 7 else ""
        names.append(_SURNAMES[first % len(_SURNAMES)] + middle + own[second % len(own)])
    return names


def _emails(count: int) -> list[str]:
    """Addresses under example domains, which belong to nobody."""
    hosts = ("example.com", "example.org", "mail.example.net", "example.cn")
    return [f"user{number * 7919 % 999_983:06d}@{hosts[number % len(hosts)]}" for number in range(1, count + 1)]


def _phones(rng: np.random.Generator, abroad: Flags) -> list[str]:
    digits = rng.integers(0, 10_000, (len(abroad), 2)).tolist()
    return [
        f"+65 8{first % 1000:03d} {second:04d}" if away else f"1{30 + second % 60}{first:04d}{second:04d}"
        for away, (first, second) in zip(abroad, digits, strict=True)
    ]
