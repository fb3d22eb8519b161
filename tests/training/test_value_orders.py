"""Amounts after a cutoff, recomputed in pandas; nobody's wish and nothing later counts."""

from datetime import timedelta

import pandas as pd
import pyarrow as pa
import pytest

from features.windows import Window
from training.value_orders import ordered
from workspace.engine import arrow_tables, connect

CUTOFF = pd.Timestamp("2026-03-01", tz="UTC").to_pydatetime()
AS_OF = CUTOFF + timedelta(days=90)


@pytest.mark.parametrize("refused", [False, True])
def test_amounts_as_pandas_adds_them(tables: dict[str, pa.Table], refused: bool) -> None:
    lines = tables["orders"].to_pandas()
    busiest = lines["customer_id"].mode()[0]
    given = dict(tables)
    if refused:
        flags = [one == busiest for one in tables["customers"]["customer_id"].to_pylist()]
        place = tables["customers"].schema.get_field_index("do_not_profile")
        given["customers"] = tables["customers"].set_column(place, "do_not_profile", pa.array(flags))
    people = given["customers"].to_pandas()
    hidden = people.customer_id[people.do_not_profile.eq(True)]
    backend = connect()
    try:
        found = ordered(arrow_tables(backend, given), Window(AS_OF))
    finally:
        backend.disconnect()
    ids = tables["customers"]["customer_id"]
    assert len(hidden)
    inside = lines[
        (lines.ordered_at >= CUTOFF)
        & (lines.ordered_at < CUTOFF + timedelta(days=60))
        & (lines.known_at < AS_OF)
        & ~lines.customer_id.isin(hidden)
    ]
    expected = inside.groupby("customer_id")["amount"].sum().astype(float)
    got = found.amounts(ids, CUTOFF, 60)
    assert (got > 0).sum() == (expected > 0).sum() > 20
    assert got.tolist() == pytest.approx([expected.get(one, 0.0) for one in ids.to_pylist()], rel=1e-12)
    # What happens from the moment of training on is not there at all.
    assert found.amounts(ids, AS_OF, 400).sum() == 0
