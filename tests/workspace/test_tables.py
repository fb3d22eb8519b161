import pytest

from workspace.tables import PROVENANCE, TABLES


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_described_whole(name: str) -> None:
    table = TABLES[name]
    assert len(set(table.column_names)) == len(table.column_names)
    assert set(table.key) <= set(table.column_names)
    assert table.event_time is None or table.event_time in table.column_names
    assert all(column.meaning for column in table.columns)


@pytest.mark.parametrize(
    "name", ["customers", "interactions", "orders", "surveys", "volume_history", "message_signals"]
)
def test_every_collected_row_says_where_it_came_from(name: str) -> None:
    assert TABLES[name].columns[-len(PROVENANCE) :] == PROVENANCE


def test_durations_are_whole_milliseconds() -> None:
    for table in TABLES.values():
        for column in table.columns:
            if column.name.endswith("_ms"):
                assert (str(column.type), column.unit) == ("int64", "ms")
