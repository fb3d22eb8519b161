"""The truth kept beside a simulated company, for tests and evaluations alone.

customers: customer_id, segment (0 to 4), segment_name, left_at_true (null: stayed), contact_exposure and order_exposure
    (days at full rate that they were there), and their own simulated parameters.
segments: the typical values of the five segments.
volume: local_day, channel, expected contacts (inbound and unknown direction, strangers included).
load: local_hour (naive local time), channel, offered contacts, load (work over staff).
hazard: customer_id, local_day, hazard (daily, of losing interest), fading (already has).
"""

from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa

from interactions.demo.arrays import Ints
from interactions.demo.clock import Clock
from interactions.demo.customers import customer_ids
from interactions.demo.happened import History
from interactions.demo.segments import CHANNELS, SEGMENTS, People

_OWN = (
    "contact_rate", "order_rate", "log_amount", "amount_sigma", "income", "age", "rating_share", "generosity",
    "complaint_logit", "warmth", "regularity", "leave_rate", "sensitivity",
)  # fmt: skip


def truth_tables(clock: Clock, people: People, history: History) -> dict[str, pa.Table]:
    """Every table named above, sorted by its first columns."""
    ids = customer_ids(len(people))
    return {
        "customers": _customers(clock, people, history, ids),
        "segments": _segments(),
        "volume": _volume(clock, history),
        "load": _load(clock, history),
        "hazard": _hazard(clock, history, ids),
    }


def _customers(clock: Clock, people: People, history: History, ids: pa.Array) -> pa.Table:
    mix = {f"{channel}_share": pa.array(people.mix[:, column]) for column, channel in enumerate(CHANNELS)}
    return pa.table(
        {
            "customer_id": ids,
            "segment": pa.array(people.segment),
            "segment_name": pa.array([segment.name for segment in SEGMENTS]).take(pa.array(people.segment)),
            "left_at_true": clock.timestamps(history.left),
            "contact_exposure": pa.array(history.contact_exposure),
            "order_exposure": pa.array(history.order_exposure),
            **{name: pa.array(getattr(people, name)) for name in _OWN},
            **mix,
        }
    )


def _segments() -> pa.Table:
    rows = [
        {**{name: value for name, value in vars(segment).items() if name != "mix"}, "segment": number}
        | {f"{channel}_share": share for channel, share in zip(CHANNELS, segment.mix, strict=True)}
        for number, segment in enumerate(SEGMENTS)
    ]
    return pa.Table.from_pylist(rows)


def _days(clock: Clock, days: Ints) -> pa.Array:
    return pa.array(clock.dates(), pa.date32()).take(pa.array(days))


def _volume(clock: Clock, history: History) -> pa.Table:
    day = np.repeat(np.arange(clock.days), len(CHANNELS))
    channel = np.tile(np.arange(len(CHANNELS)), clock.days)
    return pa.table(
        {
            "local_day": _days(clock, day),
            "channel": pa.array(CHANNELS).take(pa.array(channel)),
            "expected": pa.array(history.expected.ravel()),
        }
    )


def _load(clock: Clock, history: History) -> pa.Table:
    start = datetime.combine(clock.start, datetime.min.time())
    hours = pa.array([start + timedelta(hours=hour) for hour in range(clock.days * 24)], pa.timestamp("us"))
    return pa.table(
        {
            "local_hour": hours.take(pa.array(history.loads.hour)),
            "channel": pa.array(CHANNELS).take(pa.array(history.loads.channel)),
            "offered": pa.array(history.loads.offered),
            "load": pa.array(history.loads.load),
        }
    )


def _hazard(clock: Clock, history: History, ids: pa.Array) -> pa.Table:
    hazards = history.hazards
    return pa.table(
        {
            "customer_id": ids.take(pa.array(hazards.customer)),
            "local_day": _days(clock, hazards.day),
            "hazard": pa.array(hazards.hazard),
            "fading": pa.array(hazards.fading),
        }
    )
