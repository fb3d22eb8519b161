"""Customers drawn from a mixture that is not the demo's: as tables of customer_features, and how well one could tell.

A group has its typical rates of contacts and orders, its amounts, incomes and mix of channels; a person strays from
them. Rates are gamma or log-normal around the group's, counts Poisson, channels Dirichlet-multinomial, amounts and
incomes log-normal. With one group there is nothing to find.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.special import gammaln
from sklearn.metrics import adjusted_rand_score

from workspace.tables import CUSTOMER_FEATURES

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

CUTOFF = datetime(2026, 7, 1, tzinfo=UTC)
CHANNELS = ("phone", "email", "chat", "social", "web", "other")
DAYS = 365.0
_ASKED = (0.72, 0.84)


@dataclass(frozen=True)
class Groups:
    """Typical values of each group, [groups] or [groups, channels], and how far persons stray from them.

    Rates are a year. `log_normal`: rates stray by a log-normal instead of a gamma factor; `together`: by how much the
    straying of both rates and of the amount is one and the same, 0 to 1.
    """

    share: Floats
    contacts: Floats
    orders: Floats
    amount: Floats
    income: Floats
    mix: Floats
    rate_sigma: float = 0.4
    mix_concentration: float = 12.0
    money_sigma: float = 0.35
    log_normal: bool = False
    together: float = 0.0


@dataclass(frozen=True)
class Drawn:
    """`features`: a customer_features table; `group` of each row; `knowing`: the classifier that knows `Groups`."""

    features: pa.Table
    group: Ints
    knowing: Ints

    @property
    def ceiling(self) -> float:
        """Adjusted Rand of the classifier that knows the true parameters."""
        return float(adjusted_rand_score(self.group, self.knowing))


def overlapping(count: int, customers: int, seed: int) -> Drawn:
    """`count` groups of unequal size, as far apart as lets the true-parameter classifier reach .72 to .84."""
    low, high = 0.1, 6.0
    drawn = None
    for _ in range(30):
        apart = (low + high) / 2
        drawn = draw(groups(count, apart, np.random.default_rng([seed, count])), customers, seed)
        if drawn.ceiling < _ASKED[0]:
            low = apart
        elif drawn.ceiling > _ASKED[1]:
            high = apart
        else:
            return drawn
    raise ValueError(f"{count} groups of seed {seed} can't be drawn with an overlap of {_ASKED}.")


def groups(count: int, apart: float, random: np.random.Generator) -> Groups:
    """Groups whose typical values lie `apart` spreads from each other or so, in each of some directions."""
    share = random.dirichlet(np.full(count, 6.0)) * 0.7 + 0.3 / count
    middle = random.dirichlet(np.full(len(CHANNELS), 3.0)) * 0.8 + 0.2 / len(CHANNELS)
    mix = middle * np.exp(1.2 * apart * random.normal(size=(count, len(CHANNELS))))
    typical = np.exp(0.35 * apart * random.normal(size=(4, count)))
    return Groups(
        share,
        24 * typical[0],
        9 * typical[1],
        200 * typical[2],
        90_000 * typical[3],
        mix / mix.sum(axis=1, keepdims=True),
    )


def shapeless(customers: int, seed: int) -> pa.Table:
    """One group alone, of a kind that goes with the seed: busy or quiet, gamma or log-normal, correlated or not."""
    random = np.random.default_rng([seed, 1])
    one = groups(1, 0.0, random)
    one = replace(
        one,
        contacts=one.contacts * random.choice([0.2, 0.5, 1.0, 3.0]),
        orders=one.orders * random.choice([0.0, 0.15, 0.5, 1.0]),
        rate_sigma=float(random.choice([0.3, 0.6, 1.0])),
        mix_concentration=float(random.choice([3.0, 10.0, 50.0])),
        money_sigma=float(random.choice([0.3, 0.6, 1.0])),
        log_normal=bool(seed % 2),
        together=float(random.choice([0.0, 0.5, 0.9])),
    )
    return draw(one, customers, seed).features


def draw(of: Groups, customers: int, seed: int) -> Drawn:
    """That many customers; those without any contact or order in the year are drawn but in no table."""
    random = np.random.default_rng([seed, 2])
    group = random.choice(len(of.share), customers, p=of.share)
    tenure = random.uniform(90, 900, customers)
    days = np.minimum(tenure, DAYS)
    shared = random.normal(size=customers)
    rates = [_rate(of, random, shared) for _ in range(2)]
    contacts = random.poisson(of.contacts[group] * days / DAYS * rates[0])
    orders = random.poisson(of.orders[group] * days / DAYS * rates[1])
    weights = random.standard_gamma(of.mix[group] * of.mix_concentration)
    mix = weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-300)
    by_channel = random.multinomial(contacts, mix / mix.sum(axis=1, keepdims=True))
    strayed = of.together * shared + np.sqrt(1 - of.together**2) * random.normal(size=customers)
    amount = of.amount[group] * np.exp(of.money_sigma * strayed)
    income = of.income[group] * np.exp(of.money_sigma * random.normal(size=customers))
    knowing = _knowing(of, days, by_channel, orders, amount, income)
    there = contacts + orders > 0
    recency = np.minimum(days * random.beta(1, np.maximum(contacts + orders, 1)), days * 0.9)
    columns = {
        "recency_days": np.where(contacts + orders > 1, recency, tenure),
        "tenure_days": tenure,
        "frequency": contacts + orders,
        "order_count": orders,
        "order_amount": np.round(amount * orders, 2),
        "order_amount_mean": np.where(orders > 0, amount, np.nan),
        "income": np.round(np.where(random.random(customers) < 0.1, np.nan, income), 0),
        "rating_response_share": _of(random.binomial(contacts, random.beta(2, 5, customers)), contacts),
        "complaint_share": _of(random.binomial(contacts, random.beta(1, 12, customers)), contacts),
        **{f"{name}_share": _of(by_channel[:, place], contacts) for place, name in enumerate(CHANNELS[:-1])},
    }
    table = _table({name: values[there] for name, values in columns.items()})
    return Drawn(table, group[there].astype(np.int64), knowing[there])


def _rate(of: Groups, random: np.random.Generator, shared: Floats) -> Floats:
    if of.log_normal or of.together:
        own = random.normal(size=shared.size)
        stray = of.together * shared + np.sqrt(1 - of.together**2) * own
        return np.asarray(np.exp(of.rate_sigma * stray - of.rate_sigma**2 / 2), dtype=np.float64)
    shape = of.rate_sigma**-2
    return np.asarray(random.gamma(shape, 1 / shape, shared.size), dtype=np.float64)


def _of(part: Ints, whole: Ints) -> Floats:
    return np.where(whole > 0, part / np.maximum(whole, 1), np.nan)


def _knowing(of: Groups, days: Floats, by_channel: Ints, orders: Ints, amount: Floats, income: Floats) -> Ints:
    """The likeliest group of each customer by the very distributions that gamma-strayed customers were drawn from."""
    shape = of.rate_sigma**-2
    weights = of.mix * of.mix_concentration
    likely = np.log(of.share) + sum(
        _negative_binomial(counts, np.outer(days / DAYS, rates), shape)
        for counts, rates in ((by_channel.sum(axis=1), of.contacts), (orders, of.orders))
    )
    likely = likely + (gammaln(by_channel[:, None, :] + weights) - gammaln(weights)).sum(axis=2)
    likely = likely - np.where(orders[:, None] > 0, _off(amount, of.amount, of.money_sigma), 0.0)
    return np.asarray((likely - _off(income, of.income, of.money_sigma)).argmax(axis=1), dtype=np.int64)


def _negative_binomial(counts: Ints, means: Floats, shape: float) -> Floats:
    return np.asarray(
        counts[:, None] * np.log(means / (means + shape) + 1e-12) - shape * np.log(means + shape), dtype=np.float64
    )


def _off(values: Floats, typical: Floats, sigma: float) -> Floats:
    return np.asarray(0.5 * ((np.log(values)[:, None] - np.log(typical)) / sigma) ** 2, dtype=np.float64)


def _table(columns: dict[str, Floats | Ints]) -> pa.Table:
    rows = len(columns["tenure_days"])
    arrays = []
    for field in CUSTOMER_FEATURES.schema:
        if field.name in columns:
            values = pa.array(columns[field.name].astype(np.float64), from_pandas=True)
            arrays.append(values.cast(field.type, safe=False))
        elif field.name == "customer_id":
            arrays.append(pa.array([f"C{number:07d}" for number in range(rows)]))
        elif field.name == "cutoff":
            arrays.append(pa.array([CUTOFF] * rows, field.type))
        else:
            arrays.append(pa.nulls(rows, field.type))
    return pa.table(arrays, schema=CUSTOMER_FEATURES.schema)
