"""The best segmentation anybody could reach: a Bayes classifier that knows how the planted segments were made.

It sees of each customer what any company sees (contacts by channel, orders and their amounts, income, year of birth,
how many contacts were rated) and knows the distributions they were drawn from. Segments overlap, so that even it is not
always right; a clustering that knows nothing is judged beside it.
"""

from collections.abc import Callable, Collection

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.special import betaln, gammaln

from interactions.demo.arrays import Floats, Ints
from interactions.demo.company import Company
from interactions.demo.segments import CHANNELS, SEGMENTS, parameter, scatter

_LINE_SIGMA = 0.2  # what lines of an order scatter beside the order itself


def true_parameter_classifier(company: Company, unseen: Collection[str] = ()) -> Ints:
    """The likeliest planted segment (0 to 4) of each customer, in the order of truth["customers"]: [customers].

    How long each customer was there is taken from the truth, everything else from the tables. Naive Bayes over the
    negative binomial counts of contacts and orders, the Dirichlet-multinomial channels, the beta-binomial ratings, and
    the normal log amounts, log incomes and ages; with the segments' shares as prior.
    unseen: those of contacts, channels, orders, amounts, income, age and ratings that it is not to look at, so that it
    knows no more of a customer than whom it is held beside. Raises ValueError for another name.
    """
    terms: dict[str, Callable[[Company], Floats]] = {
        "contacts": _contacts,
        "channels": _channels,
        "orders": _orders,
        "amounts": _amounts,
        "income": _income,
        "age": _age,
        "ratings": _ratings,
    }
    if not set(unseen) <= set(terms):
        raise ValueError(f"unseen names some of {', '.join(terms)}, not {', '.join(sorted(set(unseen) - set(terms)))}.")
    posterior = np.log(parameter("share")) + sum(term(company) for name, term in terms.items() if name not in unseen)
    return np.asarray(posterior.argmax(axis=1), dtype=np.int64)


def _count(company: Company, rows: pa.Table, column: str = "customer_id") -> Floats:
    """Rows of each customer, [customers]."""
    ids = company.truth["customers"]["customer_id"]
    position = pc.index_in(rows[column].drop_null(), value_set=ids.combine_chunks()).to_numpy()
    return np.bincount(position, minlength=len(ids)).astype(np.float64)


def _inbound(company: Company) -> pa.Table:
    interactions = company.tables["interactions"]
    kept = pc.and_(pc.not_equal(interactions["direction"], "outbound"), pc.is_valid(interactions["customer_id"]))
    return interactions.filter(kept)


def _negative_binomial(counts: Floats, means: Floats, shape: float) -> Floats:
    """Log likelihood of counts whose rate is gamma of that shape, up to a constant: [customers, segments]."""
    share = means / (means + shape)
    return np.asarray(counts[:, None] * np.log(share + 1e-12) + shape * np.log1p(-share), dtype=np.float64)


def _shape(company: Company) -> float:
    return scatter(company.overlap).rate_shape


def _contacts(company: Company) -> Floats:
    counts = _count(company, _inbound(company))
    truth = company.truth["customers"]
    exposure = truth["contact_exposure"].to_numpy()
    own = truth["contact_rate"].to_numpy()
    repeats = counts.sum() / max(float((exposure * own).sum()), 1e-9)  # contacts that come again about a bad one
    return _negative_binomial(counts, repeats * exposure[:, None] * parameter("contact_rate"), _shape(company))


def _channels(company: Company) -> Floats:
    inbound = _inbound(company)
    by_channel = [_count(company, inbound.filter(pc.equal(inbound["channel"], channel))) for channel in CHANNELS]
    counts = np.column_stack(by_channel)
    weights = parameter("mix") * scatter(company.overlap).mix_concentration
    return np.asarray((gammaln(counts[:, None, :] + weights) - gammaln(weights)).sum(axis=2), dtype=np.float64)


def _orders_of(company: Company) -> pa.Table:
    """order_id, customer_id and amount of each order."""
    return (
        company.tables["orders"].group_by(["order_id", "customer_id"], use_threads=False).aggregate([("amount", "sum")])
    )


def _orders(company: Company) -> Floats:
    exposure = company.truth["customers"]["order_exposure"].to_numpy()
    means = exposure[:, None] * parameter("order_rate")
    return _negative_binomial(_count(company, _orders_of(company)), means, _shape(company))


def _amounts(company: Company) -> Floats:
    orders = _orders_of(company)
    ids = company.truth["customers"]["customer_id"].combine_chunks()
    position = pc.index_in(orders["customer_id"], value_set=ids).to_numpy()
    logs = np.log(orders["amount_sum"].cast(pa.float64()).to_numpy())
    counts = np.bincount(position, minlength=len(ids))
    means = np.bincount(position, weights=logs, minlength=len(ids)) / np.maximum(counts, 1)
    spread = parameter("amount_sigma") ** 2 + _LINE_SIGMA**2
    variance = scatter(company.overlap).amount_sigma ** 2 + spread / np.maximum(counts, 1)[:, None]
    likely = _normal(means, np.log(parameter("amount")), variance)
    return np.where(counts[:, None] > 0, likely, 0.0)


def _normal(values: Floats, means: Floats, variance: Floats) -> Floats:
    return np.asarray(-0.5 * (np.log(variance) + (values[:, None] - means) ** 2 / variance), dtype=np.float64)


def _where_known(column: pa.ChunkedArray, likely: Floats) -> Floats:
    return np.where(pc.is_valid(column).to_numpy()[:, None], likely, 0.0)


def _income(company: Company) -> Floats:
    income = company.tables["customers"]["income"]
    logs = np.log(pc.fill_null(income.cast(pa.float64()), 1.0).to_numpy())
    variance = np.full((1, len(SEGMENTS)), scatter(company.overlap).income_sigma ** 2)
    return _where_known(income, _normal(logs, np.log(parameter("income")), variance))


def _age(company: Company) -> Floats:
    birth = company.tables["customers"]["birth_year"]
    age = company.end.year - pc.fill_null(birth, 0).to_numpy() + 0.5
    variance = np.full((1, len(SEGMENTS)), scatter(company.overlap).age_sigma ** 2)
    return _where_known(birth, _normal(age, parameter("age"), variance))


def _ratings(company: Company) -> Floats:
    inbound = _inbound(company)
    answered = _count(company, inbound.filter(pc.is_valid(inbound["responded_at"])))
    rated = np.minimum(_count(company, inbound.filter(pc.is_valid(inbound["satisfaction"]))), answered)
    sure = scatter(company.overlap).rating_concentration
    first = parameter("rating_share") * sure
    second = sure - first
    likely = betaln(rated[:, None] + first, (answered - rated)[:, None] + second) - betaln(first, second)
    return np.asarray(likely, dtype=np.float64)
