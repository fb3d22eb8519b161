"""The few rows that named customers' features need give the very same features as all rows."""

from datetime import UTC, datetime, timedelta
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

import features.named as named
from features.history import HISTORY_TABLES
from features.table import customer_features
from features.windows import Window
from workspace.engine import arrow_tables, connect
from workspace.tables import TABLES

CUTOFF = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
CUSTOMERS = ("a", "b", "c", "d", "e", None)


def made(seed: int, linked: bool) -> dict[str, pa.Table]:
    """Rows that pass from one customer to another with their later versions, now and then without a mark of it."""
    draw = np.random.default_rng(seed)

    def customer() -> str | None:
        return CUSTOMERS[draw.integers(len(CUSTOMERS))]

    def versions(name: str, count: int, key: str, at: str, **values: Any) -> pa.Table:
        rows = []
        for number in range(count):
            happened = CUTOFF - int(draw.integers(1, 9_000)) * HOUR
            for version in range(1 + int(draw.integers(0, 3))):
                known = {"known_at": happened + version * int(draw.integers(1, 900)) * HOUR, "source_row": version}
                mark = None if draw.random() < 0.2 else version > 0
                row = {key: f"{key}{number}", at: happened, "customer_id": customer(), "is_revision": mark}
                rows.append({**row, **known, **{column: draw.choice(of).item() for column, of in values.items()}})
        return _table(name, rows)

    people = [
        {"customer_id": one, "known_at": CUTOFF - 9_999 * HOUR, "do_not_profile": one == "e", "income": 1000}
        for one in CUSTOMERS[:-1]
    ]
    tables = {
        "customers": _table("customers", people),
        "interactions": versions(
            "interactions", 120, "interaction_id", "occurred_at", direction=["inbound", "outbound"], kind=["complaint"]
        ),
        "orders": versions("orders", 30, "order_line_id", "ordered_at", amount=[5, 7]),
        "surveys": versions("surveys", 20, "response_id", "answered_at", importance=[1, 5], satisfaction=[2, 4]),
        "message_signals": _table(
            "message_signals",
            [
                {"interaction_id": f"interaction_id{number}", "known_at": CUTOFF - 9_999 * HOUR, "words": number}
                for number in range(0, 120, 2)
            ],
        ),
    }
    if linked:
        links = [("a", "b", 5_000, None), ("d", "c", 5_000, None), ("c", "c", -1, None), ("e", "d", 100, CUTOFF)]
        tables["identity_links"] = _table(
            "identity_links",
            [
                {"customer_id": one, "person_id": other, "known_at": CUTOFF - hours * HOUR, "undone_at": undone}
                for one, other, hours, undone in links
            ],
        )
    return tables


def _table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    schema = TABLES[name].schema
    return pa.Table.from_pylist([{**dict.fromkeys(schema.names), **row} for row in rows], schema=schema)


@pytest.mark.parametrize("linked", [pytest.param(False, marks=pytest.mark.slow), True], ids=["", "with links"])
@pytest.mark.parametrize("few", [pytest.param(1_000_000, marks=pytest.mark.slow), 3], ids=["", "many versions"])
def test_the_same_as_among_all(linked: bool, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(named, "_FEW_KEYS", few)
    window = Window(CUTOFF, observation_days=200)
    backend = connect()
    tables = arrow_tables(backend, made(few + linked, linked))
    everybody = customer_features(tables, window)
    for wanted, there in ((["a", "nobody"], not linked), (["c", "b", "e"], True), ([], False)):
        found = customer_features(tables, window, customers=wanted)
        assert found.equals(everybody.filter(pc.field("customer_id").isin(pa.array(wanted, pa.string()))))
        assert (found.num_rows > 0) == there
    backend.disconnect()


def test_only_rows_that_concern_them_are_kept() -> None:
    backend = connect()
    tables = made(1, linked=False)
    found = named.concerning(arrow_tables(backend, tables), ["a"], ibis.memtable)
    assert set(found) == set(HISTORY_TABLES)
    kept = found["interactions"].to_pyarrow()
    theirs = tables["interactions"].filter(pc.field("customer_id") == "a")["interaction_id"].unique().to_pylist()
    assert set(kept["interaction_id"].to_pylist()) == set(theirs)
    assert 0 < kept.num_rows < tables["interactions"].num_rows
    assert set(found["message_signals"].to_pyarrow()["interaction_id"].to_pylist()) <= set(theirs)
    backend.disconnect()
