"""A published company in small: its bases, cubes and customers' values in a locked-down DuckDB; and every figure of the
catalogue in plain pandas."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zlib import crc32
from zoneinfo import ZoneInfo

import duckdb
import holidays
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from features.business_hours import open_days
from features.statistics.base import interactions_base, orders_base, surveys_base
from features.statistics.compiled import compiled
from features.statistics.cube import Cube, cube_named
from features.statistics.cube_tables import cube_tables
from workspace.engine import arrow_tables, connect, locked_down
from workspace.settings import WEEKDAYS, Company, Settings

BERLIN = ZoneInfo("Europe/Berlin")
START, END = datetime(2025, 11, 1, tzinfo=BERLIN), datetime(2026, 10, 15, 9, 30, tzinfo=BERLIN)
HOURS = dict.fromkeys(WEEKDAYS[:5], "09:00-18:00")
Figure = tuple[float | None, int]


def sql_of(timezone: str = "Europe/Berlin", week_start: str = "monday") -> dict[str, str]:
    return compiled(Settings(folder=Path(), schema=1, company={"timezone": timezone, "week_start": week_start}))


@pytest.fixture(scope="session")
def sql() -> dict[str, str]:
    return sql_of()


@pytest.fixture(scope="session")
def bases(tables: dict[str, pa.Table]) -> dict[str, pa.Table]:
    company = Company(timezone="Europe/Berlin", calendar="DE", hours=HOURS)
    days = open_days(company, date(2024, 1, 1), date(2028, 1, 1))
    backend = connect()
    given = arrow_tables(backend, {**tables, "days": days})
    made = {
        "interactions": interactions_base(given, given["days"]).order_by("occurred_at", "interaction_id").to_pyarrow(),
        "orders": orders_base(given).order_by("ordered_at", "order_line_id").to_pyarrow(),
        "surveys": surveys_base(given).order_by("answered_at", "response_id").to_pyarrow(),
    }
    backend.disconnect()
    # As publish does it.
    for name, rows in made.items():
        numbers = [crc32((customer or "").encode()) for customer in rows["customer_id"].to_pylist()]
        segments = pa.array([str(number % 3) if number % 5 else None for number in numbers])
        made[name] = rows.set_column(rows.schema.get_field_index("segment_id"), "segment_id", segments)
    return made


@pytest.fixture(scope="session")
def customer_values(tables: dict[str, pa.Table]) -> pa.Table:
    """Scores of four in five customers."""
    keys = sorted(set(tables["customers"]["customer_id"].to_pylist()))
    random = np.random.default_rng(8).random((len(keys), 4))
    names = ("score", "income", "frequency", "loyalty")
    columns = {
        name: [None if at % 5 == 0 else random[at, place] for at in range(len(keys))]
        for place, name in enumerate(names)
    }
    return pa.table({"customer_id": keys, **{name: pa.array(values, pa.float64()) for name, values in columns.items()}})


@pytest.fixture(scope="session")
def cubed(bases: dict[str, pa.Table], sql: dict[str, str]) -> dict[str, pa.Table]:
    with locked_down() as connection, pytest.MonkeyPatch.context() as patch:
        # As many as a large company has.
        patch.setattr("features.statistics.cube_tables.SMALL_CELLS", 20_000)
        connection.register("interactions", bases["interactions"])
        return cube_tables(connection, sql)


@pytest.fixture(scope="session")
def cubes(cubed: dict[str, pa.Table]) -> list[Cube]:
    return [cube for cube in map(cube_named, cubed) if cube is not None]


@pytest.fixture(scope="session")
def connection(
    bases: dict[str, pa.Table], customer_values: pa.Table, cubed: dict[str, pa.Table]
) -> Iterator[duckdb.DuckDBPyConnection]:
    with locked_down() as opened:
        for name, rows in {**bases, **cubed, "customer_values": customer_values}.items():
            opened.register(name, rows)
        yield opened


@pytest.fixture(scope="session")
def frames(bases: dict[str, pa.Table]) -> dict[str, pd.DataFrame]:
    """The bases as frames; each contact with what plain pandas says of its business hours and its being the first."""
    made = {name: rows.to_pandas() for name, rows in bases.items()}
    rows = made["interactions"].drop(columns=["is_first_contact", "response_business_us", "resolution_business_us"])
    rows["month"] = rows.occurred_at.dt.tz_convert(BERLIN).dt.strftime("%Y-%m")
    counted = rows[rows.is_automated.ne(True) & rows.customer_id.notna()].sort_values(["occurred_at", "interaction_id"])
    rows["first"] = rows.index.isin(counted.groupby("customer_id").head(1).index)
    for name, column in (("response", "responded_at"), ("resolution", "resolved_at")):
        rows[name] = [_open(a, b) for a, b in zip(rows.occurred_at, rows[column], strict=True)]
    return {**made, "interactions": rows}


_CLOSED = set(holidays.country_holidays("DE", years=range(2024, 2029)))


def _open(begin: pd.Timestamp, end: pd.Timestamp) -> float | None:
    """Seconds from nine to six of Berlin's working days between two moments, day by day."""
    if pd.isna(end):
        return None
    total = timedelta()
    day = begin.astimezone(BERLIN).date()
    while day <= end.astimezone(BERLIN).date():
        if day.weekday() < 5 and day not in _CLOSED:
            opens, closes = (
                datetime(day.year, day.month, day.day, hour, tzinfo=BERLIN).astimezone(UTC) for hour in (9, 18)
            )
            total += max(min(end, closes) - max(begin, opens), timedelta())
        day += timedelta(days=1)
    return total.total_seconds()


@pytest.fixture(scope="session")
def oracle(customer_values: pa.Table) -> Callable[[str, pd.DataFrame], dict[str, Figure]]:
    values = customer_values.to_pandas().set_index("customer_id")

    def figures(table: str, rows: pd.DataFrame) -> dict[str, Figure]:
        """Every figure of a base with its count."""
        if table == "orders":
            return _orders(rows)
        if table == "surveys":
            return _surveys(rows)
        return {**_contacts(rows), **_service(rows), **_response(rows), **_satisfaction(rows), **_scores(rows, values)}

    return figures


def _people(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    people = rows[rows.is_automated.ne(True)]
    return people, people[people.direction.ne("outbound")]


def _mean(values: Any) -> Figure:
    return (values.mean() if len(values) else None, len(values))


def _quantiles(name: str, values: pd.Series) -> dict[str, Figure]:
    return {f"{name}_median": (values.median(), len(values)), f"{name}_p90": (values.quantile(0.9), len(values))}


def _contacts(rows: pd.DataFrame) -> dict[str, Figure]:
    people, begun = _people(rows)
    known = people.customer_id.dropna()
    new = int(rows["first"].sum())
    machines = int(rows.is_automated.eq(True).sum())
    return {
        "contacts": (len(people), len(people)),
        "inbound_contacts": (len(begun), len(begun)),
        "automated_contacts": (machines, machines),
        "outbound_share": _mean(people.direction.eq("outbound")),
        "identified_share": _mean(people.customer_id.notna()),
        "unique_customers": (known.nunique(), len(known)),
        "contacts_per_customer": (len(known) / known.nunique() if len(known) else None, len(known)),
        "new_customers": (new, new),
        "returning_customers": (known.nunique() - new, len(known)),
        "complaint_share": _mean(begun.kind.eq("complaint")),
    }


def _service(rows: pd.DataFrame) -> dict[str, Figure]:
    people, begun = _people(rows)
    length = people[people.outcome == "answered"].duration_ms.dropna() / 1000
    waits = begun.wait_ms.dropna() / 1000
    offered = begun[begun.channel.isin(["phone", "chat"]) & begun.outcome.isin(["answered", "abandoned"])]
    queued = offered[offered.wait_ms > 0]
    judged = offered[offered.outcome.eq("abandoned") | offered.wait_ms.notna()]
    return {
        "service_seconds_mean": _mean(length),
        **_quantiles("service_seconds", length),
        "wait_seconds_mean": _mean(waits),
        **_quantiles("wait_seconds", waits),
        "service_level": _mean(judged.outcome.eq("answered") & judged.wait_ms.le(20_000)),
        "abandonment_share": _mean(offered.outcome.eq("abandoned")),
        "abandonment_queued_share": _mean(queued.outcome.eq("abandoned")),
    }


def _response(rows: pd.DataFrame) -> dict[str, Figure]:
    _, begun = _people(rows)
    answered = begun[begun.responded_at >= begun.occurred_at]
    hours = (answered.responded_at - answered.occurred_at) / pd.Timedelta(hours=1)
    resolved = begun[begun.resolved_at >= begun.occurred_at]
    silent = begun.responded_at.isna() & begun.outcome.ne("answered")
    buckets = pd.cut(hours, [0, 1, 4, 8, 24, np.inf], right=False, labels=["0_1h", "1_4h", "4_8h", "8_24h", "24h"])
    return {
        **_quantiles(
            "first_response_minutes", (answered.responded_at - answered.occurred_at) / pd.Timedelta(minutes=1)
        ),
        **_quantiles("first_response_business_minutes", answered.response.astype(float) / 60),
        **{f"first_response_{name}_share": _mean(buckets.eq(name)) for name in buckets.cat.categories},
        "unanswered_share": _mean(silent),
        **_quantiles("resolution_hours", (resolved.resolved_at - resolved.occurred_at) / pd.Timedelta(hours=1)),
        **_quantiles("resolution_business_hours", resolved.resolution.astype(float) / 3600),
        "reopened_share": _mean(begun[begun.resolved_at.notna()].reopened.eq(True)),
    }


def _satisfaction(rows: pd.DataFrame) -> dict[str, Figure]:
    people, begun = _people(rows)
    ratings = people.satisfaction.dropna()
    felt = begun.sentiment.dropna()
    return {
        "csat": _mean(ratings.ge(4)),
        "csat_response_share": _mean(begun.satisfaction.notna()),
        "csat_weighted": _weighted(begun),
        "rating_mean": _mean(ratings),
        "rating_count": (len(ratings), len(ratings)),
        "sentiment_mean": _mean(felt.round(6)),
        "negative_share": _mean(felt.lt(-0.05)),
    }


def _weighted(begun: pd.DataFrame) -> Figure:
    """Each rating weighs contacts / ratings of its channel and month; where nobody rated, nothing is known."""
    strata = begun.groupby(["channel", "month"], dropna=False)
    weight = strata.satisfaction.transform("size") / strata.satisfaction.transform("count")
    rated = begun.satisfaction.notna()
    if not rated.any():
        return None, 0
    return float(np.average(begun[rated].satisfaction.ge(4), weights=weight[rated])), int(rated.sum())


def _scores(rows: pd.DataFrame, values: pd.DataFrame) -> dict[str, Figure]:
    people, _ = _people(rows)
    found = {**_satisfaction(rows), **_contacts(rows)}
    rating, sentiment, calm = (found[name] for name in ("rating_mean", "sentiment_mean", "complaint_share"))
    parts = {
        "rating": (None if rating[0] is None else (rating[0] - 1) / 4, rating[1]),
        "sentiment": (None if sentiment[0] is None else (sentiment[0] + 1) / 2, sentiment[1]),
        "calm": (None if calm[0] is None else 1 - calm[0], calm[1]),
    }
    known = [value for value, _ in parts.values() if value is not None]
    heard = parts["rating"][1] + parts["sentiment"][1] > 0
    in_touch = values.reindex(people.customer_id.dropna().unique())
    return {
        "satisfaction_score": (float(np.mean(known)) if heard else None, len(people)),
        **{f"satisfaction_score_{name}": part for name, part in parts.items()},
        "value_score": _mean(in_touch.score.dropna()),
        **{f"value_score_{name}": _mean(in_touch[name].dropna()) for name in ("income", "frequency", "loyalty")},
    }


def _orders(rows: pd.DataFrame) -> dict[str, Figure]:
    amounts, order = rows.amount.dropna(), rows.order_id.fillna(rows.order_line_id)
    known = rows[rows.customer_id.notna()]
    worth = order[amounts.index].nunique()
    per = order[known.index].nunique() / known.customer_id.nunique() if len(known) else None
    return {
        "orders": (order.nunique(), len(rows)),
        "revenue": (float(sum(amounts)), len(amounts)),
        "order_value_mean": (float(sum(amounts)) / worth if worth else None, len(amounts)),
        "orders_per_customer": (per, len(known)),
    }


def _surveys(rows: pd.DataFrame) -> dict[str, Figure]:
    gap = (rows.importance * (5 - rows.satisfaction)).dropna()
    return {
        "need_gap": _mean(gap),
        "survey_importance": _mean(rows.importance.dropna()),
        "survey_satisfaction": _mean(rows.satisfaction.dropna()),
    }
