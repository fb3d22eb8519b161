"""Going through a file in parts, looking values up and reading raw as the engine wrote it: the same tables."""

import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from interactions.cleaning import one_file, words
from interactions.cleaning.clean import clean
from interactions.sources import delimited
from interactions.sources.collect import collect
from workspace.folder import Workspace, open_workspace

MAPPING = """
[interactions]
where = "kind != 'test'"
[interactions.columns]
interaction_id = "id"
customer_id = { column = "customer", nulls = ["0", "未知"] }
occurred_at = { column = "when", format = ["%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M"] }
channel = "how"
kind = "kind"
duration = { column = "talk", unit = "min", default = "1" }
satisfaction = "stars"
content = "text"
"""
KEYLESS = MAPPING.replace('interaction_id = "id"\n', "")
MOMENT = datetime(2026, 1, 2, tzinfo=UTC)
VALUES = {
    "id": [*map(str, range(1, 40)), " ４ ", "", "N/A"],
    "customer": ["C1", "C1", "C1", "Ｃ１", "0", "未知", "", " C2"],
    "when": [*["2024-01-05 10:00", "05/01/2024 10:05", "2024-01-05T10:00:00"] * 4, "soon", "31/02/2024 10:00", ""],
    "how": ["电话", "chat", "信鸽", ""],
    "kind": ["ask", "ask", "test", ""],
    "talk": [*["2", "1:30", "3 min", ""] * 4, "-1", "x"],
    "stars": [*["5", "4.0", "-"] * 4, "4.5", "9"],
    "text": ["很好", "Call 13812345678", "Call 13912345678.", "call 13912345678", "?", ""],
}


def lines(rows: int, seed: int) -> str:
    drawn = random.Random(seed)
    found = [",".join(drawn.choice(values) for values in VALUES.values()) for _ in range(rows)]
    return "\n".join([",".join(VALUES), *found]) + "\n"


def cleaned(folder: Path, mapping: str, *files: str) -> dict[str, list[dict[str, Any]]]:
    """All tables that come of the files, one collected and cleaned after the other."""
    workspace = open_workspace(folder / "company", create=True)
    (folder / "m.toml").write_text(mapping, encoding="utf-8")
    for text in files:
        (folder / "calls.csv").write_text(text, encoding="utf-8")
        collect(workspace, [folder / "calls.csv"], "interactions", folder / "m.toml", source="crm", collected_at=MOMENT)
        clean(workspace)
    return contents(workspace)


def contents(workspace: Workspace) -> dict[str, list[dict[str, Any]]]:
    tables = ("interactions", "message_signals", "quarantine", "accounts")
    found = {name: workspace.lake.read(name).to_pylist() for name in tables}
    for row in found["accounts"]:
        row.pop("raw_file")
    return {name: sorted(rows, key=lambda row: (row["collected_at"], repr(row))) for name, rows in found.items()}


@pytest.mark.parametrize("mapping", [MAPPING, pytest.param(KEYLESS, marks=pytest.mark.slow)])
def test_in_parts_and_looked_up_as_in_one_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mapping: str) -> None:
    files = [lines(60, 1), lines(90, 1)]
    for name in ("whole", "parts"):
        (tmp_path / name).mkdir()
    whole = cleaned(tmp_path / "whole", mapping, *files)
    assert whole["accounts"][-1]["kept"] > 0
    assert "near duplicate" in whole["accounts"][0]["repairs"]
    monkeypatch.setattr(one_file, "PART_ROWS_WITH_TEXT", 17)
    monkeypatch.setattr(words, "SAMPLE_ROWS", 20)
    monkeypatch.setattr(delimited, "LEAST_BYTES", 0)
    in_parts = cleaned(tmp_path / "parts", mapping, *files)
    assert in_parts == whole


def test_rows_stand_in_the_order_of_their_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_file, "PART_ROWS_WITH_TEXT", 50)
    cleaned(tmp_path, KEYLESS, lines(200, 2))
    rows = open_workspace(tmp_path / "company").lake.read("interactions")["source_row"].to_pylist()
    assert rows == sorted(rows)
    assert len(rows) > 20


def test_of_every_key_one_row_at_most_is_no_later_version(tmp_path: Path) -> None:
    tables = cleaned(tmp_path, MAPPING, lines(60, 1), lines(90, 3))
    by_key: dict[str, list[bool]] = {}
    for row in tables["interactions"]:
        by_key.setdefault(row["interaction_id"], []).append(row["is_revision"])
    assert {flag for flags in by_key.values() for flag in flags} == {False, True}
    assert all(flags.count(False) <= 1 for flags in by_key.values())
    signals = {(row["collected_at"], row["source_row"]): row["is_revision"] for row in tables["message_signals"]}
    said = [row for row in tables["interactions"] if row["content"] is not None]
    assert {(row["collected_at"], row["source_row"]): row["is_revision"] for row in said} == signals
