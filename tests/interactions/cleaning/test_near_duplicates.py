"""The same contact sent twice, told from contacts that only look alike."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ibis.backends.duckdb import Backend

from interactions.cleaning.clean import clean
from interactions.cleaning.duplicates import SINGLE, STATE
from interactions.cleaning.layers import Layers
from interactions.cleaning.near_duplicates import near_duplicates, phrase
from interactions.sources.collect import collect
from workspace.engine import arrow_tables
from workspace.folder import Workspace, open_workspace

START = datetime(2024, 1, 5, 10, tzinfo=UTC)
WINDOW = 10.0
Contact = dict[str, Any]


def contact(minutes: float, content: str | None = "Where is it?", **more: Any) -> Contact:
    return {
        "customer_id": "C1",
        "occurred_at": START + timedelta(minutes=minutes),
        "channel": "chat",
        "direction": "inbound",
        "content": content,
        "excluded": False,
        "reasons": "",
        **more,
    }


def repeats(backend: Backend, rows: list[Contact], earlier: list[Contact] | None = None, **more: Any) -> list[int]:
    """The numbers, from 1, of the rows found to be repeats."""
    numbered = [{"interaction_id": f"k{n}", **row, "source_row": n} for n, row in enumerate(rows, 1)]
    known = ibis_table(backend, "earlier", earlier) if earlier is not None else None
    found = near_duplicates(
        Layers(backend),
        ibis_table(backend, "typed", numbered),
        more.get("again"),
        known,
        more.get("minutes", WINDOW),
        more.get("keyless", False),
    )
    return list(found.to_pylist())


def ibis_table(backend: Backend, name: str, rows: list[Contact]) -> Any:
    schema = pa.schema(
        [
            ("interaction_id", pa.string()),
            ("customer_id", pa.string()),
            ("occurred_at", pa.timestamp("us", "UTC")),
            ("channel", pa.string()),
            ("direction", pa.string()),
            ("content", pa.string()),
            ("excluded", pa.bool_()),
            ("reasons", pa.string()),
            ("source_row", pa.int64()),
        ]
    )
    return arrow_tables(backend, {name: pa.Table.from_pylist(rows, schema=schema)})[name]


def test_the_window_holds_its_edge(backend: Backend) -> None:
    assert repeats(backend, [contact(0), contact(10)]) == [2]
    assert repeats(backend, [contact(0), contact(10.0001)]) == []
    assert repeats(backend, [contact(5), contact(0)]) == [1]


def test_a_chain_is_judged_by_what_is_kept(backend: Backend) -> None:
    assert repeats(backend, [contact(0), contact(8), contact(16), contact(24), contact(30)]) == [2, 4]


def test_of_one_moment_the_first_row_is_kept(backend: Backend) -> None:
    assert repeats(backend, [contact(0), contact(0), contact(0)]) == [2, 3]


@pytest.mark.parametrize("other", [{"customer_id": "C2"}, {"channel": "email"}, {"direction": "outbound"}])
def test_another_customer_channel_or_direction_is_another_contact(backend: Backend, other: Contact) -> None:
    assert repeats(backend, [contact(0), contact(1, **other)]) == []


@pytest.mark.parametrize("silent", [None, "", " ", "?!", "……"])
def test_what_says_nothing_is_never_a_repeat(backend: Backend, silent: str | None) -> None:
    assert repeats(backend, [contact(0, silent), contact(1, silent)]) == []


def test_nobody_known_is_never_a_repeat(backend: Backend) -> None:
    assert repeats(backend, [contact(0, customer_id=None), contact(1, customer_id=None)]) == []


def test_refused_and_excluded_rows_neither_repeat_nor_are_repeated(backend: Backend) -> None:
    assert repeats(backend, [contact(0, reasons="broken"), contact(1), contact(2, excluded=True)]) == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Where is it?", "where  is it!!", True),
        ("订单１２３，在哪？", "订单123在哪", False),
        ("订单１２３，在哪？", " 订单123 在哪\n", True),
        ("👍", "👍 ", True),
        ("👍", "👎", False),
        ("1.5", "15", False),
    ],
)
def test_words_are_compared_without_forms_case_and_punctuation(
    backend: Backend, one: str, other: str, same: bool
) -> None:
    texts = arrow_tables(backend, {"texts": pa.table({"text": [one, other]})})["texts"]
    first, second = texts.select(found=phrase(texts.text)).to_pyarrow()["found"].to_pylist()
    assert (first == second) == same


def test_what_the_lake_has_stays_whenever_it_was(backend: Backend) -> None:
    assert repeats(backend, [contact(0), contact(20), contact(40)], earlier=[contact(9), contact(29.5)]) == [1, 2]


def test_versions_of_one_contact_are_no_repeats(backend: Backend) -> None:
    again = arrow_tables(
        backend,
        {"met": pa.table({"source_row": [1, 2, 4], STATE: ["kept", "kept", "known"], SINGLE: [False, False, False]})},
    )["met"]
    rows = [contact(0), contact(1), contact(30), contact(30)]
    assert repeats(backend, rows, again=again) == []
    assert repeats(backend, [*rows[:2], contact(2)], again=again) == [3]


def test_equal_rows_of_a_file_without_keys_are_counted(backend: Backend) -> None:
    rows = [contact(0, interaction_id="ab"), contact(0, interaction_id="ab-1"), contact(5, interaction_id="cd")]
    assert repeats(backend, rows, keyless=True) == [3]


def oracle(rows: list[Contact], window: float) -> list[int]:
    """The same in plain pandas: each row beside the last kept of its words."""
    found: list[int] = []
    frame = pd.DataFrame(rows).assign(row=range(1, len(rows) + 1))
    frame["content"] = frame["content"].str.lower().str.strip("?! ")
    frame = frame[frame["customer_id"].notna() & frame["content"].notna() & (frame["content"] != "")]
    for _, same in frame.groupby(["customer_id", "channel", "content"]):
        kept = None
        for _, row in same.sort_values(["occurred_at", "row"]).iterrows():
            if kept is not None and row["occurred_at"] - kept <= timedelta(minutes=window):
                found.append(row["row"])
            else:
                kept = row["occurred_at"]
    return sorted(found)


ROWS = st.builds(
    contact,
    st.integers(0, 60),
    st.sampled_from(["Hello", "hello!", "Other", "?", None]),
    customer_id=st.sampled_from(["C1", "C2", None]),
    channel=st.sampled_from(["chat", "email"]),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=st.lists(ROWS, min_size=1, max_size=25), minutes=st.integers(1, 20))
def test_as_plain_pandas_finds_them(backend: Backend, rows: list[Contact], minutes: int) -> None:
    assert repeats(backend, rows, minutes=minutes) == oracle(rows, minutes)


MAPPING = """
[interactions]
near_duplicate_minutes = {minutes}
[interactions.columns]
interaction_id = "id"
customer_id = "customer"
occurred_at = "when"
content = "text"
"""
LINES = [
    "1,C1,2024-01-05 10:00,Where is my order?",
    "2,C1,2024-01-05 10:04,where is my order",
    "3,C2,2024-01-05 10:04,Where is my order?",
    "3,C2,2024-01-05 10:04,Where is my order? It was due.",
]


def receive(workspace: Workspace, lines: list[str], minutes: float = 10) -> dict[str, Any]:
    """Collected and cleaned; the account of all that was received."""
    folder = workspace.folder.parent
    (folder / "m.toml").write_text(MAPPING.format(minutes=minutes), encoding="utf-8")
    (folder / "mail.csv").write_text("\n".join(["id,customer,when,text", *lines]) + "\n", encoding="utf-8")
    collect(workspace, [folder / "mail.csv"], "interactions", folder / "m.toml", source="crm")
    (row,) = clean(workspace).rows
    return row.to_dict()


def test_cleaning_counts_them_as_duplicates_and_stays_as_it_is(tmp_path: Path) -> None:
    workspace = open_workspace(tmp_path / "company", create=True)
    account = receive(workspace, LINES)
    assert (account["received"], account["kept"], account["duplicate"]) == (4, 3, 1)
    assert account["repairs"]["near duplicate"] == 1
    # The file grown by a late repeat and by a new contact: the repeats are found beside what the lake holds.
    account = receive(workspace, [*LINES, "4,C1,2024-01-05 09:52,Where is my order?", "5,C1,2024-01-06 10:00,Thanks"])
    assert (account["received"], account["kept"], account["duplicate"], account["known"]) == (10, 4, 3, 3)
    kept = workspace.lake.read("interactions")["interaction_id"].to_pylist()
    assert sorted(kept) == ["1", "3", "3", "5"]
    account = receive(workspace, LINES, minutes=0)
    assert (account["kept"], account["duplicate"], account["known"]) == (6, 0, 4)
    assert "near duplicate" not in account["repairs"]
