import pandas as pd
import pyarrow as pa
import pytest

from features.statistics.base import interactions_base, orders_base, surveys_base
from workspace.engine import arrow_tables, connect
from workspace.tables import TABLES

PEOPLE = ["owner", "region", "city", "country"]
ADDED = [
    *("sentiment", "is_first_contact", "previous_us", "previous_in_channel_us"),
    *("response_business_us", "resolution_business_us"),
]


def newest(tables: dict[str, pa.Table], of: str, by: str) -> pd.DataFrame:
    rows = tables[of].to_pandas().sort_values(["known_at", "collected_at", "source", "source_row"])
    return rows.groupby(by).tail(1)


@pytest.mark.parametrize(
    ("name", "base"), [("interactions", interactions_base), ("orders", orders_base), ("surveys", surveys_base)]
)
def test_latest_versions_with_who_the_customer_is(name: str, base, tables: dict[str, pa.Table]) -> None:
    backend = connect()
    found = base(arrow_tables(backend, tables)).to_pyarrow()
    backend.disconnect()
    table = TABLES[name]
    added = ADDED if name == "interactions" else []
    assert found.schema.names == [*table.column_names, *PEOPLE, *added, "segment_id"]
    (key,) = table.key

    people = newest(tables, "customers", "customer_id")[["customer_id", *PEOPLE]]
    expected = newest(tables, name, key).merge(people, on="customer_id", how="left")
    expected = expected.sort_values([table.event_time, key], ignore_index=True)
    frame = found.to_pandas().drop(columns=["segment_id", *added])
    frame = frame.sort_values([table.event_time, key], ignore_index=True)
    pd.testing.assert_frame_equal(frame, expected[frame.columns], check_dtype=False)
    assert found["segment_id"].null_count == found.num_rows


def test_contacts_know_their_sentiment_their_place_and_their_business_hours(tables: dict[str, pa.Table]) -> None:
    backend = connect()
    found = interactions_base(arrow_tables(backend, tables)).to_pyarrow().to_pandas()
    backend.disconnect()
    felt = newest(tables, "message_signals", "interaction_id").set_index("interaction_id").sentiment
    pd.testing.assert_series_equal(
        found.set_index("interaction_id").sentiment, felt.reindex(found.interaction_id), check_names=False
    )
    assert found.sentiment.notna().any()
    counted = found[found.is_automated.ne(True) & found.customer_id.notna()]
    firsts = counted.sort_values(["occurred_at", "interaction_id"]).groupby("customer_id").head(1)
    assert set(found[found.is_first_contact].interaction_id) == set(firsts.interaction_id)
    for column, within in (("previous_us", ["customer_id"]), ("previous_in_channel_us", ["customer_id", "channel"])):
        ordered = counted.sort_values(["occurred_at", "interaction_id"])
        before = ordered.groupby(within).occurred_at.shift().reindex(found.index)
        known = pd.to_datetime(found[column], unit="us", utc=True)
        pd.testing.assert_series_equal(known, before, check_names=False, check_dtype=False)
        assert before.notna().sum() > 100
    # Always open: business time is the time itself.
    taken = (found.responded_at - found.occurred_at) / pd.Timedelta(microseconds=1)
    pd.testing.assert_series_equal(found.response_business_us, taken, check_names=False)
