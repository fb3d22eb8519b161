"""A small simulated company with later versions, opt-outs and message signals; and what plain pandas makes of it."""

import io
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from features.history import HISTORY_TABLES, known
from features.windows import Window
from interactions.demo.company import simulate
from workspace.engine import arrow_tables
from workspace.tables import TABLES

CUTOFFS = (datetime(2026, 7, 11, 16, tzinfo=UTC), datetime(2026, 10, 2, 5, 30, 7, 250_000, tzinfo=UTC))
_PROVENANCE = ["known_at", "collected_at", "source", "source_row"]

Tables = Mapping[str, pa.Table]


@pytest.fixture(scope="session")
def tables() -> dict[str, pa.Table]:
    """The clean tables of 120 customers over 400 days."""
    company = simulate(customers=120, days=400, seed=5)
    made = {name: company.tables[name] for name in ("customers", "interactions", "orders", "surveys")}
    made["interactions"] = _with_oddities(made["interactions"])
    made["customers"] = _with_later_versions(made["customers"])
    made["message_signals"] = _signals(made["interactions"])
    return {name: made[name].cast(TABLES[name].schema) for name in HISTORY_TABLES}


@pytest.fixture(params=CUTOFFS, ids=["midnight", "odd moment"])
def window(request: pytest.FixtureRequest) -> Window:
    """A window of 200 days, so that part of the history lies before it."""
    return Window(request.param, observation_days=200, active_days=60)


@pytest.fixture
def past(tables: Tables, window: Window) -> SimpleNamespace:
    """What plain pandas knows before the window's cutoff."""
    return oracle(tables, window)


@pytest.fixture
def made(backend: Any, tables: Tables, window: Window) -> Callable[..., pd.DataFrame]:
    """Compute one concept of features/customer on either engine: made(rfm) -> a frame by customer_id."""
    history = known(arrow_tables(backend, tables), window)
    return lambda concept: concept(history, window).to_pyarrow().to_pandas().set_index("customer_id").sort_index()


@pytest.fixture(scope="session")
def as_bytes() -> Callable[[pa.Table], bytes]:
    """A table's bits; rebuilt first, as what lies under a null and in the padding is no part of it."""

    def bits(table: pa.Table) -> bytes:
        table = pa.Table.from_pylist(table.to_pylist(), schema=table.schema)
        sink = io.BytesIO()
        with pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table)
        return sink.getvalue()

    return bits


@pytest.fixture
def same() -> Callable[[pd.DataFrame, pd.DataFrame], None]:
    return _same


@pytest.fixture(scope="session")
def agree() -> Callable[[pa.Table, pa.Table], None]:
    """Two engines agree: floats to 1e-9, everything else exactly."""
    return _agree


def oracle(tables: Tables, window: Window) -> SimpleNamespace:
    """Frames of the past: contacts (begun by the customer, in the window), touches (all in the window), events, orders,
    surveys (in the window), customers, cutoff, start, recent (start of the last 90 days), days(timedelta)."""
    cutoff = pd.Timestamp(window.cutoff)
    start = cutoff - pd.Timedelta(days=window.observation_days)
    known_rows = {name: _latest(tables[name], TABLES[name].key, cutoff) for name in tables}
    opted_out = _latest(tables["customers"], ("customer_id",), pd.Timestamp.max.tz_localize("UTC"))
    opted_out = set(opted_out.loc[opted_out.do_not_profile.eq(True), "customer_id"])

    def of(name: str, at: str) -> pd.DataFrame:
        rows = known_rows[name]
        rows = rows[rows[at].notna() & (rows[at] < cutoff) & rows.customer_id.notna()]
        return rows[~rows.customer_id.isin(opted_out)].rename(columns={at: "at"})

    touches = of("interactions", "occurred_at")
    unanswered = ~(touches.responded_at < cutoff)
    unresolved = ~(touches.resolved_at < cutoff)
    rated_at = touches.rated_at.fillna(touches.responded_at).fillna(touches["at"])
    touches = touches.assign(rated_at=rated_at)
    touches.loc[unanswered, "responded_at"] = pd.NaT
    touches.loc[unresolved, ["resolved_at", "reopened"]] = None
    touches.loc[~(touches.rated_at < cutoff), "satisfaction"] = None
    begun = touches[(touches.direction != "outbound") & touches.is_automated.ne(True)]
    orders = of("orders", "ordered_at")
    firsts = orders.groupby("order_id")[["customer_id", "at"]].min()
    surveys = of("surveys", "answered_at")
    return SimpleNamespace(
        cutoff=cutoff,
        start=start,
        recent=cutoff - pd.Timedelta(days=90),
        events=pd.concat([begun[["customer_id", "at"]], firsts]).sort_values(["customer_id", "at"]),
        touches=touches[touches["at"] >= start],
        contacts=begun[begun["at"] >= start],
        orders=orders,
        surveys=surveys[surveys["at"] >= start],
        customers=known_rows["customers"].query("customer_id not in @opted_out").set_index("customer_id"),
        message_signals=known_rows["message_signals"],
        opted_out=opted_out,
    )


def _latest(table: pa.Table, key: tuple[str, ...], cutoff: pd.Timestamp) -> pd.DataFrame:
    rows = table.to_pandas()
    rows = rows[rows.known_at < cutoff].sort_values(_PROVENANCE)
    return rows.groupby(list(key)).tail(1).drop(columns=_PROVENANCE)


def _same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Equal to 12 digits where the oracle has a row; null where it has none."""
    expected = expected.reindex(found.index).astype(float)
    for column in expected.columns:
        numbers = pd.to_numeric(found[column]).astype(float)
        np.testing.assert_allclose(numbers, expected[column], rtol=1e-12, err_msg=column)
        assert expected[column].notna().any(), f"nothing to compare in {column}"


def _agree(found: pa.Table, expected: pa.Table) -> None:
    assert found.schema.equals(expected.schema)
    assert found.num_rows == expected.num_rows > 0
    for name in expected.column_names:
        one, other = found[name].combine_chunks(), expected[name].combine_chunks()
        if pa.types.is_floating(one.type):
            assert one.is_null().equals(other.is_null()), name
            close = {"rtol": 1e-9, "atol": 0, "err_msg": name}
            np.testing.assert_allclose(one.drop_null().to_numpy(), other.drop_null().to_numpy(), **close)
        else:
            assert one.equals(other), name


def _with_oddities(interactions: pa.Table) -> pa.Table:
    """Later versions that change a row, unknown directions and machines, and ratings without a time of their own."""
    rows = interactions.to_pandas()
    rows.loc[rows.index % 11 == 0, "direction"] = None
    rows["is_automated"] = rows.is_automated.astype(object)
    rows.loc[(rows.index % 7 == 0) & rows.is_automated.eq(False), "is_automated"] = None
    rows.loc[rows.index % 5 == 0, "rated_at"] = pd.NaT
    later = rows[rows.index % 13 == 0].assign(kind="complaint", channel="phone", is_revision=True)
    later["known_at"] = later.known_at + pd.Timedelta(days=40)
    moved = rows[rows.index % 17 == 0].assign(is_revision=True)
    moved["occurred_at"] -= pd.Timedelta(hours=30)
    moved["known_at"] += pd.Timedelta(hours=1)
    # The same moment of knowledge: the later row number wins.
    again = rows[rows.index % 19 == 0].assign(satisfaction=1, kind="feedback", is_revision=True)
    again["source_row"] += 1_000_000
    everything = pd.concat([rows, later, moved, again]).sample(frac=1, random_state=1)
    return _arrow(everything, interactions.schema)


def _with_later_versions(customers: pa.Table) -> pa.Table:
    rows = customers.to_pandas()
    rows["do_not_profile"] = rows.do_not_profile.astype(object)
    rows.loc[(rows.index % 9 == 0) & rows.do_not_profile.eq(False), "do_not_profile"] = None
    richer = rows[rows.index % 4 == 0].assign(is_revision=True)
    richer["income"] = richer.income * 2
    richer["known_at"] = pd.Timestamp(CUTOFFS[0]) + pd.Timedelta(days=1)
    leaving = rows[rows.index % 40 == 1].assign(do_not_profile=True, is_revision=True)
    leaving["known_at"] = pd.Timestamp(CUTOFFS[-1]) + pd.Timedelta(days=20)
    everything = pd.concat([rows, richer, leaving])
    return _arrow(everything, customers.schema)


def _signals(interactions: pa.Table) -> pa.Table:
    """Made-up signals of every text, some of them without a sentiment."""
    rows = interactions.to_pandas().drop_duplicates("interaction_id")
    rows = rows[rows.content.notna()].reset_index(drop=True)
    length = rows.content.str.len()
    signals = pd.DataFrame(
        {
            "interaction_id": rows.interaction_id,
            "language": np.select([length % 3 == 0, length % 3 == 1], ["zh", "mixed"], "en"),
            "sentiment": (((length * 7919) % 20_001 - 10_000) / 10_000).where(length % 10 > 0),
            "words": length // 4,
            "questions": length % 2,
            "masked": 0,
            **{name: rows[name] for name in (*_PROVENANCE, "is_revision")},
        }
    )
    return _arrow(signals, TABLES["message_signals"].schema)


def _arrow(frame: pd.DataFrame, schema: pa.Schema) -> pa.Table:
    """Column by column: Arrow's own conversion of zoned times still uses what pandas 3.1 warns about."""
    columns = []
    for field in schema:
        values = frame[field.name]
        if isinstance(values.dtype, pd.DatetimeTZDtype):
            values = values.dt.tz_convert(None)
        columns.append(pa.array(values.to_numpy(), from_pandas=True).cast(field.type))
    return pa.Table.from_arrays(columns, schema=schema)
