"""A simulated company whose truth is known: who belongs to which segment, who left and when, how busy it was."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from interactions.demo.arrays import Floats, Ints
from interactions.demo.clock import Clock, make_clock
from interactions.demo.contacts import interactions_table
from interactions.demo.customers import Register, customer_ids, customers_table, draw_joins
from interactions.demo.happened import History
from interactions.demo.life import Life
from interactions.demo.orders import orders_table
from interactions.demo.outbound import send
from interactions.demo.places import CITIES, draw_cities, draw_owners, service_of
from interactions.demo.seasons import channel_seasons, first_weeks, order_seasons
from interactions.demo.segments import People, draw_people, loyal, scatter
from interactions.demo.service import open_service
from interactions.demo.state import first_state
from interactions.demo.surveys import surveys_table
from interactions.demo.truth import truth_tables
from workspace.tables import TABLES, TIMESTAMP

SOURCE = "demo"


@dataclass(frozen=True)
class Company:
    """The company as it truly was.

    tables: customers, interactions, orders, surveys in the schemas of workspace.tables; truth: what no model may see,
    described in truth.py.
    """

    tables: dict[str, pa.Table]
    truth: dict[str, pa.Table]
    end: date
    days: int
    timezone: str
    seed: int
    overlap: float = 1.0


def simulate(
    customers: int = 2000,
    days: int = 730,
    seed: int = 7,
    end: date = date(2026, 10, 31),
    timezone: str = "Asia/Shanghai",
    overlap: float = 1.0,
    alike: bool = False,
) -> Company:
    """Simulate `days` company days up to and including `end`; the same arguments give the same bytes.

    overlap: how far persons stray from their segment, beside the usual (segments.scatter). alike: no segments at all,
    though everybody still has a number in the truth.
    Raises ValueError without any customer, with less than 60 days, or with an overlap not above 0.
    """
    if customers < 1 or days < 60:
        raise ValueError(f"A company needs 1 customer and 60 days or more, not {customers} and {days}.")
    rngs = [np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(8)]
    clock = make_clock(end, days, timezone)
    season_rng = rngs[0]
    seasons, order_season = channel_seasons(clock.dates(), season_rng), order_seasons(clock.dates(), season_rng)
    people = draw_people(rngs[1], customers, scatter(overlap), alike)
    city = draw_cities(rngs[2], customers)
    owner = draw_owners(rngs[2], city)
    register = Register(city, owner, draw_joins(rngs[2], clock, customers, order_season))
    people = loyal(people, register.joined < 0)
    history = _live(rngs[3], clock, people, register, (seasons, order_season))
    tables = _tables(rngs[4:], clock, people, register, history)
    return Company(
        tables={name: _provenanced(name, columns, clock) for name, columns in tables.items()},
        truth=truth_tables(clock, people, history),
        end=end,
        days=days,
        timezone=timezone,
        seed=seed,
        overlap=overlap,
    )


def _live(
    rng: np.random.Generator,
    clock: Clock,
    people: People,
    register: Register,
    seasons: tuple[Floats, Floats],
) -> History:
    channels, orders = seasons
    usual = (people.mix * (people.contact_rate * (register.joined < 0))[:, None]).sum(axis=0) + 1e-6
    desk, priority = service_of(register.owner)
    return Life(
        people=people,
        clock=clock,
        seasons=channels,
        order_season=orders,
        service=open_service(rng, clock, usual * first_weeks(clock, channels)),
        desk=desk,
        priority=priority,
        rng=rng,
        state=first_state(rng, people, register.joined),
    ).run()


def _tables(
    rngs: list[np.random.Generator], clock: Clock, people: People, register: Register, history: History
) -> dict[str, dict[str, pa.Array]]:
    ids = customer_ids(len(people))
    abroad: Ints = np.array([CITIES[city].team == "overseas" for city in register.city], dtype=np.int64)
    sent = send(rngs[1], clock, people, history.joined, history.left, history.contacts)
    return {
        "customers": customers_table(rngs[0], clock, people, register, history.left),
        "interactions": interactions_table(rngs[1], clock, people, ids, history.contacts, sent),
        "orders": orders_table(rngs[2], clock, people, history.orders, abroad, ids),
        "surveys": surveys_table(rngs[3], clock, people, ids, (history.joined, history.left), history.contacts),
    }


def _provenanced(name: str, columns: dict[str, pa.Array], clock: Clock) -> pa.Table:
    """The table with its provenance, each row known from its own time on and received on the day after the end."""
    table = TABLES[name]
    count = len(next(iter(columns.values())))
    received = clock.moment(clock.seconds + 24 * 3600)
    provenance = {
        "source": pa.array([SOURCE]).take(pa.array(np.zeros(count, dtype=np.int64))),
        "source_row": pa.array(np.arange(1, count + 1)),
        "collected_at": pa.array([received], TIMESTAMP).take(pa.array(np.zeros(count, dtype=np.int64))),
        "known_at": columns[str(table.event_time)],
        "is_revision": pa.array(np.zeros(count, dtype=bool)),
    }
    return pa.table({**columns, **provenance}, schema=table.schema)
