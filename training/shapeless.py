"""The same company without segments: the null that a clustering has to beat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy import stats

from training.bundle.behaviour import CHANNELS, OF_CONTACTS
from training.bundle.rowwise import Floats
from training.one_hump import one_hump

_RATES = ("contacts_monthly", "orders_monthly")
_AMOUNTS = ("order_amount_mean", "income")
_SMOOTH = 10
_LEAST, _MOST = 0.05, 1_000.0


def shapeless(inputs: Mapping[str, Floats], random: np.random.Generator) -> dict[str, Floats]:
    """Inputs (behaviour.py) of as many customers who are one crowd, spread as these are, but in no groups.

    A Gaussian copula with the rank correlations of the customers: rates, amounts and incomes have the very
    distributions that they have, but for several clear humps, which are one here as in one crowd; everybody's own mix
    of channels is Dirichlet around the company's, own shares of rated contacts and complaints beta, and the contacts
    are drawn from them. So what is skewed, often nought, or rough because of few contacts is so here too, and no
    clustering gains by it.
    """
    inputs = _one_crowd(inputs, random)
    rows = inputs["contacts"].size
    channels = {name: inputs[name] for name in CHANNELS}
    scores = _scores({**{name: inputs[name] for name in (*_RATES, *_AMOUNTS, *OF_CONTACTS)}, **channels})
    uniforms = _uniforms(scores, 3 * rows, random)
    chosen = {name: _places(inputs[name], uniforms[name]) for name in _RATES}
    drawn = {name: inputs[name][chosen[name]] for name in _RATES}
    drawn["contacts"] = inputs["contacts"][chosen["contacts_monthly"]]
    # Nobody is clustered who was never in touch.
    there = np.flatnonzero((drawn["contacts"] > 0) | (drawn["orders_monthly"] > 0))[:rows]
    drawn = {name: values[there] for name, values in drawn.items()}
    uniforms = {name: values[there] for name, values in uniforms.items()}
    amounts = {name: _known_values(inputs[name], uniforms[name], random) for name in _AMOUNTS}
    bought = drawn["orders_monthly"] > 0
    amounts["order_amount_mean"] = _where_bought(inputs, bought, uniforms["order_amount_mean"])
    shares = _mixes(inputs["contacts"], channels, drawn["contacts"], uniforms, random)
    rated = {
        name: _share(inputs["contacts"], inputs[name], drawn["contacts"], uniforms[name], random)
        for name in OF_CONTACTS
    }
    return {**drawn, **amounts, **shares, **rated}


def _one_crowd(inputs: Mapping[str, Floats], random: np.random.Generator) -> dict[str, Floats]:
    """The inputs with one hump in amounts, incomes, and contacts where they are so many that counts are smooth."""
    found = dict(inputs)
    for name in _AMOUNTS:
        known = ~np.isnan(inputs[name])
        found[name] = inputs[name].copy()
        found[name][known] = one_hump(inputs[name][known], random)
    if np.median(inputs["contacts"]) >= _SMOOTH:
        found["contacts_monthly"] = one_hump(inputs["contacts_monthly"], random)
        times = found["contacts_monthly"] / np.maximum(inputs["contacts_monthly"], 1e-12)
        found["contacts"] = np.where(inputs["contacts"] > 0, np.maximum(np.round(inputs["contacts"] * times), 1.0), 0.0)
    return found


def _scores(columns: Mapping[str, Floats]) -> dict[str, Floats]:
    """Normal scores of the known values, 0 for unknown ones."""
    scores = {}
    for name, values in columns.items():
        known = ~np.isnan(values)
        scores[name] = np.zeros(values.size)
        ordered = np.sort(values[known])
        below, up_to = (np.searchsorted(ordered, values[known], side) for side in ("left", "right"))
        scores[name][known] = stats.norm.ppf((below + up_to) / 2 / max(ordered.size, 1))
    return scores


def _uniforms(scores: Mapping[str, Floats], rows: int, random: np.random.Generator) -> dict[str, Floats]:
    """Correlated uniforms, [rows] a name; channels are independent of each other, so that mixes are Dirichlet."""
    table = np.column_stack(list(scores.values()))
    spread = np.std(table, axis=0)
    scaled = (table - table.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    correlation = scaled.T @ scaled / max(table.shape[0], 1)
    channel = np.array([name in CHANNELS for name in scores])
    correlation[np.outer(channel, channel)] = 0.0
    np.fill_diagonal(correlation, 1.0)
    values, vectors = np.linalg.eigh(correlation)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    root /= np.sqrt((root**2).sum(axis=1, keepdims=True))
    normal = random.normal(size=(rows, values.size)) @ root.T
    return {name: stats.norm.cdf(normal[:, place]) for place, name in enumerate(scores)}


def _places(values: Floats, uniforms: Floats) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Rows of the values that stand where the uniforms point."""
    order = np.argsort(values, kind="stable")
    return order[np.minimum((uniforms * values.size).astype(np.int64), values.size - 1)]


def _known_values(values: Floats, uniforms: Floats, random: np.random.Generator) -> Floats:
    """Values that stand where the uniforms point, as often unknown as they are."""
    known = ~np.isnan(values)
    if not known.any():
        return np.full(uniforms.size, np.nan)
    found = values[known][_places(values[known], uniforms)]
    return np.where(random.random(uniforms.size) < known.mean(), found, np.nan)


def _where_bought(inputs: Mapping[str, Floats], bought: Any, uniforms: Floats) -> Floats:
    amounts = inputs["order_amount_mean"]
    known = amounts[~np.isnan(amounts)]
    if not known.size:
        return np.full(uniforms.size, np.nan)
    return np.where(bought, known[_places(known, uniforms)], np.nan)


def _mixes(
    contacts: Floats, channels: Mapping[str, Floats], drawn: Floats, uniforms: Mapping[str, Floats],
    random: np.random.Generator,
) -> dict[str, Floats]:  # fmt: skip
    """Channel shares of `drawn` contacts, NaN without one."""
    means = {name: _mean(values, contacts) for name, values in channels.items()}
    firmness = _concentration(list(channels.values()), contacts)
    weights = {
        name: stats.gamma.ppf(uniforms[name], max(mean * firmness, 1e-6)) if mean > 0 else np.zeros(drawn.size)
        for name, mean in means.items()
    }
    table = np.column_stack(list(weights.values())) + 1e-12
    counts = random.multinomial(drawn.astype(np.int64), table / table.sum(axis=1, keepdims=True))
    return {name: _of(counts[:, place].astype(np.float64), drawn) for place, name in enumerate(channels)}


def _share(contacts: Floats, values: Floats, drawn: Floats, uniforms: Floats, random: np.random.Generator) -> Floats:
    mean, firmness = _mean(values, contacts), _concentration([values, 1 - values], contacts)
    if not 0 < mean < 1:
        return _of(mean * drawn, drawn)
    own = stats.beta.ppf(uniforms, mean * firmness, (1 - mean) * firmness)
    return _of(random.binomial(drawn.astype(np.int64), own).astype(np.float64), drawn)


def _of(counts: Floats, contacts: Floats) -> Floats:
    return np.where(contacts > 0, counts / np.maximum(contacts, 1.0), np.nan)


def _mean(values: Floats, contacts: Floats) -> float:
    """The share of all contacts; 0 where nothing is known."""
    known = ~np.isnan(values)
    return float((values[known] * contacts[known]).sum() / max(contacts[known].sum(), 1.0))


def _concentration(shares: Sequence[Floats], contacts: Floats) -> float:
    """How alike the customers' own shares are: sum m (1 - m) / sum of variances between customers - 1.

    The Dirichlet's concentration by the method of moments (Kleinman 1973), over all shares of the same contacts.
    """
    known = ~np.isnan(shares[0]) & (contacts >= 2)
    weights = contacts[known]
    total = float(weights.sum())
    if weights.size < 2 or total <= weights.size:
        return _MOST
    means = np.array([float((share[known] * weights).sum()) / total for share in shares])
    evened = (total - float((weights**2).sum()) / total) / (weights.size - 1)
    between = sum(
        float((weights * (share[known] - mean) ** 2).sum()) for share, mean in zip(shares, means, strict=True)
    ) / (weights.size - 1)
    within = sum(float((weights * share[known] * (1 - share[known])).sum()) for share in shares) / (
        total - weights.size
    )
    variance = (between - within) / evened
    if variance <= 0:
        return _MOST
    return float(np.clip(float((means * (1 - means)).sum()) / variance - 1, _LEAST, _MOST))
