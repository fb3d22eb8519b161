"""`rapport quarantine`: filters, rows explained, a file for a spreadsheet, and another try."""

import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Rapport = Callable[..., Any]
SOURCE = "company/chats.xlsx"


def listed(rapport: Rapport, workspace: Path, *options: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(
        rapport("quarantine", "list", *options, "--json", "--workspace", workspace).out
    )
    return found


def test_the_list_is_filtered(rapport: Rapport, demo_workspace: Path) -> None:
    everything = listed(rapport, demo_workspace)
    chats = listed(rapport, demo_workspace, "--source", SOURCE)
    assert {row["source"] for row in chats} == {SOURCE}
    orders = listed(rapport, demo_workspace, "--table", "orders")
    assert [row for row in everything if row["table"] == "orders"] == orders
    shown = rapport("quarantine", "list", "--table", "orders", "--workspace", demo_workspace).out
    assert f"{sum(row['rows'] for row in orders)} rows in quarantine, table orders" in shown


def test_an_unknown_table_is_refused(rapport: Rapport, demo_workspace: Path) -> None:
    shown = rapport("quarantine", "show", "calls", "--workspace", demo_workspace)
    assert shown.code == 1
    assert "interactions, customers" in shown.err


def test_rows_are_explained_and_a_short_list_says_so(rapport: Rapport, demo_workspace: Path) -> None:
    options = ("--source", SOURCE, "--reason", "satisfaction", "--workspace", demo_workspace)
    shown = rapport("quarantine", "show", "interactions", *options, "--limit", 1).out
    assert "received 评分 = " in shown
    assert "--output FILE.csv writes all of them" in shown


def test_a_spreadsheet_gets_every_row_and_no_formula(rapport: Rapport, demo_workspace: Path, tmp_path: Path) -> None:
    file = tmp_path / "refused.csv"
    options = ("--source", SOURCE, "--output", file, "--limit", 1, "--workspace", demo_workspace)
    shown = rapport("quarantine", "show", "interactions", *options)
    assert shown.code == 0
    assert file.read_bytes().startswith("\ufeff".encode())
    assert file.stat().st_mode & 0o077 == 0
    rows = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
    assert len(rows) - 1 == sum(row["rows"] for row in listed(rapport, demo_workspace, "--source", SOURCE))
    assert rows[0][:3] == ["refused in file", "refused row", "refused because"]
    assert "会话编号" in rows[0]


@pytest.mark.parametrize(
    ("text", "cell"), [("=1+1", "'=1+1"), ("-681", "-681"), ("-", "-"), ("@x", "'@x"), (None, ""), ("1:30", "1:30")]
)
def test_cells_are_no_formulas(text: str | None, cell: str) -> None:
    from cli.quarantine import _cell

    assert _cell(text) == cell


def test_retry_keeps_rows_after_the_mapping_is_mended(rapport: Rapport, demo_workspace: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(demo_workspace, copy, ignore=shutil.ignore_patterns("state.db-*"))
    mapping = (copy / "company" / "mappings" / "chats_interactions.toml").read_text(encoding="utf-8")
    mended = tmp_path / "mended.toml"
    rule = 'satisfaction = { column = "评分" }'
    assert rule in mapping
    mended.write_text(mapping.replace(rule, ""), encoding="utf-8")
    place = (SOURCE, "--table", "interactions", "--workspace", copy)
    assert "Nothing has changed" in rapport("quarantine", "retry", *place).out
    before = listed(rapport, copy, "--source", SOURCE)
    seen = json.loads(rapport("quarantine", "retry", *place, "--mapping", mended, "--preview", "--json").out)
    assert listed(rapport, copy, "--source", SOURCE) == before
    done = json.loads(rapport("quarantine", "retry", *place, "--mapping", mended, "--json").out)
    assert {**seen, "preview": False} == done
    out_of_range = sum(row["rows"] for row in before if row["reasons"] == "satisfaction out of range")
    # A spoilt row is a near duplicate of the true one: out of quarantine, it may count as that.
    assert done["kept_now"] + done["left_out_now"] == out_of_range > 0
    after = listed(rapport, copy, "--source", SOURCE)
    assert sum(row["rows"] for row in after) == done["after"]["quarantined"]
