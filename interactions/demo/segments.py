"""The five planted segments and the people drawn from them.

A segment is a set of typical values; a person scatters around them, so that segments overlap as real ones do.
Rates scatter by a gamma factor and channel mixes by a Dirichlet, so that counts of a person have textbook
distributions (negative binomial, Dirichlet-multinomial) and classifier.py can say how likely each segment is.
"""

from dataclasses import dataclass, replace

import numpy as np

from interactions.demo.arrays import Flags, Floats, Ints

CHANNELS = ("phone", "email", "chat", "social", "web", "sms", "in_person")
PHONE, EMAIL, CHAT, SOCIAL, WEB, SMS, IN_PERSON = range(len(CHANNELS))
BUSINESS = 2  # position in SEGMENTS: some things only companies do


@dataclass(frozen=True)
class Scatter:
    """How far persons stray from the typical values of their segment."""

    rate_shape: float = 6.0  # gamma shape of a person's rate around the segment's: a coefficient of variation of .41
    mix_concentration: float = 14.0  # how close a person's channel mix stays to the segment's
    amount_sigma: float = 0.30  # of a person's mean log amount around the segment's
    income_sigma: float = 0.32
    age_sigma: float = 8.0
    rating_concentration: float = 8.0


def scatter(overlap: float = 1.0) -> Scatter:
    """Persons straying `overlap` times as far as usual: standard deviations times it, concentrations by its square.

    1 is the company of the demo. Raises ValueError unless it is above 0.
    """
    if not overlap > 0:
        raise ValueError(f"Segments overlap by a factor above 0, not {overlap}.")
    usual, squared = Scatter(), overlap**2
    return Scatter(
        usual.rate_shape / squared,
        usual.mix_concentration / squared,
        usual.amount_sigma * overlap,
        usual.income_sigma * overlap,
        usual.age_sigma * overlap,
        usual.rating_concentration / squared,
    )


@dataclass(frozen=True)
class Segment:
    """Typical values of one planted segment; rates are per day of ordinary season."""

    name: str
    share: float
    contact_rate: float
    order_rate: float
    amount: float  # median amount of an order line's pieces, company currency
    amount_sigma: float  # of log amounts of one person's orders
    mix: tuple[float, ...]  # share of each of CHANNELS
    income: float  # median, company currency a year
    age: float
    rating_share: float  # of answered contacts that get a rating
    generosity: float  # added to the ratings given
    complaint_logit: float
    warmth: float  # tone of messages, about -1 to 1
    english: float
    mixed: float
    emoji: float
    regularity: float  # gamma shape of the gaps between contacts: 1 is Poisson
    leave_rate: float  # daily hazard of losing interest when nothing is wrong
    sensitivity: float  # of that hazard to bad service
    consent: float


SEGMENTS = (
    Segment(
        name="loyal regulars",
        share=0.28,
        contact_rate=0.075,
        order_rate=0.036,
        amount=260,
        amount_sigma=0.45,
        mix=(0.32, 0.14, 0.26, 0.04, 0.18, 0.02, 0.04),
        income=150_000,
        age=43,
        rating_share=0.38,
        generosity=0.35,
        complaint_logit=-2.9,
        warmth=0.4,
        english=0.06,
        mixed=0.08,
        emoji=0.15,
        regularity=3.0,
        leave_rate=0.00037,
        sensitivity=0.95,
        consent=0.85,
    ),
    Segment(
        name="young bargain hunters",
        share=0.22,
        contact_rate=0.105,
        order_rate=0.050,
        amount=85,
        amount_sigma=0.5,
        mix=(0.05, 0.03, 0.46, 0.28, 0.14, 0.03, 0.01),
        income=82_000,
        age=26,
        rating_share=0.22,
        generosity=0.0,
        complaint_logit=-2.4,
        warmth=0.1,
        english=0.07,
        mixed=0.26,
        emoji=0.45,
        regularity=1.8,
        leave_rate=0.0007,
        sensitivity=1.1,
        consent=0.75,
    ),
    Segment(
        name="business accounts",
        share=0.15,
        contact_rate=0.060,
        order_rate=0.021,
        amount=2_300,
        amount_sigma=0.55,
        mix=(0.27, 0.55, 0.04, 0.01, 0.06, 0.01, 0.06),
        income=420_000,
        age=46,
        rating_share=0.14,
        generosity=0.1,
        complaint_logit=-2.7,
        warmth=0.0,
        english=0.34,
        mixed=0.18,
        emoji=0.02,
        regularity=3.5,
        leave_rate=0.00029,
        sensitivity=1.15,
        consent=0.6,
    ),
    Segment(
        name="support seekers",
        share=0.17,
        contact_rate=0.150,
        order_rate=0.018,
        amount=310,
        amount_sigma=0.5,
        mix=(0.58, 0.15, 0.15, 0.05, 0.04, 0.02, 0.01),
        income=105_000,
        age=51,
        rating_share=0.45,
        generosity=-0.35,
        complaint_logit=-1.7,
        warmth=-0.3,
        english=0.05,
        mixed=0.06,
        emoji=0.08,
        regularity=1.8,
        leave_rate=0.00046,
        sensitivity=0.8,
        consent=0.55,
    ),
    Segment(
        name="occasional browsers",
        share=0.18,
        contact_rate=0.034,
        order_rate=0.010,
        amount=150,
        amount_sigma=0.5,
        mix=(0.10, 0.19, 0.10, 0.15, 0.43, 0.02, 0.01),
        income=98_000,
        age=35,
        rating_share=0.10,
        generosity=0.05,
        complaint_logit=-2.7,
        warmth=0.1,
        english=0.10,
        mixed=0.14,
        emoji=0.2,
        regularity=2.2,
        leave_rate=0.00058,
        sensitivity=0.9,
        consent=0.7,
    ),
)


def parameter(name: str) -> Floats:
    """One parameter of every segment, in order: [5], or [5, channels] for the mix."""
    return np.array([getattr(segment, name) for segment in SEGMENTS], dtype=np.float64)


@dataclass(frozen=True)
class People:
    """What each simulated person is like, arrays of [customers]; `mix` is [customers, channels]."""

    segment: Ints
    contact_rate: Floats
    order_rate: Floats
    mix: Floats
    log_amount: Floats
    amount_sigma: Floats
    income: Floats
    age: Floats
    rating_share: Floats
    generosity: Floats
    complaint_logit: Floats
    warmth: Floats
    english: Floats
    mixed: Floats
    emoji: Floats
    regularity: Floats
    leave_rate: Floats
    sensitivity: Floats
    consent: Flags

    def __len__(self) -> int:
        return len(self.segment)


def _shares(rng: np.random.Generator, mix: Floats, concentration: float) -> Floats:
    """One Dirichlet draw for each row of `mix`, through gamma variables."""
    draws = rng.standard_gamma(mix * concentration)
    return np.asarray(draws / draws.sum(axis=1, keepdims=True), dtype=np.float64)


def draw_people(rng: np.random.Generator, customers: int, around: Scatter | None = None, alike: bool = False) -> People:
    """Draw `customers` persons, each scattered `around` the typical values of a segment drawn by its share.

    alike: there are no segments: all scatter around one typical customer, the mean of the segments (of their logs for
    rates, amounts and incomes).
    """
    around = around or Scatter()
    segment = rng.choice(len(SEGMENTS), size=customers, p=parameter("share")).astype(np.int64)

    def typical(name: str) -> Floats:
        values = parameter(name)
        return np.asarray((_average(name, values) if alike else values)[segment], dtype=np.float64)

    def rate(name: str) -> Floats:
        return typical(name) * rng.gamma(around.rate_shape, 1 / around.rate_shape, customers)

    rating, sure = typical("rating_share"), around.rating_concentration
    return People(
        segment=segment,
        contact_rate=rate("contact_rate"),
        order_rate=rate("order_rate"),
        mix=_shares(rng, typical("mix"), around.mix_concentration),
        log_amount=np.log(typical("amount")) + rng.normal(0, around.amount_sigma, customers),
        amount_sigma=typical("amount_sigma"),
        income=typical("income") * np.exp(rng.normal(0, around.income_sigma, customers)),
        age=np.clip(typical("age") + rng.normal(0, around.age_sigma, customers), 18, 82),
        rating_share=rng.beta(rating * sure, (1 - rating) * sure),
        generosity=typical("generosity") + rng.normal(0, 0.3, customers),
        complaint_logit=typical("complaint_logit") + rng.normal(0, 0.3, customers),
        warmth=typical("warmth") + rng.normal(0, 0.3, customers),
        english=typical("english"),
        mixed=typical("mixed"),
        emoji=typical("emoji"),
        regularity=typical("regularity"),
        leave_rate=typical("leave_rate") * np.exp(rng.normal(0, 0.3, customers)),
        sensitivity=typical("sensitivity") * np.exp(rng.normal(0, 0.15, customers)),
        consent=rng.random(customers) < typical("consent"),
    )


def _average(name: str, values: Floats) -> Floats:
    """The mean over the segments in the place of each."""
    shares = parameter("share")
    if name in ("contact_rate", "order_rate", "amount", "income"):
        return np.full_like(values, np.exp(shares @ np.log(values)))
    return np.broadcast_to(shares @ values, values.shape)


def loyal(people: People, old: Flags) -> People:
    """The same people, with `old` customers as those are who stayed so far: less easily lost."""
    return replace(
        people,
        leave_rate=np.where(old, 0.6, 1.0) * people.leave_rate,
        sensitivity=np.where(old, 0.9, 1.0) * people.sensitivity,
    )
